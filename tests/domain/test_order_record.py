from datetime import datetime

import pytest

from domain.arranging import history_of
from domain.commands import CommandAnswered, Marker
from domain.dossier import order_id
from domain.events import RecordedEvent, holds
from domain.facts.notification import NotificationReceived
from domain.facts.person import CustodyEnded
from domain.findings import BreachRecorded, FindingWithdrawn, NotificationMissed
from domain.history import home_on_record
from domain.orders import FactRefused, OrderOpened, StalkingProtectionOrder
from domain.regimes import EW_SPA_2019
from domain.subjects import Subject
from domain.vocabulary import Statement
from tests.given_when_then import (
    APPLIED,
    DEADLINE,
    GRANTED,
    NOTIFIED,
    SERVED,
    Story,
    at,
    breach,
    envelope,
    fact,
    given,
    opened,
)

LIVE = (APPLIED, GRANTED, SERVED)
RETRACTED = fact("2026-11-11 09:00", "BreachRetracted", incident="INC-1")
EVENTFUL = (
    *LIVE,
    breach("2026-11-03 09:00", incident="INC-1"),
    fact("2026-11-03 10:00", "NotificationReceived", method="telephone"),
    fact("2026-11-03 11:00", "OrderVaried", applicant="victim"),
    DEADLINE,
    RETRACTED,
)


def told(*steps: Statement | datetime) -> tuple[Story, list[RecordedEvent]]:
    """A story and everything its order wrote, the opening included."""
    order = opened()
    opening = order.collect_events()
    story = Story(order).when(*steps)
    return story, [*opening, *story.heard]


def test_read_back_it_is_the_same_order() -> None:
    story, written = told(*EVENTFUL)
    read_back = StalkingProtectionOrder(story.order.id)
    read_back.fold(written)
    read_back.advance(story.now, entered_at=story.now)
    assert not read_back.collect_events()
    assert read_back == story.order
    assert read_back.position(story.now) == story.position()


def test_read_back_it_concludes_what_time_brings() -> None:
    story, written = told(*LIVE)
    read_back = StalkingProtectionOrder(story.order.id)
    read_back.fold(written)
    read_back.advance(DEADLINE, entered_at=DEADLINE)
    assert [type(entry.event) for entry in read_back.collect_events()] == [NotificationMissed]


def test_every_event_has_its_place_and_none_is_left_out() -> None:
    _, written = told(*EVENTFUL)
    assert [entry.originator_version for entry in written] == list(range(1, len(written) + 1))
    assert len({entry.event_id for entry in written}) == len(written)


@pytest.mark.parametrize("again", [SERVED, breach("2026-11-03 09:00", incident="INC-1")])
def test_told_twice_it_is_recorded_once(again: Statement) -> None:
    story = given(*LIVE, again)
    before = story.order.version
    stated = story.order.state(again, entered_at=at("2026-11-04 09:00"))
    assert stated.recorded in story.order.facts
    assert story.order.version == before


def test_what_was_left_out_and_is_then_said_to_be_nothing_is_another_fact() -> None:
    """The first counts; the second says that he gave no address (s.9)."""
    left_out = fact("2026-11-03 10:00", "NotificationReceived", names=["A B"])
    none_given = fact("2026-11-03 10:00", "NotificationReceived", names=["A B"], home_address=None)
    story = given(*LIVE, left_out).when(left_out)
    assert not story.heard
    story.when(none_given, none_given)
    assert [type(entry.event) for entry in story.heard] == [NotificationReceived]


def test_told_twice_a_report_that_does_not_count_is_answered_alike() -> None:
    rang = fact("2026-11-03 10:00", "NotificationReceived", method="telephone")
    story = given(*LIVE).when(rang)
    story.then_refused("NOTIFICATION_METHOD_INVALID").when(rang)
    story.then_refused("NOTIFICATION_METHOD_INVALID")
    assert not story.heard


def test_refused_twice_for_one_reason_it_is_kept_once() -> None:
    story = given().when(SERVED).then_refused("ORDER_NOT_IN_FORCE")
    story.when(SERVED).then_refused("ORDER_NOT_IN_FORCE")
    assert not story.heard
    assert len(story.order.refused) == 1


def test_two_things_refused_in_one_instant_are_both_kept() -> None:
    posted = fact("2026-11-02 12:00", "OrderPosted")
    story = given().when(SERVED, posted)
    assert [entry.event.fact for entry in story.order.refused] == [SERVED.fact, posted.fact]


def test_what_was_refused_is_lawful_once_its_ground_is_told() -> None:
    story = given().when(SERVED).then_refused("ORDER_NOT_IN_FORCE")
    story.when(APPLIED, GRANTED, SERVED).then_duties(("initial", "open"))


def test_the_same_words_at_another_time_are_another_fact() -> None:
    used = [fact(f"2026-11-0{day} 09:00", "NameUsed", name="Alex Moor") for day in (3, 4)]
    story = given(*LIVE).when(*used)
    assert len(story.heard) == 2


def test_concluding_twice_records_nothing() -> None:
    story, _ = told(*EVENTFUL)
    story.order.conclude(story.now, entered_at=story.now)
    assert not story.order.collect_events()


def test_a_record_is_opened_once() -> None:
    order = opened()
    again = OrderOpened(reference="SPO-2", force="Essex", regime=EW_SPA_2019.name)
    order.open(again, envelope(at("2026-11-02 09:00")))
    assert (order.reference, order.force, order.version) == ("SPO-1", "Kent", 1)


def test_a_record_nobody_opened_has_nothing_in_force() -> None:
    position = StalkingProtectionOrder(order_id("SPO-1")).position(DEADLINE)
    assert (position.status, position.in_force, position.findings) == ("applied", None, [])


def test_a_finding_that_fell_is_still_to_be_found() -> None:
    story, written = told(*EVENTFUL)
    (fallen,) = story.order.withdrawn
    assert isinstance(fallen.event, BreachRecorded)
    assert story.order.finding(fallen.originator_version) is fallen
    withdrawal = next(entry for entry in written if holds(entry, FindingWithdrawn))
    assert story.order.conclusion(withdrawal.originator_version) is withdrawal
    assert withdrawal.event.finding_version == fallen.originator_version


def test_a_conclusion_names_the_fact_that_led_to_it() -> None:
    _, written = told(*LIVE, breach("2026-11-03 09:00"))
    report, found = written[-2:]
    assert isinstance(found.event, BreachRecorded)
    assert found.envelope.causation_id == report.event_id
    assert (found.envelope.actor, found.envelope.force) == ("register", "Kent")
    assert found.envelope.law == EW_SPA_2019.name


def test_what_time_brought_names_no_fact_and_stands_at_its_hour() -> None:
    story, written = told(*LIVE)
    story.when(DEADLINE)
    missed = story.heard[-1]
    assert missed.envelope.causation_id is None
    assert missed.envelope.occurred_at == missed.envelope.recorded_at == DEADLINE
    assert written


def test_a_refused_fact_keeps_its_words() -> None:
    (refused,) = given().when(SERVED).order.refused
    again = FactRefused.model_validate_json(refused.event.model_dump_json())
    assert again == refused.event
    assert again.fact == SERVED.fact


def test_an_event_of_another_kind_of_stream_means_nothing_here() -> None:
    alien = CommandAnswered(order_id=order_id("SPO-1"), version=1)
    for stream in (StalkingProtectionOrder(order_id("SPO-1")), Subject(order_id("SPO-1"))):
        stream.fold([RecordedEvent(stream.id, 1, envelope(DEADLINE), alien)])
        assert not stream.facts


def test_a_custody_release_means_nothing_to_a_command() -> None:
    marker = Marker(order_id("SPO-1"))
    marker.fold([RecordedEvent(marker.id, 1, envelope(DEADLINE), CustodyEnded())])
    assert marker.first_answer() is None


def test_the_order_facts_are_read_in_is_not_a_fact() -> None:
    story = given(*EVENTFUL[:4], NOTIFIED)
    facts = story.order.facts
    assert history_of(reversed(facts), EW_SPA_2019) == history_of(facts, EW_SPA_2019)


def test_the_last_address_told_or_moved_to_is_the_one_on_record() -> None:
    moved = fact("2026-11-10 09:00", "HomeAddressChanged", to="9 Elm Row")
    assert home_on_record(given(*LIVE).position().history) is None
    assert home_on_record(given(*LIVE, NOTIFIED).position().history) == "1 High Street, Dover"
    assert home_on_record(given(*LIVE, NOTIFIED, moved).position().history) == "9 Elm Row"

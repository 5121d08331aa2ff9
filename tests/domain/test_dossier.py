from datetime import datetime
from typing import Any
from uuid import UUID

from domain.dossier import Dossier, order_id, subject_id
from domain.events import RecordedEvent
from domain.findings import BreachJudgement, BreachRecorded, FindingWithdrawn
from domain.orders import OrderOpened, StalkingProtectionOrder, Stated
from domain.regimes import EW_SPA_2019
from domain.subjects import OrderLinked, Subject
from domain.vocabulary import Statement, read_statement
from tests.given_when_then import (  # fmt: skip
    APPLIED,
    DEADLINE,
    GRANTED,
    NOTIFIED,
    SERVED,
    at,
    breach,
    envelope,
    fact,
)

LIVE = (APPLIED, GRANTED, SERVED)
HELD = fact("2026-11-03 09:00", "CustodyStarted", kind="remand", establishment="HMP Elmley")
DIED = fact("2026-11-06 09:00", "DefendantDied")
SIGN_ON = {"code": "R-SIGN-ON", "at": "Dover"}
ZONE = {"code": "P-ZONE-AREA", "area": "Dover town centre"}


def a_person() -> Dossier:
    return Dossier(Subject(subject_id("Robin Marsh")))


def an_order(dossier: Dossier, reference: str, *facts: Statement) -> StalkingProtectionOrder:
    opened = OrderOpened(reference=reference, force="Kent", regime=EW_SPA_2019.name)
    order = dossier.open(opened, envelope(at("2026-11-02 08:00"), dossier.subject.id))
    for statement in facts:
        stated = state(dossier, statement, order)
        assert stated.refusal is None
    return order


def state(dossier: Dossier, statement: Statement, order: StalkingProtectionOrder) -> Stated:
    return dossier.state(statement, order, entered_at=statement.recorded_at)


def duties(order: StalkingProtectionOrder, now: datetime) -> list[str]:
    return [str(duty.state) for duty in order.position(now).duties]


def granted(*conditions: dict[str, Any]) -> Statement:
    return fact(
        "2026-11-03 10:00", "FullOrderGranted", until="further_order", conditions=list(conditions)
    )


def test_one_visit_to_the_station_notifies_under_every_order() -> None:
    dossier = a_person()
    first, second = an_order(dossier, "SPO-1", *LIVE), an_order(dossier, "SPO-2", *LIVE)
    state(dossier, NOTIFIED, first)
    assert duties(first, DEADLINE) == duties(second, DEADLINE) == ["met"]


def test_a_notification_said_to_be_for_one_order_is_for_that_one() -> None:
    dossier = a_person()
    first, second = an_order(dossier, "SPO-1", *LIVE), an_order(dossier, "SPO-2", *LIVE)
    data = NOTIFIED.fact.model_dump(mode="json") | {"order_ref": "SPO-1"}
    only = {"t": NOTIFIED.t.isoformat(), "type": "NotificationReceived", "data": data}
    state(dossier, read_statement(only), first)
    assert duties(first, DEADLINE) == ["met"]
    assert duties(second, DEADLINE) == ["missed"]


def test_custody_reaches_every_order() -> None:
    dossier = a_person()
    first, second = an_order(dossier, "SPO-1", *LIVE), an_order(dossier, "SPO-2", *LIVE)
    state(dossier, HELD, first)
    for order in (first, second):
        assert order.position(at("2026-11-03 10:00")).facets == ["in_custody"]


def test_a_breach_is_of_the_order_it_was_reported_under() -> None:
    dossier = a_person()
    first, second = an_order(dossier, "SPO-1", *LIVE), an_order(dossier, "SPO-2", *LIVE)
    state(dossier, breach("2026-11-03 12:00"), first)
    assert len(first.standing) == 1
    assert not second.standing


def test_an_order_opened_later_knows_what_was_known_of_the_person() -> None:
    dossier = a_person()
    state(dossier, HELD, an_order(dossier, "SPO-1", *LIVE))
    later = an_order(dossier, "SPO-2", *LIVE, breach("2026-11-03 12:00"))
    assert later.facts[0].envelope.recorded_at == HELD.t
    (found,) = [e.event for e in later.standing.values() if isinstance(e.event, BreachRecorded)]
    assert found.judgement is BreachJudgement.IN_CUSTODY


def test_what_is_refused_is_not_learned_of_the_person() -> None:
    dossier = a_person()
    order = an_order(dossier, "SPO-1", *LIVE, DIED)
    released = fact("2026-11-07 09:00", "CustodyEnded")
    stated = state(dossier, released, order)
    assert stated.refusal is not None
    assert [entry.event for entry in dossier.subject.facts] == [DIED.fact]


def test_what_is_known_of_the_person_is_learned_once() -> None:
    dossier = a_person()
    first, second = an_order(dossier, "SPO-1", *LIVE), an_order(dossier, "SPO-2", *LIVE)
    state(dossier, HELD, first)
    state(dossier, HELD, second)
    assert [entry.event for entry in dossier.subject.facts] == [HELD.fact]


def test_the_same_thing_happening_twice_is_learned_twice() -> None:
    dossier = a_person()
    order = an_order(dossier, "SPO-1", *LIVE)
    for day in (4, 6):
        state(dossier, fact(f"2026-11-0{day} 09:00", "LeftUnitedKingdom"), order)
    state(dossier, fact("2026-11-06 09:00", "HospitalDetentionStarted"), order)
    assert len(dossier.subject.facts) == 3


def test_a_death_closes_every_order() -> None:
    dossier = a_person()
    first = an_order(dossier, "SPO-1", *LIVE, breach("2026-11-03 12:00"))
    second = an_order(dossier, "SPO-2", *LIVE)
    state(dossier, DIED, second)
    assert {order.position(DIED.t).status for order in (first, second)} == {"closed"}
    assert not first.standing


def test_a_later_order_may_not_send_him_where_an_earlier_one_forbids() -> None:
    dossier = a_person()
    an_order(dossier, "SPO-1", APPLIED, granted(ZONE))
    second = an_order(dossier, "SPO-2", APPLIED)
    stated = state(dossier, granted(SIGN_ON), second)
    assert stated.refusal is not None
    assert stated.refusal.code == "INCOMPATIBLE_WITH_EARLIER_SPO"


def test_an_order_that_is_over_forbids_nothing() -> None:
    dossier = a_person()
    ended = fact("2026-11-03 10:00", "OrderDischarged")
    first = fact("2026-11-02 10:00", "FullOrderGranted", until="further_order", conditions=[ZONE])
    an_order(dossier, "SPO-1", APPLIED, first, ended)
    second = an_order(dossier, "SPO-2", APPLIED)
    assert state(dossier, granted(SIGN_ON), second).refusal is None


def test_a_provision_commenced_by_settings_opens_its_route() -> None:
    day = at("2026-11-01 00:00").date()
    dossier = Dossier(Subject(subject_id("Robin Marsh")), routes={"spo_on_conviction": day})
    order = an_order(dossier, "SPO-1")
    convicted = fact(
        "2026-11-03 10:00", "FullOrderGranted", until="further_order", origin="conviction"
    )
    assert state(dossier, convicted, order).refusal is None  # fmt: skip


def test_everything_written_is_saved_together_orders_first() -> None:
    dossier = a_person()
    first, second = an_order(dossier, "SPO-1", *LIVE), an_order(dossier, "SPO-2", *LIVE)
    state(dossier, HELD, first)
    pending = dossier.pending()
    assert _streams(pending) == [first.id, second.id, dossier.subject.id]
    assert not dossier.pending()


def _streams(written: list[RecordedEvent]) -> list[UUID]:
    return list(dict.fromkeys(entry.originator_id for entry in written))


def test_a_person_read_back_is_the_same_person() -> None:
    dossier = a_person()
    state(dossier, HELD, an_order(dossier, "SPO-1", *LIVE))
    again = Subject(dossier.subject.id)
    again.fold(dossier.subject.collect_events())
    assert again == dossier.subject
    assert again.order_ids == [order_id("SPO-1")]


def test_an_order_is_linked_to_its_person_once() -> None:
    dossier = a_person()
    order = an_order(dossier, "SPO-1")
    dossier.subject.link(order.id, envelope(DEADLINE))
    linked = [e for e in dossier.subject.collect_events() if isinstance(e.event, OrderLinked)]
    assert len(linked) == 1


def test_custody_learned_of_late_reaches_every_order_s_alert() -> None:
    dossier = a_person()
    orders = [an_order(dossier, f"SPO-{n}", *LIVE) for n in (1, 2)]
    for order in orders:
        order.advance(DEADLINE, entered_at=DEADLINE)
    late = fact("2026-11-03 09:00", "CustodyStarted", recorded="2026-11-05 10:00")
    state(dossier, late, orders[0])
    for order in orders:
        written = [type(entry.event) for entry in order.collect_events()]
        assert FindingWithdrawn in written

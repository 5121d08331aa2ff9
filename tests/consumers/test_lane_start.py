"""A receiver is told from the moment it is set, or from where a person says; nothing is ever left out."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from eventsourcing.persistence import Tracking
from pydantic import SecretStr

from consumers.lane_start import beginning, superseded
from consumers.outward_lane import Lane
from domain.desk.receivers import ReceiverBegins, ReceiverRecord, receiver_stream
from spowatch.pipeline import pipeline
from spowatch.sending_from import send_from
from spowatch.settings.outward import WebhookSettings
from spowatch.wiring.outward import begin_receivers, lane
from tests.consumers.outside import KEY, Outside, answered_first
from tests.servers.receiver import Receiver, receiving
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle

NAMES = ("outward:webhook", "outward-urgent:webhook")


@pytest.fixture
def endpoint() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def outside(tmp_path: Path, endpoint: Receiver) -> Iterator[Outside]:
    with store_at(tmp_path) as store:
        webhook = WebhookSettings(url=SecretStr(endpoint.url), key=KEY)
        settings = store.settings.model_copy(update={"webhook": webhook})
        object.__setattr__(store, "settings", settings)
        yield Outside(store, endpoint)


@contextmanager
def lanes(outside: Outside) -> Iterator[list[Lane]]:
    """Both, as the program opens them."""
    first, second = (lane(each, outside.store, outside.clock) for each in NAMES)
    with first as one, second as two:
        yield [answered_first(one), answered_first(two)]


def sent(outside: Outside) -> list[object]:
    """By which orders, since this was last asked."""
    with lanes(outside) as both:
        for each in both:
            each.work(0)
    told = [each["data"]["order"] for each in outside.told]
    outside.endpoint.reached.clear()
    return sorted(told, key=str)


def broken(outside: Outside, order: str) -> None:
    tell(outside.store, order, *served_order(), breach())
    work_until_idle(outside.store, "alert")


def test_one_that_is_newly_set_is_not_told_of_the_past(outside: Outside) -> None:
    outside.breaches(3)
    assert sent(outside) == []
    broken(outside, "KENT-9")
    assert sent(outside) == ["KENT-9"]


def test_it_begins_when_the_program_starts_and_not_when_its_lane_is_ready(outside: Outside) -> None:
    outside.breaches(1)
    begin_receivers(NAMES, outside.store, NOW)
    broken(outside, "KENT-9")
    assert sent(outside) == ["KENT-9"]


def test_it_is_told_of_everything_that_was_raised_while_it_did_not_run(outside: Outside) -> None:
    assert sent(outside) == []
    outside.breaches(2)
    assert sent(outside) == ["KENT-1", "KENT-2"]


def test_one_that_was_told_before_beginnings_were_recorded_goes_on_where_it_was(
    outside: Outside,
) -> None:
    outside.breaches(1)
    head = outside.store.log.max_notification_id() or 0
    for name in ("urgent", "other"):
        outside.store.log.insert_tracking(Tracking(f"outward:webhook:{name}", head))
    broken(outside, "KENT-9")
    assert sent(outside) == ["KENT-9"]


def test_a_person_has_it_sent_from_before_but_not_what_it_took(outside: Outside) -> None:
    outside.breaches(2)
    assert sent(outside) == []
    broken(outside, "KENT-9")
    assert sent(outside) == ["KENT-9"]
    with lanes(outside) as running:
        since = NOW - timedelta(days=30)
        count = send_from(outside.store, "webhook", since, "K2001", "moved to us", NOW)
        for each in (*running, *running):
            each.work(0)
        assert (count, len(outside.told)) == (3, 2)
    assert sent(outside) == ["KENT-1", "KENT-2"]
    assert sent(outside) == []
    assert not {name for name in pipeline(outside.store).readers if name.endswith(":other")}


def test_what_was_still_to_be_sent_is_not_left_out_by_a_later_beginning(outside: Outside) -> None:
    assert sent(outside) == []
    outside.breaches(1)
    outside.endpoint.script = deque([500])
    with lanes(outside) as running:
        running[0].work(0)
        send_from(outside.store, "webhook", NOW + timedelta(days=1), "K2001", "test", NOW)
        outside.clock.pass_time(minutes=1)
        for each in (*running, *running):
            each.work(0)
    assert len(set(outside.ids)) == 1
    assert len(outside.ids) == 2


def test_who_had_it_sent_and_why_is_on_record(outside: Outside) -> None:
    beginning(outside.store.register, "webhook", NOW)
    send_from(outside.store, "webhook", NOW, "K2001", "moved to us", NOW)
    stored = outside.store.log.select_events(receiver_stream("webhook"))
    last = outside.store.mapper.to_domain_event(stored[-1])
    assert isinstance(last.event, ReceiverBegins)
    assert (last.envelope.actor, last.event.reason) == ("K2001", "moved to us")
    assert len(stored) == 2


@pytest.mark.parametrize(
    ("receiver", "staff", "reason", "said"),
    [
        ("fax", "K2001", "why", "no receiver 'fax'; with these settings there are: webhook"),
        ("webhook", "nobody at all", "why", "collar"),
        ("webhook", "K2001", " ", "say why"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(
    outside: Outside, receiver: str, staff: str, reason: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        send_from(outside.store, receiver, NOW, staff, reason, NOW)
    assert outside.store.register.read(ReceiverRecord(receiver_stream("webhook"))).version == 0


def test_a_bookmark_of_an_earlier_beginning_is_behind_nobody() -> None:
    names = (
        "outward:cad:urgent",
        "outward:cad:urgent:2",
        "outward:cad:urgent:10",
        "outward:b:other",
    )
    assert superseded(dict.fromkeys((*names, "console"), 1)) == set(names[:2])

"""The desk: one alert for one finding, whatever is delivered twice and whoever dies between."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from consumers.desk_worker import FIRST_BATCH, DeskWorker
from consumers.log_feed import LogFeed
from domain.alerts import AlertRaised
from domain.desk.events import EscalationStarted
from domain.dossier import order_id
from domain.events import holds
from domain.facts.court import ApplicationMade
from domain.findings import BreachRecorded
from domain.parked import EventParked
from spowatch.open_store import Store
from spowatch.store.mapper import UnreadableEvent
from spowatch.wiring.store import now, sweep
from tests.bench.due_orders import HIGH_RISK, enter_orders, fill_sheet
from tests.stories import breach, served_order, store_at, tell, work_until_idle

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)


def raised(store: Store) -> list[AlertRaised]:
    notifications = store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC])
    events = (store.mapper.to_domain_event(each).event for each in notifications)
    return [event for event in events if isinstance(event, AlertRaised)]


def desk(store: Store) -> DeskWorker:
    return DeskWorker(LogFeed("arrest-desk", store.events, store.log), store.register, now)


def test_a_breach_becomes_one_arrest_alert_that_names_term_and_offence(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert")
        (alert,) = raised(store)
    assert (alert.code, alert.condition, alert.offence) == (
        "BREACH_ARREST",
        "P-CONTACT-DIRECT",
        "SPA 2019 s.8(1)",
    )
    assert alert.reference == "KENT-1"


def test_a_feed_that_delivers_everything_again_raises_nothing_again(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert")
        replay = DeskWorker(LogFeed("a-second-desk", store.events, store.log), store.register, now)
        while replay.work(0):
            pass
        assert len(raised(store)) == 1


def test_a_desk_that_died_before_its_bookmark_raises_nothing_again(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        first, second = desk(store), desk(store)
        assert first.work(0)
        while second.work(0):
            pass
        assert len(raised(store)) == 1


def test_alerts_and_bookmark_are_saved_together_or_not_at_all(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        worker = desk(store)
        store.log.close()
        with pytest.raises(Exception, match=r"."):
            worker.work(0)
    with store_at(tmp_path) as store:
        assert not raised(store)
        assert store.log.max_tracking_id("arrest-desk") is None
        work_until_idle(store, "alert")
        assert len(raised(store)) == 1


def test_a_retracted_report_withdraws_its_alert_and_the_alert_stays_on_record(
    tmp_path: Path,
) -> None:
    retraction = {
        "t": "2026-12-06T09:00:00+00:00",
        "type": "BreachRetracted",
        "data": {"incident": "I1", "reason": "wrong_person"},
    }
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach(incident="I1"))
        work_until_idle(store, "alert")
        tell(store, "KENT-1", retraction)
        said = work_until_idle(store, "alert", "deliver")
        assert len(raised(store)) == 1
    assert [message["what"] for message in said] == ["raised", "withdrawn"]


def test_of_many_missed_together_those_of_high_risk_are_alerted_before_the_rest_is_read(
    tmp_path: Path,
) -> None:
    high, ordinary = FIRST_BATCH + 10, 20
    with store_at(tmp_path) as store:
        enter_orders(store, MIDNIGHT, ordinary, high)
        worker = desk(store)
        while worker.work(0):
            pass
        sheet = fill_sheet(store, MIDNIGHT - timedelta(hours=1))
        assert sweep(store, sheet, lambda: MIDNIGHT).raise_due() == high + ordinary
        sheet.close()
        assert worker.work(0) == len(raised(store)) == FIRST_BATCH
        while worker.work(0):
            pass
        urgent = [each.reference.startswith(HIGH_RISK) for each in raised(store)]
    assert urgent == [True] * high + [False] * ordinary


def test_a_report_raised_and_retracted_in_one_batch_is_told_both(tmp_path: Path) -> None:
    retraction = {
        "t": "2026-12-06T09:00:00+00:00",
        "type": "BreachRetracted",
        "data": {"incident": "I1", "reason": "wrong_person"},
    }
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach(incident="I1"), retraction)
        said = work_until_idle(store, "alert", "deliver")
    assert Counter(message["what"] for message in said) == {"raised": 1, "withdrawn": 1}


def test_separate_breaches_the_same_night_are_two_alerts_the_second_urgent(tmp_path: Path) -> None:
    second = breach(
        "2026-12-05T23:30:00+00:00", t="2026-12-05T23:40:00+00:00", condition="P-ZONE-DIST"
    )
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach(), second)
        work_until_idle(store, "alert")
        alerts = raised(store)
    assert [alert.repeats_24h for alert in alerts] == [0, 1]
    assert alerts[1].priority == 1
    assert "2 breaches in 24 hours" in alerts[1].reasons


def damage(store: Store, reference: str, version: int) -> bytes:
    """Cut a stored event short where nobody but the disk could; what it held."""
    where = (order_id(reference).bytes, version)
    with closing(sqlite3.connect(store.settings.log_path)) as log, log:
        query = "SELECT state FROM events WHERE originator_id = ? AND originator_version = ?"
        state: bytes = log.execute(query, where).fetchone()[0]
        write(log, state[:-9], *where)
    return state


def write(log: sqlite3.Connection, state: bytes, *where: object) -> None:
    change = "UPDATE events SET state = ? WHERE originator_id = ? AND originator_version = ?"
    assert log.execute(change, (state, *where)).rowcount == 1


def breach_recorded(store: Store, reference: str) -> int:
    """The version of the breach on that order."""
    order = store.register.order(reference)
    return next(v.originator_version for v in order.standing.values() if holds(v, BreachRecorded))


def parked_on(store: Store) -> list[EventParked]:
    found = store.log.select_notifications(1, 1000, topics=[EventParked.TOPIC])
    events = (store.mapper.to_domain_event(each).event for each in found)
    return [event for event in events if isinstance(event, EventParked)]


def test_an_order_that_cannot_be_read_is_parked_and_another_orders_breach_alerted(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        found_at = breach_recorded(store, "KENT-1")
        damage(store, "KENT-1", version=2)
        tell(store, "KENT-2", *served_order(), breach())
        said = work_until_idle(store, "alert", "deliver")
        parked = {each.version: each for each in parked_on(store)}
    (alert,) = [message for message in said if message["what"] == "raised"]
    assert (alert["order"], alert["code"]) == ("KENT-2", "BREACH_ARREST")
    assert parked[found_at] == EventParked(
        stream_id=order_id("KENT-1"),
        version=found_at,
        topic=BreachRecorded.TOPIC,
        reader="arrest-desk",
        fault="UnreadableEvent",
    )
    (message,) = [m for m in said if m["what"] == "parked" and m["version"] == found_at]
    assert message == {
        "what": "parked",
        "code": "UNREADABLE_RECORD",
        "class": "review",
        "priority": 1,
        "stream": str(order_id("KENT-1")),
        "version": found_at,
        "topic": BreachRecorded.TOPIC,
        "reader": "arrest-desk",
        "fault": "UnreadableEvent",
        "instruction": "A record of this order cannot be read. Find the order in the export by its "
        "stream id; act on the paper record; call the on-call team.",
    }


def test_a_name_nobody_can_read_any_more_keeps_no_alert_back(tmp_path: Path) -> None:
    """The rules have no use for it. Whoever shows it finds that it cannot be read."""
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        alter_name(store, "KENT-1")
        work_until_idle(store, "alert")
        assert [alert.code for alert in raised(store)] == ["BREACH_ARREST"]
        with pytest.raises(UnreadableEvent, match="altered"):
            store.register.order("KENT-1")


def test_how_dangerous_the_person_is_held_to_be_is_read_for_every_alert(tmp_path: Path) -> None:
    applied, *life = served_order()
    applied["data"]["defendant"]["risk"] = "very_high"
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", applied, *life, breach())
        work_until_idle(store, "alert")
        (alert,) = raised(store)
    assert alert.priority == 1
    assert "subject assessed as high or very high risk" in alert.reasons


def alter_name(store: Store, reference: str) -> None:
    """Of the defendant, in the application."""
    where = (order_id(reference).bytes, ApplicationMade.TOPIC)
    with closing(sqlite3.connect(store.settings.log_path)) as log, log:
        read = "SELECT state FROM events WHERE originator_id = ? AND topic = ?"
        state = json.loads(log.execute(read, where).fetchone()[0])
        name = state["event"]["defendant"]["name"]
        name["c"] = name["c"][::-1]
        write = "UPDATE events SET state = ? WHERE originator_id = ? AND topic = ?"
        log.execute(write, (json.dumps(state).encode(), *where))


def test_what_is_parked_is_said_once_whoever_starts_again(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        damage(store, "KENT-1", version=2)
        assert work_until_idle(store, "alert", "deliver")
        on_record = parked_on(store)
    with store_at(tmp_path) as store:
        assert work_until_idle(store, "alert", "deliver") == []
        forget_bookmarks(store)
    with store_at(tmp_path) as store:
        assert work_until_idle(store, "alert", "deliver") == []
        assert parked_on(store) == on_record


def forget_bookmarks(store: Store) -> None:
    with closing(sqlite3.connect(store.settings.log_path)) as log, log:
        log.execute("DELETE FROM tracking")


def test_a_desk_that_died_before_its_bookmark_parks_nothing_again(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        damage(store, "KENT-1", version=2)
        first, second = desk(store), desk(store)
        assert first.work(0)
        on_record = parked_on(store)
        while second.work(0):
            pass
        assert parked_on(store) == on_record != []


def test_alerts_parked_events_and_bookmark_are_saved_together(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        damage(store, "KENT-1", version=2)
        tell(store, "KENT-2", *served_order(), breach())
        head = store.log.max_notification_id()
        assert desk(store).work(0)
        written = store.log.select_notifications(head, 100, inclusive_of_start=False)
        alert = {AlertRaised.TOPIC, EscalationStarted.TOPIC}
        assert {each.topic for each in written} == {*alert, EventParked.TOPIC}
        assert store.log.max_tracking_id("arrest-desk") == head


def test_once_the_record_is_restored_a_desk_begun_again_raises_what_was_parked(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        state = damage(store, "KENT-1", version=2)
        work_until_idle(store, "alert", "deliver")
        with closing(sqlite3.connect(store.settings.log_path)) as log, log:
            write(log, state, order_id("KENT-1").bytes, 2)
        forget_bookmarks(store)
        said = work_until_idle(store, "alert", "deliver")
    assert [(message["what"], message["order"]) for message in said] == [("raised", "KENT-1")]


def test_an_alert_that_cannot_be_read_is_parked_and_the_next_one_said(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        tell(store, "KENT-2", *served_order(), breach())
        work_until_idle(store, "alert")
        with closing(sqlite3.connect(store.settings.log_path)) as log, log:
            first = store.log.select_notifications(1, 1, topics=[AlertRaised.TOPIC])[0]
            write(log, b"{}", UUID(str(first.originator_id)).bytes, 1)
        said = work_until_idle(store, "alert", "deliver")
        assert work_until_idle(store, "alert", "deliver") == []
    assert [message["what"] for message in said] == ["raised", "parked"]
    assert (said[0]["order"], said[1]["reader"]) == ("KENT-2", "console")
    assert (said[1]["stream"], said[1]["version"]) == (str(first.originator_id), 1)


def test_nothing_personal_stands_in_an_alert(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach(narrative="He rang Vera Sample at work."))
        said = work_until_idle(store, "alert", "deliver")
        alerts = str([alert.model_dump() for alert in raised(store)])
    for word in ("Vera", "Sample", "Alan", "Example", "Hidden", "Chatham"):
        assert word not in alerts + str(said)

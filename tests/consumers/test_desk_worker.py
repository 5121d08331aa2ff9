"""The desk: one alert for one finding, whatever is delivered twice and whoever dies between."""

from collections import Counter
from pathlib import Path

import pytest

from consumers.desk_worker import DeskWorker
from consumers.log_feed import LogFeed
from domain.alerts import AlertRaised
from spowatch.wiring import Store, now
from tests.stories import breach, served_order, store_at, tell, work_until_idle


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


def test_nothing_personal_stands_in_an_alert(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach(narrative="He rang Vera Sample at work."))
        said = work_until_idle(store, "alert", "deliver")
        alerts = str([alert.model_dump() for alert in raised(store)])
    for word in ("Vera", "Sample", "Alan", "Example", "Hidden", "Chatham"):
        assert word not in alerts + str(said)

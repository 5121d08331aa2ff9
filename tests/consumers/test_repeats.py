"""A pattern of breaches makes the last one urgent, by the table that the policy holds."""

from pathlib import Path
from typing import Any

import pytest

from consumers.reconciler import GRACE
from domain.alerts import AlertCode, AlertRaised, Priority
from domain.desk.case import AlertCase
from domain.open_alerts import open_alerts
from spowatch.open_store import Store
from spowatch.settings.policy import PolicySettings
from spowatch.wiring.store import migrate, opened, throw_away
from tests.consumers.test_alert_rules import LIVE, alert_of
from tests.consumers.test_reconciler import reconciling
from tests.given_when_then import APPLIED, SERVED, breach, fact, given
from tests.stories import breach as reported
from tests.stories import served_order, tell, work_until_idle

NOW = "2026-12-10 12:00"


def last_of(before: list[str], **about: Any) -> AlertRaised:
    """The alert for the breach at `NOW`, after those."""
    return alert_of(given(*LIVE, *map(breach, before)).when(breach(NOW, **about)))


@pytest.mark.parametrize(
    ("before", "priority", "reasons"),
    [
        (["2026-12-09 12:00"], 1, ["2 breaches in 24 hours"]),
        (["2026-12-09 11:59"], 2, []),
        (["2026-12-03 12:00", "2026-12-08 12:00"], 1, ["3 breaches in 7 days"]),
        (["2026-12-03 11:59", "2026-12-08 12:00"], 2, []),
        (
            ["2026-11-10 12:00", "2026-11-18 12:00", "2026-11-26 12:00", "2026-12-03 12:00"],
            1,
            ["5 breaches in 30 days"],
        ),
        (["2026-11-10 11:59", "2026-11-18 12:00", "2026-11-26 12:00", "2026-12-03 12:00"], 2, []),
        (
            ["2026-12-05 12:00", "2026-12-10 11:00"],
            1,
            ["2 breaches in 24 hours", "3 breaches in 7 days"],
        ),
    ],
)
def test_a_pattern_makes_the_last_breach_urgent_and_is_its_reason(
    before: list[str], priority: int, reasons: list[str]
) -> None:
    alert = last_of(before)
    assert (alert.priority, list(alert.reasons)) == (priority, reasons)


def test_what_cannot_lead_to_an_arrest_now_shows_the_pattern_and_stays_as_urgent_as_it_is() -> None:
    alert = last_of(["2026-12-10 11:00"], place="Alicante")
    assert alert.code == AlertCode.BREACH_REVIEW_OUTSIDE_UK
    assert (alert.priority, alert.reasons) == (Priority.PROMPT, ("2 breaches in 24 hours",))


@pytest.mark.parametrize(("missed", "priority"), [(1, 4), (2, 3), (3, 2)])
def test_requirements_that_are_not_kept_again_and_again_are_no_routine(
    missed: int, priority: int
) -> None:
    terms = [{"code": "R-PROGRAMME"}]
    granted = fact("2026-11-02 10:00", "FullOrderGranted", until="further_order", conditions=terms)
    days = [f"2026-12-{day:02} 12:00" for day in range(11 - missed, 11)]
    kept = [breach(day, condition="R-PROGRAMME") for day in days]
    alert = alert_of(given(APPLIED, granted, SERVED, *kept[:-1]).when(kept[-1]))
    assert (alert.code, alert.priority) == (AlertCode.BREACH_REQUIREMENT, priority)


def under_own_table(folder: Path) -> dict[str, Any]:
    file = folder / "policy.toml"
    row = '[[repeats]]\nwithin = "30d"\nbreaches = 2\nraises_to = 1\n'
    file.write_text(f"version = 1\n{row}", encoding="utf-8")
    return {"policy": PolicySettings(file=file)}


def twice_in_a_month(store: Store) -> list[AlertCase]:
    first = reported("2026-11-22T21:00:00+00:00", t="2026-11-22T22:00:00+00:00", incident="I-1")
    tell(store, "KENT-1", *served_order(), first, reported(incident="I-2"))
    return list(open_alerts(store.register))


@pytest.mark.parametrize("road", ["alert", "reconcile"])
def test_on_either_road_the_table_of_the_policy_file_decides(tmp_path: Path, road: str) -> None:
    settings = throw_away(tmp_path).model_copy(update=under_own_table(tmp_path))
    migrate(settings)
    with opened(settings) as store:
        twice_in_a_month(store)
        if road == "alert":
            work_until_idle(store, "alert")
        else:
            with reconciling(store) as reconciler:
                reconciler.after(GRACE)
        found = [(each.priority, each.raised) for each in open_alerts(store.register)]
    assert [priority for priority, _ in found] == [2, 1]
    assert found[1][1] is not None
    assert found[1][1].reasons == ("2 breaches in 30 days",)


def test_a_policy_that_never_could_be_read_stops_no_alert(tmp_path: Path) -> None:
    nowhere = PolicySettings(file=tmp_path / "gone.toml")
    settings = throw_away(tmp_path).model_copy(update={"policy": nowhere})
    migrate(settings)
    with opened(settings) as store:
        tell(store, "KENT-1", *served_order(), reported())
        work_until_idle(store, "alert")
        assert len(list(open_alerts(store.register))) == 1

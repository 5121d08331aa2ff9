"""Alerts are told the time as orders are: through the sheet, to the instant, each step once."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.alerts import AlertRaised
from domain.desk.case import AlertCase
from domain.desk.events import EscalationStepFired
from domain.desk.hands import DeskRole, Hand
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from scheduler.sweeps import Sweep
from spowatch.cli.app import app
from spowatch.open_store import Store
from spowatch.running.register import role
from spowatch.wiring.store import audit_sheet
from spowatch.wiring.store import sweep as sweep_of
from tests.stories import breach, served_order, store_at, tell

RAISED = datetime(2026, 12, 5, 21, 20, tzinfo=UTC)
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
OPERATOR = Hand("K1001", DeskRole.OPERATOR, "Kent", "CR-7")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One alert of priority 1, raised at 21:20 and taken by nobody."""
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach(markers=["weapon"]), now=RAISED)
        with role("alert", store, lambda _: None, lambda: RAISED) as work:
            work(0)
        yield store


class Clock:
    def __init__(self, store: Store) -> None:
        self.at = RAISED
        self.sweep: Sweep = sweep_of(
            store, SqliteDeadlineSheet(store.settings.sheets_path), lambda: self.at
        )

    def reaches(self, instant: datetime) -> None:
        self.at = instant
        while self.sweep.read(0) or self.sweep.raise_due():
            pass


def case_of(store: Store) -> AlertCase:
    (raised,) = store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC])
    return store.register.read(AlertCase(raised.originator_id))  # type: ignore[arg-type]  # never text here


def told(store: Store) -> list[tuple[DeskRole, float]]:
    """Who was told so far, and how many seconds after the alert it was put on record."""
    found = store.log.select_notifications(1, 1000, topics=[EscalationStepFired.TOPIC])
    steps = [store.mapper.to_domain_event(each) for each in found]
    return [
        (each.event.tells, (each.envelope.recorded_at - RAISED).total_seconds())
        for each in steps
        if isinstance(each.event, EscalationStepFired)
    ]


def test_a_step_is_told_at_its_instant_and_not_a_moment_before(store: Store) -> None:
    clock = Clock(store)
    clock.reaches(RAISED + 60 * SECOND - MICROSECOND)
    assert told(store) == []
    clock.reaches(RAISED + 60 * SECOND)
    assert told(store) == [(DeskRole.SUPERVISOR, 60.0)]


def test_two_sweeps_tell_a_step_once(store: Store) -> None:
    for clock in (Clock(store), Clock(store)):
        clock.reaches(RAISED + 200 * SECOND)
    assert [duty for duty, _ in told(store)] == [DeskRole.SUPERVISOR, DeskRole.SPOC]


def test_after_downtime_each_overdue_step_is_told_once(store: Store) -> None:
    clock = Clock(store)
    clock.reaches(RAISED)
    clock.reaches(RAISED + 7200 * SECOND)
    assert told(store) == [
        (DeskRole.SUPERVISOR, 7200.0),
        (DeskRole.SPOC, 7200.0),
        (DeskRole.DUTY_OFFICER, 7200.0),
    ]


def test_an_alert_that_is_taken_tells_nobody_until_its_lease_runs_out(store: Store) -> None:
    clock = Clock(store)
    clock.reaches(RAISED + 20 * SECOND)
    case = case_of(store)
    case.acknowledge(OPERATOR, clock.at)
    store.register.keep([case])
    clock.reaches(RAISED + 600 * SECOND)
    assert told(store) == []
    clock.reaches(RAISED + 620 * SECOND)
    assert told(store) == [(DeskRole.SUPERVISOR, 620.0)]


def test_the_audit_finds_a_row_of_an_alert_that_is_gone_and_puts_it_right(store: Store) -> None:
    clock = Clock(store)
    clock.reaches(RAISED)
    assert audit_sheet(store, clock.sweep.sheet, lambda: RAISED) == []
    damaged(store, "DELETE FROM deadline WHERE kind = 'alert_escalation'")
    (missing,) = audit_sheet(store, clock.sweep.sheet, lambda: RAISED)
    assert (missing.order, missing.alert, missing.fault) == ("KENT-1", case_of(store).id, "missing")
    clock.reaches(RAISED + 60 * SECOND)
    assert len(told(store)) == 1


def test_a_sheet_from_before_alerts_were_on_it_is_made_anew(store: Store) -> None:
    Clock(store).reaches(RAISED)
    damaged(store, "DELETE FROM deadline WHERE kind LIKE 'alert%'")
    with closing(sqlite3.connect(store.settings.sheets_path)) as sheet:
        sheet.execute("PRAGMA user_version = 3")
    Clock(store).reaches(RAISED + 60 * SECOND)
    assert told(store) == [(DeskRole.SUPERVISOR, 60.0)]


def test_the_list_names_the_alert_and_a_sheet_read_anew_is_the_same(store: Store) -> None:
    Clock(store).reaches(RAISED)
    said = spowatch(store, "deadlines", "list", "--days", "100000")
    (row,) = [each for each in said["deadlines"] if each["kind"] == "alert_escalation"]
    assert (row["order"], row["alert"]) == ("KENT-1", str(case_of(store).id))
    assert (row["about"], row["due_at"]) == ("step 0", "2026-12-05T21:21:00Z")
    before = spowatch(store, "digest")["projections"]["deadline_sheet"]
    spowatch(store, "rebuild", "all")
    assert spowatch(store, "digest")["projections"]["deadline_sheet"] == before


def damaged(store: Store, sql: str) -> None:
    with closing(sqlite3.connect(store.settings.sheets_path)) as sheet, sheet:
        assert sheet.execute(sql).rowcount > 0


def spowatch(store: Store, *command: str) -> dict[str, Any]:
    json_too = () if command == ("digest",) else ("--json",)
    arguments = [*command, *json_too, "--data-dir", str(store.settings.data_dir)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer

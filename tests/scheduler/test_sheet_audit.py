"""The audit: a sheet that differs from the log is found out, reported and put right."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.sheet_audits import SheetAudited
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from scheduler.clockwork import NIGHTLY, Clockwork
from spowatch.cli.app import app
from spowatch.open_store import Store
from spowatch.wiring.store import audit_sheet, sweep
from tests.stories import store_at, tell, unnotified_order, work_until_idle

SERVED = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A store of five orders whose sheet is up to date."""
    with store_at(tmp_path) as store:
        for number in range(5):
            tell(store, f"KENT-{number}", *unnotified_order(), now=SERVED)
        sheet = SqliteDeadlineSheet(store.settings.sheets_path)
        while sweep(store, sheet, lambda: SERVED).read(0):
            pass
        sheet.close()
    return tmp_path


def damaged(directory: Path, sql: str) -> None:
    with closing(sqlite3.connect(directory / "sheets.db")) as sheet, sheet:
        assert sheet.execute(sql).rowcount > 0


def differences(store: Store) -> list[tuple[str, str]]:
    sheet = SqliteDeadlineSheet(store.settings.sheets_path)
    found = audit_sheet(store, sheet, lambda: SERVED)
    sheet.close()
    return [(each.order, each.fault) for each in found]


def test_a_sheet_that_agrees_with_the_log_has_no_differences(directory: Path) -> None:
    with store_at(directory) as store:
        assert differences(store) == []
        (stored,) = store.log.select_notifications(1, 1000, topics=[SheetAudited.TOPIC])
        audited = store.mapper.to_domain_event(stored).event
    assert isinstance(audited, SheetAudited)
    assert (audited.orders, audited.missing, audited.surplus) == (5, 0, 0)
    assert audited.rows > 5


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("DELETE FROM deadline WHERE kind = 'initial_notification'", "missing"),
        ("DELETE FROM agenda", "missing"),
        (
            (
                "INSERT INTO deadline SELECT order_id, 'hearing', 'application', due_at + 1, '', 1 "
                "FROM deadline WHERE kind = 'initial_notification'"
            ),
            "surplus",
        ),
    ],
)
def test_a_difference_is_reported_once_and_put_right(
    directory: Path, damage: str, fault: str
) -> None:
    damaged(directory, damage)
    with store_at(directory) as store:
        assert {(f"KENT-{number}", fault) for number in range(5)} == set(differences(store))
        assert differences(store) == []


def test_an_order_that_moved_on_meanwhile_is_left_to_the_sweep(directory: Path) -> None:
    with store_at(directory) as store:
        tell(store, "KENT-5", *unnotified_order(), now=SERVED)
        damaged(directory, "UPDATE agenda SET version = version - 1")
        assert {order for order, _ in differences(store)} == {"KENT-5"}


def test_the_audit_of_a_day_is_on_record_once(directory: Path) -> None:
    with store_at(directory) as store:
        differences(store)
        differences(store)
        assert len(store.log.select_notifications(1, 1000, topics=[SheetAudited.TOPIC])) == 1


def test_it_is_done_every_night(directory: Path) -> None:
    with store_at(directory) as store:
        sheet = SqliteDeadlineSheet(store.settings.sheets_path)
        clockwork = Clockwork(sweep(store, sheet), lambda: SERVED, lambda _: None, lambda: None)
        job = clockwork._scheduler.get_job(NIGHTLY)
        clockwork.close()
        sheet.close()
    assert (job.next_run_time.hour, job.next_run_time.minute) == (3, 30)
    assert job.next_run_time.utcoffset().total_seconds() == 0


def test_the_command_says_what_differed_and_ends_with_status_1(directory: Path) -> None:
    damaged(directory, "DELETE FROM deadline WHERE kind = 'order_end'")
    command = ["deadlines", "audit", "--data-dir", str(directory)]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 1
    assert told.stdout.count("missing: ") == 5
    assert "order_end" in told.stdout
    again = CliRunner().invoke(app, command)
    assert (again.exit_code, again.stdout) == (0, "")


def test_the_list_shows_what_is_due_with_its_provision(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        work_until_idle(store, "sweep")
    command = ["deadlines", "list", "--days", "100000", "--data-dir", str(tmp_path)]
    told = CliRunner().invoke(app, [*command, "--order", "KENT-1", "--force", "Kent"])
    assert told.exit_code == 0
    assert "order_end" in told.stdout
    assert "SPA 2019 s.3" in told.stdout
    unknown = CliRunner().invoke(app, [*command, "--order", "KENT-9"])
    assert unknown.exit_code == 1


def test_a_sheet_read_anew_is_the_same(directory: Path) -> None:
    def digest() -> str:
        told = CliRunner().invoke(app, ["digest", "--data-dir", str(directory)])
        return str(json.loads(told.stdout)["projections"]["deadline_sheet"])

    before = digest()
    damaged(directory, "DELETE FROM deadline WHERE kind = 'order_end'")
    assert digest() != before
    rebuilt = CliRunner().invoke(app, ["rebuild", "all", "--json", "--data-dir", str(directory)])
    assert json.loads(rebuilt.stdout)["deadline_sheet"]["rows"] > 5
    assert digest() == before


def test_without_a_sheet_the_list_says_what_to_do(tmp_path: Path) -> None:
    with store_at(tmp_path):
        pass
    told = CliRunner().invoke(app, ["deadlines", "list", "--data-dir", str(tmp_path)])
    assert told.exit_code == 1
    assert "no sweep has run on this store" in told.stderr


def test_a_sheet_that_no_sweep_has_made_yet_is_made_by_a_rebuild(tmp_path: Path) -> None:
    """As after a restore, which brings the log and no sheet."""
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
    line = ["rebuild", "all", "--data-dir", str(tmp_path), "--json"]
    said = CliRunner().invoke(app, line, catch_exceptions=False)
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout)["deadline_sheet"]["rows"] > 0

"""A sheet on a full or a damaged disk is told in one line, at the command line as by a role."""

from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from uuid import UUID

import pytest
from typer.testing import CliRunner

from spowatch.cli.app import app
from spowatch.cli.output import REFUSED
from spowatch.settings.root import Settings
from spowatch.store.sqlite_connection import FaultsNamed, StoreUnavailable
from spowatch.wiring.sheets import opened_sheet
from tests.projections.sheet_contract import MIDNIGHT, agenda
from tests.stories import store_at


def test_a_command_that_meets_a_full_disk_at_the_sheet_says_so_and_what_to_do(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store, pytest.raises(StoreUnavailable) as told:
        _fill(store.settings)
    assert str(told.value).startswith(f"{tmp_path / 'sheets.db'}: ")
    assert str(told.value).endswith("is full; free space on this disk, then try again")


def _fill(settings: Settings) -> None:
    """As a command does it, on a disk with no room for a page more than the sheet has."""
    orders = {UUID(int=number): agenda(1, MIDNIGHT) for number in range(200)}
    with opened_sheet(settings) as sheet:
        sheet._db.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]  # of a file
        sheet.put(orders, 1)


def test_a_damaged_log_is_not_called_a_damaged_sheet(tmp_path: Path) -> None:
    log = tmp_path / "log.db"
    with store_at(tmp_path) as store:
        log.write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreUnavailable) as told:
        _read_log_beside_the_sheet(log, store.settings)
    assert told.value.path == log
    assert "delete it" not in str(told.value)


def _read_log_beside_the_sheet(log: Path, settings: Settings) -> None:
    with opened_sheet(settings), FaultsNamed(log), closing(connect(log)) as damaged:
        damaged.execute("SELECT count(*) FROM sqlite_master")


def test_a_command_that_meets_a_damaged_sheet_says_so_and_what_to_do(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        store.settings.sheets_path.write_bytes(b"not a database" * 1000)
    said = CliRunner().invoke(app, ["deadlines", "list", "--data-dir", str(tmp_path)])
    (line,) = said.stderr.splitlines()
    assert said.exit_code == REFUSED
    assert f"{tmp_path / 'sheets.db'}: file is not a database; delete it" in line

"""Keys after a restore: those asked for, nobody's who was erased, and none made that would open nothing."""

import shutil
from pathlib import Path
from uuid import UUID

import pytest

from domain.personal import ErasedText
from spowatch.backup.erased_keys import add_erased
from spowatch.doctor.inspection import digest
from spowatch.settings.root import PostgresLogSettings, Settings, SqliteLogSettings
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.wiring.backup import back_up, restore
from spowatch.wiring.store import migrate, opened, throw_away
from tests.servers.postgres import postgres
from tests.spowatch.test_backup import (
    MINUTE,
    Elsewhere,
    T,
    defendant,
    elsewhere,
    keys_found,
    made,
    taken,
)

__all__ = ["elsewhere", "postgres"]


def test_without_keys_brings_none_and_needs_no_master_key(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """For an auditor: the keys lie in the folder still, and nobody lends the master key."""
    of, into = made(elsewhere("of")), elsewhere("into")
    root = taken(of, tmp_path / "backup").log_root
    done = restore(into, tmp_path / "backup", to=None, keys_folder=None, without_keys=True)
    assert done.keys == 0
    with opened(into) as store:
        assert digest(store)["log_root"] == root
        assert keys_found(store).endswith("lacks 2 of 2 asked for")


def test_an_erased_person_does_not_come_back_in_a_key_store_that_was_there_before(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """Its database was set back, or its file copied from where keys are backed up by themselves."""
    of = made(elsewhere("of"))
    back_up(of, tmp_path / "backup", with_keys=False, at=T + 20 * MINUTE)
    beside = elsewhere("beside").model_copy(update={"keys": of.keys})
    beside.data_dir.mkdir()
    for each in (of.master_key_path, of.keys_path):
        if each.exists():
            shutil.copy(each, beside.data_dir)
    add_erased(beside.erased_path, subject(of), T + 5 * MINUTE)
    restore(beside, tmp_path / "backup", to=None, keys_folder=None, without_keys=False)
    with opened(beside) as store:
        assert isinstance(defendant(store), ErasedText)


def test_no_master_key_is_made_beside_a_log_that_has_events(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """A machine that was told where the log is and not where its keys are: what is entered there nobody else reads."""
    of = made(elsewhere("of"))
    log = of.log if isinstance(of.log, PostgresLogSettings) else SqliteLogSettings(path=of.log_path)
    beside = throw_away(tmp_path / "beside").model_copy(update={"log": log})
    beside.data_dir.mkdir()
    with pytest.raises(StoreUnavailable, match=r"the master key of .* is missing"):
        migrate(beside)
    assert list(beside.data_dir.iterdir()) == []


def subject(settings: Settings) -> UUID:
    with opened(settings) as store:
        found = store.register.order("KENT-1").subject_id
    assert found is not None
    return found

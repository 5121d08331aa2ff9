import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import monotonic
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from spowatch.store.log_schema import SCHEMA, migrate_log
from spowatch.store.log_sqlite import SqliteLog
from spowatch.store.sqlite_connection import StoreTooNew, StoreUnavailable, Transaction
from tests.forking import FORKING
from tests.program import PATIENCE
from tests.store.log_contract import LogContract
from tests.store.other_processes import close_under_readers, stored

NOBODY = 65534


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user may enter, unlike those of pytest."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """Root may write anywhere; these tests need someone who may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


class TestPromises(LogContract):
    pass


def test_every_commit_is_synced_to_disk(log: SqliteLog) -> None:
    found = log.pragmas()
    assert (found["journal_mode"], found["synchronous"]) == ("wal", 2)
    assert found["user_version"] == len(SCHEMA)


def test_opening_never_creates_a_log(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="spowatch migrate"):
        SqliteLog(tmp_path / "log.db")
    assert not list(tmp_path.iterdir())


def test_an_empty_file_is_not_taken_for_a_log(tmp_path: Path) -> None:
    (tmp_path / "log.db").touch()
    with pytest.raises(StoreUnavailable, match="schema version 0 is not 1; run `spowatch migrate`"):
        SqliteLog(tmp_path / "log.db")


def test_any_other_file_is_not_taken_for_a_log(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"minutes of a meeting" * 300)
    with pytest.raises(StoreUnavailable, match="check the path"):
        SqliteLog(tmp_path / "log.db")


def test_a_log_upgraded_by_a_newer_release_is_left_alone(log_path: Path) -> None:
    with closing(sqlite3.connect(log_path)) as connection:
        connection.execute("PRAGMA user_version=2")
    with pytest.raises(StoreTooNew, match="version 2 and this release knows 1"):
        SqliteLog(log_path)
    with pytest.raises(StoreTooNew):
        migrate_log(log_path)


def test_migrating_again_changes_nothing(log: SqliteLog, log_path: Path) -> None:
    log.insert_events([stored(uuid4())])
    with ThreadPoolExecutor() as pool:
        assert list(pool.map(migrate_log, [log_path] * 4)) == [None] * 4
    assert log.max_notification_id() == 1


def test_migrating_for_the_first_time_twice_at_once_makes_one_log(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with ThreadPoolExecutor() as pool:
        assert list(pool.map(migrate_log, [path] * 4)) == [None] * 4
    with closing(SqliteLog(path)) as log:
        assert log.max_notification_id() is None


def test_a_conflict_leaves_no_gap(log: SqliteLog) -> None:
    order, other = uuid4(), uuid4()
    log.insert_events([stored(order)])
    with pytest.raises(IntegrityError):
        log.insert_events([stored(other), stored(order)])
    assert log.insert_events([stored(other)]) == [2]


def test_a_full_disk_is_named_and_nothing_is_half_written(log: SqliteLog) -> None:
    with log._connections.inspecting_writer() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 4}")
    order = uuid4()
    with pytest.raises(StoreUnavailable, match="full; free space on this disk"):
        log.insert_events([stored(order, version) for version in range(1, 2000)])
    assert log.select_events(order) == []
    assert log.insert_events([stored(order)]) == [1]


def test_a_writer_that_holds_the_lock_too_long_is_named(log_path: Path) -> None:
    with (
        closing(SqliteLog(log_path, busy_timeout=0.05)) as log,
        closing(sqlite3.connect(log_path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="holds the write lock"):
            log.insert_events([stored(uuid4())])
        other.execute("ROLLBACK")
        assert log.insert_events([stored(uuid4())]) == [1]


def test_writers_of_one_process_wait_for_a_held_lock_together_and_not_one_after_another(
    log_path: Path,
) -> None:
    writers, patience = 40, 0.5
    with (
        closing(SqliteLog(log_path, busy_timeout=patience)) as log,
        closing(sqlite3.connect(log_path, isolation_level=None)) as other,
        ThreadPoolExecutor(writers) as threads,
    ):
        other.execute("BEGIN IMMEDIATE")
        begun = monotonic()
        saved = [threads.submit(log.insert_events, [stored(uuid4())]) for _ in range(writers)]
        refused = [each.exception() for each in saved]
        took = monotonic() - begun
        other.execute("ROLLBACK")
        assert {type(each) for each in refused} == {StoreUnavailable}
        assert took < writers * patience / 2
        assert log.insert_events([stored(uuid4())]) == [1]


def test_who_comes_late_to_the_head_of_the_line_is_not_refused_for_a_lock_of_an_instant(
    log_path: Path,
) -> None:
    with (
        closing(SqliteLog(log_path)) as log,
        closing(sqlite3.connect(log_path, isolation_level=None, check_same_thread=False)) as ours,
        closing(sqlite3.connect(log_path, isolation_level=None, timeout=0)) as other,
        ThreadPoolExecutor(1) as threads,
    ):
        assert log.insert_events([stored(uuid4())]) == [1]
        ours.execute("PRAGMA busy_timeout = 0")
        late = Transaction(ours, patience=2.0)
        late._until = 0.0  # it stood in line for all of its patience
        other.execute("BEGIN IMMEDIATE")
        entered = threads.submit(late.__enter__)
        Event().wait(0.02)
        other.execute("ROLLBACK")
        assert entered.result() is ours


def test_a_log_cannot_be_made_in_a_folder_that_is_read_only(
    open_folder: Path, request: pytest.FixtureRequest
) -> None:
    open_folder.chmod(0o555)
    request.getfixturevalue("ordinary_user")
    with pytest.raises(StoreUnavailable, match="check the path and its permissions"):
        migrate_log(open_folder / "log.db")


def test_a_log_in_a_folder_that_is_read_only_takes_nothing_and_says_so(
    open_folder: Path, request: pytest.FixtureRequest
) -> None:
    path = open_folder / "log.db"
    migrate_log(path)
    path.chmod(0o444)
    open_folder.chmod(0o555)
    request.getfixturevalue("ordinary_user")
    with pytest.raises(StoreUnavailable, match=r"write access|permissions"):
        SqliteLog(path)


def test_the_log_is_readable_by_its_owner_only(log_path: Path) -> None:
    assert log_path.stat().st_mode & 0o777 == 0o600


def test_closing_the_log_under_its_readers_ends_their_reading_and_not_the_process(
    log: SqliteLog, log_path: Path
) -> None:
    log.insert_events([stored(uuid4()) for _ in range(200)])
    process = FORKING.Process(target=close_under_readers, args=(log_path,))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == 0

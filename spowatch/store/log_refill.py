"""A log filled from a backup, rows at the positions they had; done by `spowatch restore` alone."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from consumers.synced_folder import sync_folder
from spowatch.store.log_rows import PlacedRow
from spowatch.store.log_schema import migrate_log
from spowatch.store.sqlite_connection import FaultsNamed, StoreUnavailable, Transaction, connect

NEVER_GIVEN_AGAIN = 1_000_000
"""Positions after the backup's last that are passed over: those that came after the backup had them
already, and readers outside must not take what comes now for what they have seen."""


def refill_sqlite(
    path: Path, rows: Iterable[PlacedRow], bookmarks: Mapping[str, int], *, next_after: int
) -> None:
    """Whole, or there is no file. Raises `StoreUnavailable` where there is one already."""
    refuse_filled(path)
    with FaultsNamed(path), TemporaryDirectory(prefix=".restore.", dir=path.parent) as folder:
        aside = Path(folder) / path.name
        migrate_log(aside)
        with closing(connect(aside)) as connection:
            with Transaction(connection):
                connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)
                connection.executemany("INSERT INTO tracking VALUES (?, ?)", bookmarks.items())
                connection.execute("DELETE FROM sqlite_sequence")
                connection.execute("INSERT INTO sqlite_sequence VALUES ('events', ?)", [next_after])
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        aside.rename(path)
        sync_folder(path.parent)


def refuse_filled(path: Path, *made_from_it: Path) -> None:
    """Raises `StoreUnavailable` where there is a log, or what was left of one that is gone.

    SQLite would play a `-wal` that lies there into the new log, and a sheet would go on from the old one.
    """
    remedy = "stop every role and move it away, with what lies beside it"
    if path.exists():
        raise StoreUnavailable(path, "there is a log here already", remedy)
    for each in (Path(f"{path}-wal"), *made_from_it):
        if each.exists():
            raise StoreUnavailable(each, "it is of a log that was here before", remedy)

"""Backups, built from settings: what is read, and what is filled again.

PostgreSQL's driver takes 0.1 s to load, so it is loaded where there is a database.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from uuid import UUID

from consumers.kept_file import put_in_place
from spowatch.backup.erased_keys import erased_in
from spowatch.backup.log_copy import LogCopy, log_copy
from spowatch.backup.manifest import LOG, BackupRefused, Manifest
from spowatch.backup.restoring import (
    Restored,
    bring_back_keys,
    cut,
    fill,
    keep_out,
    parts,
    refuse_keys,
)
from spowatch.backup.taking import take
from spowatch.settings.root import PostgresLogSettings, Settings, SqliteLogSettings
from spowatch.store.keys_sqlite import SqliteKeyTable
from spowatch.store.log_refill import refill_sqlite, refuse_filled
from spowatch.store.log_rows import PlacedRow
from spowatch.store.master_key import read_master_key
from spowatch.wiring.keys import kept_key_store, key_table, migrate_the_keys
from spowatch.wiring.seal import seal_anew
from spowatch.wiring.store import migrate, opened


def back_up(settings: Settings, folder: Path, *, with_keys: bool, at: datetime) -> Manifest:
    """Of a store that may be at work. Raises `BackupRefused`."""
    with opened(settings) as store, key_table(settings) as keys:
        made = take(store, keys if with_keys else None, folder, at=at)
    put_in_place(settings.last_backup_path, at.isoformat())
    return made


def restore(
    settings: Settings,
    folder: Path,
    *,
    to: datetime | None,
    keys_folder: Path | None,
    without_keys: bool,
) -> Restored:
    """Into a store that is not there yet. Raises `BackupRefused`, and nothing is filled then.

    Keys come before the log, so that one whose log is there has all it needs. `without_keys` leaves those
    of the backup where they are.
    """
    taken, found = parts(folder, keys_folder)
    keys_path = None if without_keys else found
    _refuse_filled(settings)
    _with_keys_or_said(settings, keys_path, without_keys=without_keys)
    with log_copy(folder / LOG) as copy:
        last = cut(copy, taken, to)
        erased = copy.erased() | erased_in(settings.erased_path)
        keys = _brought_back(settings, keys_path, copy, erased)
        events = fill(copy, taken, last, lambda *given: _refill(settings, *given))
    migrate(settings)
    seal_anew(settings)
    return Restored(events, last, taken.rows - events, keys, len(erased))


def _with_keys_or_said(settings: Settings, path: Path | None, *, without_keys: bool) -> None:
    if not settings.master_key_path.exists() and not without_keys:
        msg = (
            f"{settings.master_key_path}: there is no master key; bring it from where it is kept, or "
            "name it in SPO_KEYS__MASTER_KEY_FILE: no backup has it"
        )
        raise BackupRefused(msg)
    if path is None and not without_keys and not kept_key_store(settings):
        msg = (
            "this backup is without its keys, and without them no name or narrative can be read ever "
            "again; name their folder with --keys, or say --without-keys"
        )
        raise BackupRefused(msg)


def _brought_back(
    settings: Settings, path: Path | None, copy: LogCopy, erased: Mapping[UUID, datetime]
) -> int:
    """How many. Who was erased is kept out of a key store that was there before, too."""
    if path is None:
        migrate_the_keys(settings)
        with key_table(settings) as into:
            keep_out(into, erased)
        return 0
    with closing(SqliteKeyTable(path)) as table:
        master_key = read_master_key(settings.master_key_path)
        refuse_keys(table, copy, master_key)
        migrate_the_keys(settings)
        with key_table(settings) as into:
            return bring_back_keys(table, into, erased, master_key)


def _refuse_filled(settings: Settings) -> None:
    match settings.log:
        case SqliteLogSettings():
            sheets = (settings.sheets_path, settings.projections_path, settings.relay_path)
            refuse_filled(settings.log_path, *sheets)
        case PostgresLogSettings() as postgres:
            from spowatch.store.log_refill_postgres import refuse_filled_postgres
            from spowatch.wiring.log import migrate_the_log

            migrate_the_log(settings)
            refuse_filled_postgres(postgres.dsn.get_secret_value(), os.environ)


def _refill(
    settings: Settings, rows: Iterable[PlacedRow], bookmarks: Mapping[str, int], next_after: int
) -> None:
    match settings.log:
        case SqliteLogSettings():
            refill_sqlite(settings.log_path, rows, bookmarks, next_after=next_after)
        case PostgresLogSettings() as postgres:
            from spowatch.store.log_refill_postgres import refill_postgres

            dsn = postgres.dsn.get_secret_value()
            refill_postgres(dsn, rows, bookmarks, next_after=next_after, environment=os.environ)

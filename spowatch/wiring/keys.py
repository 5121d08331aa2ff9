"""How the key store is made and opened: the one place where its kind is chosen.

PostgreSQL's driver takes 0.1 s to load, so it is loaded where there is a database.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from spowatch.settings.key import PostgresKeySettings, SqliteKeySettings
from spowatch.settings.root import PostgresLogSettings, Settings
from spowatch.store.data_key import WrongMasterKey
from spowatch.store.keys import KeyStore, KeyTable, confirm_master, rewrap_all
from spowatch.store.keys_sqlite import SqliteKeyTable, migrate_keys, sqlite_keys
from spowatch.store.master_key import (
    create_master_key,
    master_key_for,
    read_master_key,
    replace_master_key,
)


def migrate_the_keys(settings: Settings) -> None:
    """Create or upgrade the key store, and the master key where there is no store yet."""
    settings.master_key_path.parent.mkdir(parents=True, exist_ok=True)
    kept = [*kept_key_store(settings), *_kept_log(settings)]
    master_key = master_key_for(settings.master_key_path, *kept)
    match settings.keys:
        case SqliteKeySettings():
            settings.keys_path.parent.mkdir(parents=True, exist_ok=True)
            migrate_keys(settings.keys_path, master_key)
        case PostgresKeySettings() as postgres:
            from spowatch.store.keys_postgres import migrate_postgres_keys

            migrate_postgres_keys(
                postgres.dsn.get_secret_value(), master_key, environment=os.environ
            )


def kept_key_store(settings: Settings) -> list[Path]:
    """The key store, where there is one already, and so a master key that opens it."""
    match settings.keys:
        case SqliteKeySettings():
            return [path for path in [settings.keys_path] if path.exists()]
        case PostgresKeySettings() as postgres:
            from spowatch.store.keys_postgres import kept_keys

            return kept_keys(postgres.dsn.get_secret_value(), environment=os.environ)


def _kept_log(settings: Settings) -> list[Path]:
    """The log, where there is one already, and so words that no new key opens."""
    found = [path for path in [settings.log_path] if path.exists()]
    if isinstance(settings.log, PostgresLogSettings):
        from spowatch.store.log_schema_postgres import kept_log

        found += kept_log(settings.log.dsn.get_secret_value(), environment=os.environ)
    return found


@contextmanager
def opened_keys(settings: Settings) -> Iterator[KeyStore]:
    """The key store, closed again at the end."""
    master_key = read_master_key(settings.master_key_path)
    match settings.keys:
        case SqliteKeySettings():
            with closing(sqlite_keys(settings.keys_path, master_key)) as keys:
                yield keys
        case PostgresKeySettings() as postgres:
            from spowatch.store.keys_postgres import postgres_keys

            dsn = postgres.dsn.get_secret_value()
            with closing(postgres_keys(dsn, master_key, environment=os.environ)) as keys:
                yield keys


@contextmanager
def key_table(settings: Settings) -> Iterator[KeyTable]:
    """The keys as they are kept, wrapped."""
    match settings.keys:
        case SqliteKeySettings():
            with closing(SqliteKeyTable(settings.keys_path)) as table:
                yield table
        case PostgresKeySettings() as postgres:
            from spowatch.store.keys_postgres import postgres_key_table

            dsn = postgres.dsn.get_secret_value()
            with closing(postgres_key_table(dsn, environment=os.environ)) as table:
                yield table


def rotate_the_master_key(settings: Settings) -> int:
    """Every key under a new master key, which takes the place of the old one; how many.

    The old one stays beside it. Begun again after a death at any point, it ends what was begun.
    """
    path = settings.master_key_path
    coming = path.with_name(f"{path.name}.next")
    old, count = read_master_key(path), 0
    with key_table(settings) as table:
        if not coming.exists():
            confirm_master(table, old)
            create_master_key(coming)
        new = read_master_key(coming)
        try:
            confirm_master(table, new)  # a rotation that died after the store was done
        except WrongMasterKey:
            confirm_master(table, old)
            count = rewrap_all(table, old, new)
    replace_master_key(path, coming)
    return count

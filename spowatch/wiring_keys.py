"""How the key store is made and opened: the one place where its kind is chosen.

PostgreSQL's driver takes 0.1 s to load, so it is loaded where there is a database.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from spowatch.settings import PostgresKeySettings, Settings, SqliteKeySettings
from spowatch.store.keys import KeyStore
from spowatch.store.keys_sqlite import migrate_keys, sqlite_keys
from spowatch.store.master_key import master_key_for, read_master_key


def migrate_the_keys(settings: Settings) -> None:
    """Create or upgrade the key store, and the master key where there is no store yet."""
    settings.master_key_path.parent.mkdir(parents=True, exist_ok=True)
    kept = [path for path in (settings.keys_path, settings.log_path) if path.exists()]
    match settings.keys:
        case SqliteKeySettings():
            settings.keys_path.parent.mkdir(parents=True, exist_ok=True)
            migrate_keys(settings.keys_path, master_key_for(settings.master_key_path, *kept))
        case PostgresKeySettings() as postgres:
            from spowatch.store.keys_postgres import kept_keys, migrate_postgres_keys

            dsn = postgres.dsn.get_secret_value()
            kept += kept_keys(dsn, environment=os.environ)
            master_key = master_key_for(settings.master_key_path, *kept)
            migrate_postgres_keys(dsn, master_key, environment=os.environ)


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

"""How the relay's ledger is made and opened: beside the log, in what the log is kept in.

PostgreSQL's driver takes 0.1 s to load, so it is loaded where there is a database.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from consumers.relay_ledger import KEPT, RelayLedger
from spowatch.settings.root import PostgresLogSettings, Settings, SqliteLogSettings
from spowatch.store.relay_ledger_sqlite import SqliteRelayLedger, migrate_ledger


def migrate_the_ledger(settings: Settings) -> None:
    """Create or upgrade what roles may not make themselves."""
    match settings.log:
        case SqliteLogSettings():
            return
        case PostgresLogSettings() as postgres:
            from spowatch.store.relay_ledger_postgres import migrate_postgres_ledger

            migrate_postgres_ledger(postgres.dsn.get_secret_value(), environment=os.environ)


def there_is_a_ledger(settings: Settings) -> bool:
    """Whether any relay may have run: a database has the ledger from `migrate` on."""
    return not isinstance(settings.log, SqliteLogSettings) or settings.relay_path.exists()


@contextmanager
def opened_ledger(settings: Settings, prefix: str) -> Iterator[RelayLedger]:
    """The ledger, closed again at the end; a file is made when there is none.

    `prefix` stands before every topic's name.
    """
    keeps = {prefix + topic: kept for topic, kept in KEPT.items()}
    match settings.log:
        case SqliteLogSettings():
            migrate_ledger(settings.relay_path)
            with closing(SqliteRelayLedger(settings.relay_path, keeps=keeps)) as ledger:
                yield ledger
        case PostgresLogSettings() as postgres:
            from spowatch.store.relay_ledger_postgres import PostgresRelayLedger

            dsn = postgres.dsn.get_secret_value()
            shared = PostgresRelayLedger(dsn, environment=os.environ, keeps=keeps)
            with closing(shared):
                yield shared

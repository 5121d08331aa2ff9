"""How the deadline sheet is made and opened: the one place where its kind is chosen.

PostgreSQL's driver takes 0.1 s to load, so it is loaded where there is a database.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from projections.deadline_sheet import DeadlineSheet
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from spowatch.settings.root import PostgresLogSettings, Settings, SqliteLogSettings
from spowatch.sheet_faults import sheet_faults_named


def migrate_the_sheets(settings: Settings) -> None:
    """Create or upgrade the sheet in a database; one in a file is made by whoever first opens it."""
    match settings.log:
        case SqliteLogSettings():
            return
        case PostgresLogSettings() as postgres:
            from spowatch.store.deadline_sheet_schema import migrate_postgres_sheets

            migrate_postgres_sheets(postgres.dsn.get_secret_value(), environment=os.environ)


@contextmanager
def opened_sheet(settings: Settings) -> Iterator[DeadlineSheet]:
    """The deadline sheet, closed again at the end. Raises `StoreUnavailable`, also for what is done with it."""
    match settings.log:
        case SqliteLogSettings():
            path = settings.sheets_path
            with sheet_faults_named(path), closing(SqliteDeadlineSheet(path)) as file:
                yield file
        case PostgresLogSettings() as postgres:
            from spowatch.store.deadline_sheet_postgres import PostgresDeadlineSheet

            dsn = postgres.dsn.get_secret_value()
            with closing(PostgresDeadlineSheet(dsn, environment=os.environ)) as database:
                yield database


def there_is_a_sheet(settings: Settings) -> bool:
    """Whether any sweep may have run: a database has the sheet from `migrate` on."""
    return not isinstance(settings.log, SqliteLogSettings) or settings.sheets_path.exists()

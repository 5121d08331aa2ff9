"""How the log is made, opened and read: the one place where its kind is chosen.

PostgreSQL's driver takes 0.1 s to load, so it is loaded where there is a database.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from domain.brought import BringAlong
from domain.published import EventReader
from spowatch.settings.root import PostgresLogSettings, Settings, SqliteLogSettings
from spowatch.store.event_reader import SqliteEventReader
from spowatch.store.log_reader import SqliteLogReader
from spowatch.store.log_schema import migrate_log
from spowatch.store.log_sqlite import SqliteLog
from spowatch.store.plain_reader import PlainReader

if TYPE_CHECKING:
    from spowatch.store.log import Log
    from spowatch.store.log_reader_postgres import PostgresLogReader


def migrate_the_log(settings: Settings) -> None:
    """Create or upgrade the log."""
    match settings.log:
        case SqliteLogSettings():
            settings.log_path.parent.mkdir(parents=True, exist_ok=True)
            migrate_log(settings.log_path)
        case PostgresLogSettings() as postgres:
            from spowatch.store.log_schema_postgres import migrate_postgres_log

            migrate_postgres_log(postgres.dsn.get_secret_value(), environment=os.environ)


def confirm_the_ground(settings: Settings) -> None:
    """That roles.sql of this release was run, where its roles are used. Raises `StoreUnavailable`."""
    match settings.log:
        case SqliteLogSettings():
            return
        case PostgresLogSettings() as postgres:
            from spowatch.store.postgres_ground import confirm_ground

            confirm_ground(postgres.dsn.get_secret_value(), environment=os.environ)


@contextmanager
def opened_log(settings: Settings) -> Iterator[tuple["Log", EventReader]]:
    """The log and its reader of references, closed again at the end."""
    match settings.log:
        case SqliteLogSettings():
            with closing(SqliteLog(settings.log_path)) as log:
                yield log, SqliteEventReader(log)
        case PostgresLogSettings() as postgres:
            from spowatch.store.log_postgres import PostgresLog
            from spowatch.store.log_reader_postgres import PostgresEventReader

            dsn = postgres.dsn.get_secret_value()
            with closing(PostgresLog(dsn, environment=os.environ)) as database:
                yield database, PostgresEventReader(database)


def readers_in_use(log: "Log") -> Callable[[], int] | None:
    """How many of its reading connections are in use; None where each thread has its own."""
    return None if isinstance(log, SqliteLog) else lambda: log.readers_in_use


@contextmanager
def second_reader(settings: Settings) -> Iterator[EventReader]:
    """A reader that shares nothing with the first, for whoever checks on the others."""
    match settings.log:
        case SqliteLogSettings():
            with closing(PlainReader(settings.log_path)) as plain:
                yield plain
        case PostgresLogSettings():
            with opened_log(settings) as (_, events):
                yield events


def desk_reader(log: "Log", along: BringAlong) -> EventReader:
    """Of references; where each look is a way to a server, it brings what is asked for along."""
    if isinstance(log, SqliteLog):
        return SqliteEventReader(log)
    from spowatch.store.log_reader_postgres import PostgresDeskReader

    return PostgresDeskReader(log, along)


def whole_reader(log: "Log") -> "SqliteLogReader | PostgresLogReader":
    """A reader of stored events, for the relay."""
    if isinstance(log, SqliteLog):
        return SqliteLogReader(log)
    from spowatch.store.log_reader_postgres import PostgresLogReader

    return PostgresLogReader(log)

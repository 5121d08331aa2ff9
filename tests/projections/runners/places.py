"""Where a sheet can be kept, and how one is opened there once more, as another process would."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg

from projections.postgres import CHANNEL, PostgresSheetStore
from projections.sheet import Table
from projections.sqlite import SqliteSheetStore, made
from projections.store import SheetStore
from spowatch.store.log_watch import LogWatch
from spowatch.store.log_watch_postgres import PostgresWatch
from spowatch.store.postgres_connection import PostgresServer

Open = Callable[[Table], SheetStore]
"""A store of its own each time; all of them are closed at the end."""


@contextmanager
def in_file(path: Path) -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(table: Table) -> SheetStore:
            made(path)
            watch = stack.enter_context(closing(LogWatch(path)))
            return stack.enter_context(closing(SqliteSheetStore(path, table, watch)))

        yield opened


@contextmanager
def in_database(dsn: str) -> Iterator[Open]:
    server = PostgresServer(dsn, environment={})
    with ExitStack() as stack:

        def opened(table: Table) -> SheetStore:
            watch = stack.enter_context(closing(PostgresWatch(server, CHANNEL)))
            store = PostgresSheetStore(server.connect, table, watch)
            return stack.enter_context(closing(store))

        yield opened


def emptied(administrator: str) -> None:
    """Nothing is left of any sheet in that database."""
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("DROP SCHEMA projections CASCADE")
        connection.execute("CREATE SCHEMA projections AUTHORIZATION spowatch_writer")

"""A log on PostgreSQL filled from a backup, by the owner of its tables."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from spowatch.store.log_rows import PlacedRow
from spowatch.store.postgres_connection import PostgresServer
from spowatch.store.postgres_faults import ServerFaultsNamed
from spowatch.store.sqlite_connection import StoreUnavailable

_MAY_TAKE = 24 * 3600.0
_COPY = (
    "COPY spowatch.events (position, originator_id, originator_version, topic, state) FROM STDIN"
)
_NEXT = "SELECT setval(pg_get_serial_sequence('spowatch.events', 'position'), %s)"
_LAST = "SELECT max(position) FROM spowatch.events"


def refuse_filled_postgres(dsn: str, environment: Mapping[str, str]) -> None:
    server = PostgresServer(dsn, environment=environment)
    with ServerFaultsNamed(server.place), server.connect() as connection:
        if connection.execute(_LAST).fetchone() != (None,):
            trouble = "there is a log here already"
            raise StoreUnavailable(
                server.place, trouble, "stop every role and restore into a new database"
            )


def refill_postgres(
    dsn: str,
    rows: Iterable[PlacedRow],
    bookmarks: Mapping[str, int],
    *,
    next_after: int,
    environment: Mapping[str, str],
) -> None:
    """In one transaction. The log must be empty."""
    refuse_filled_postgres(dsn, environment)
    server = PostgresServer(dsn, environment=environment)
    with ServerFaultsNamed(server.place), server.connect(seconds=_MAY_TAKE) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        with connection.transaction(), connection.cursor() as cursor:
            with cursor.copy(_COPY) as copy:
                for position, stream, *rest in rows:
                    name = str(UUID(bytes=stream)) if isinstance(stream, bytes) else stream
                    copy.write_row((position, name, *rest))
            cursor.execute("DELETE FROM spowatch.tracking")
            cursor.executemany(
                "INSERT INTO spowatch.tracking VALUES (%s, %s)", list(bookmarks.items())
            )
            cursor.execute(_NEXT, [next_after])

"""Whether the database stands as deploy/postgres/roles.sql makes it, and what time it is there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import LiteralString

from psycopg import Connection
from psycopg.rows import TupleRow

from spowatch.store.postgres_connection import PostgresServer
from spowatch.store.postgres_faults import ServerFaultsNamed
from spowatch.store.sqlite_connection import StoreUnavailable

SCHEMAS = ("spowatch", "sheets", "relay", "seal", "projections")
REMEDY = (
    "run deploy/postgres/roles.sql of this release in that database as an administrator of the server, "
    "then `spowatch migrate` and grants.sql"
)

_MISSING: LiteralString = """
SELECT 'there is no schema ' || name FROM unnest(%b::text[]) AS wanted (name)
WHERE to_regrole('spowatch_owner') IS NOT NULL AND to_regnamespace(name) IS NULL
UNION ALL
SELECT 'spowatch_writer is not a member of spowatch_reader'
WHERE to_regrole('spowatch_writer') IS NOT NULL AND to_regrole('spowatch_reader') IS NOT NULL
    AND NOT pg_has_role(to_regrole('spowatch_writer'), to_regrole('spowatch_reader'), 'MEMBER')
UNION ALL
SELECT 'spowatch_reader may not use the schema projections'
WHERE to_regrole('spowatch_reader') IS NOT NULL AND to_regnamespace('projections') IS NOT NULL
    AND NOT has_schema_privilege(
        to_regrole('spowatch_reader'), to_regnamespace('projections')::oid, 'USAGE'
    )
"""


def ground_missing(dsn: str, *, environment: Mapping[str, str]) -> list[str]:
    """What a roles.sql of this release would make and is not there. Raises `StoreUnavailable`."""
    server = PostgresServer(dsn, environment=environment)
    with ServerFaultsNamed(server.place), server.connect() as connection:
        return missing_on(connection)


def missing_on(connection: Connection[TupleRow]) -> list[str]:
    return [found for (found,) in connection.execute(_MISSING, [list(SCHEMAS)])]


def confirm_ground(dsn: str, *, environment: Mapping[str, str]) -> None:
    """Raises `StoreUnavailable` where something is missing."""
    missing = ground_missing(dsn, environment=environment)
    if missing:
        place = PostgresServer(dsn, environment=environment).place
        raise StoreUnavailable(place, "; ".join(missing), REMEDY)


def server_time(dsn: str, *, environment: Mapping[str, str]) -> datetime:
    """Raises `StoreUnavailable`."""
    server = PostgresServer(dsn, environment=environment)
    with ServerFaultsNamed(server.place), server.connect() as connection:
        [at] = connection.execute("SELECT clock_timestamp()").fetchone() or (None,)
    assert isinstance(at, datetime)  # noqa: S101 - the server's own function
    return at.astimezone(UTC)

"""Whether the database stands as deploy/postgres/roles.sql makes it, what time it is there, and how full it is."""

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
WITH ours AS (
    SELECT FROM pg_roles AS me
    WHERE me.rolname = current_user
        AND (
            (NOT me.rolsuper AND pg_has_role(me.oid, to_regrole('spowatch_owner')::oid, 'MEMBER'))
            OR EXISTS (SELECT FROM pg_namespace WHERE nspowner = to_regrole('spowatch_owner')::oid)
        )
)
SELECT 'there is no schema ' || name FROM ours, unnest(%b::text[]) AS wanted (name)
WHERE to_regnamespace(name) IS NULL
UNION ALL
SELECT 'spowatch_writer is not a member of spowatch_reader' FROM ours
WHERE to_regrole('spowatch_writer') IS NOT NULL AND to_regrole('spowatch_reader') IS NOT NULL
    AND NOT pg_has_role(to_regrole('spowatch_writer'), to_regrole('spowatch_reader'), 'MEMBER')
UNION ALL
SELECT 'spowatch_reader may not use the schema projections' FROM ours
WHERE to_regrole('spowatch_reader') IS NOT NULL AND to_regnamespace('projections') IS NOT NULL
    AND NOT has_schema_privilege(
        to_regrole('spowatch_reader'), to_regnamespace('projections')::oid, 'USAGE'
    )
"""
"""Roles are the server's and schemas the database's: another database of it may do without both."""
_CONNECTIONS: LiteralString = (
    "SELECT sum(numbackends), current_setting('max_connections')::int "
    "- current_setting('superuser_reserved_connections')::int "
    "FROM pg_stat_database"
)
"""pg_stat_activity hides what the sessions of other roles are from whoever may not read all statistics."""


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


def connections(dsn: str, *, environment: Mapping[str, str]) -> tuple[int, int]:
    """How many the server has of everybody, and how many it takes of those who are no superusers."""
    server = PostgresServer(dsn, environment=environment)
    with ServerFaultsNamed(server.place), server.connect() as connection:
        [used, most] = connection.execute(_CONNECTIONS).fetchone() or (0, 0)
    return int(used), int(most)


def server_time(dsn: str, *, environment: Mapping[str, str]) -> datetime:
    """Raises `StoreUnavailable`."""
    server = PostgresServer(dsn, environment=environment)
    with ServerFaultsNamed(server.place), server.connect() as connection:
        [at] = connection.execute("SELECT clock_timestamp()").fetchone() or (None,)
    assert isinstance(at, datetime)  # noqa: S101 - the server's own function
    return at.astimezone(UTC)

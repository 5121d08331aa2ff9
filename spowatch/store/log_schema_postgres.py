"""The tables of the log on PostgreSQL, and the only thing that creates them."""

from collections.abc import Mapping
from itertools import chain
from typing import LiteralString

from spowatch.store.postgres_connection import PostgresServer, TimedConnection
from spowatch.store.postgres_faults import RUN_MIGRATE, ServerFaultsNamed
from spowatch.store.sqlite_connection import StoreTooNew, StoreUnavailable

CHANNEL = "spowatch_log"
"""Where every commit of events is announced, in the log's own database."""

_MIGRATION_TAKES = 60.0

# Insert-only, so VACUUM has no tail to cut off, and must not lock writers out to try.
_EVENTS = """
CREATE TABLE spowatch.events (
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    originator_id text COLLATE "C" NOT NULL,
    originator_version integer NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
) WITH (vacuum_truncate = off)
"""

_TRACKING = """
CREATE TABLE spowatch.tracking (
    application_name text COLLATE "C" PRIMARY KEY,
    notification_id bigint NOT NULL
) WITH (fillfactor = 50)
"""

# Taken before the first position is, and given back after the commit can be seen: whoever sees a
# position sees every lower one that there will ever be. The table does it, so no writer can forget.
# An advisory lock, because a table lock would wait for VACUUM, and VACUUM for it.
_TURN = """
CREATE FUNCTION spowatch.take_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- An expression; PERFORM would run a query, which is felt at every save.
    IF pg_advisory_xact_lock(x'73706f6c6f67'::bigint) IS NULL
        OR pg_notify('spowatch_log', '') IS NULL
    THEN
        RAISE 'the turn could not be taken';
    END IF;
    RETURN NULL;
END $$
"""

_EACH_IN_TURN = """
CREATE TRIGGER take_turn BEFORE INSERT ON spowatch.events
FOR EACH STATEMENT EXECUTE FUNCTION spowatch.take_turn()
"""

# Several senders, each with the events up to its entry in `ends` and perhaps a bookmark, in one
# transaction. A sender who lost a race is passed over: 1 a stream has that version, 2 the bookmark
# is further on. The lock comes first, so that nothing can happen between a check and its insert,
# and no two transactions wait for each other's bookmarks.
_APPEND = """
CREATE FUNCTION spowatch.append(
    ids text[], versions integer[], topics text[], states bytea[], ends integer[],
    names text[], marks bigint[], OUT positions bigint[], OUT refusals integer[]
) LANGUAGE plpgsql AS $$
DECLARE
    first integer;
    last integer := 0;
    placed bigint[];
BEGIN
    IF cardinality(ids) > 0 OR cardinality(ends) > 1 THEN
        PERFORM pg_advisory_xact_lock(x'73706f6c6f67'::bigint);
    END IF;
    <<sender>>
    FOR i IN 1 .. cardinality(ends) LOOP
        first := last + 1;
        last := ends[i];
        FOR j IN first .. last LOOP
            PERFORM FROM spowatch.events
            WHERE originator_id = ids[j] AND originator_version = versions[j];
            IF FOUND THEN
                refusals[i] := 1;
                CONTINUE sender;
            END IF;
        END LOOP;
        IF names[i] IS NOT NULL THEN
            INSERT INTO spowatch.tracking AS known VALUES (names[i], marks[i])
            ON CONFLICT (application_name) DO UPDATE
            SET notification_id = excluded.notification_id
            WHERE known.notification_id < excluded.notification_id;
            IF NOT FOUND THEN
                refusals[i] := 2;
                CONTINUE sender;
            END IF;
        END IF;
        refusals[i] := 0;
        IF first <= last THEN
            WITH placed_rows AS (
                INSERT INTO spowatch.events (originator_id, originator_version, topic, state)
                SELECT * FROM unnest(
                    ids[first:last], versions[first:last], topics[first:last], states[first:last]
                )
                RETURNING position
            )
            SELECT array_agg(position ORDER BY position) INTO placed FROM placed_rows;
            positions := positions || placed;
        END IF;
    END LOOP;
END $$
"""

_NOT_FOR_ALL = """
REVOKE ALL ON FUNCTION spowatch.take_turn(), spowatch.append(
    text[], integer[], text[], bytea[], integer[], text[], bigint[]
) FROM PUBLIC
"""

SCHEMA: tuple[tuple[LiteralString, ...], ...] = (
    (_EVENTS, _TRACKING, _TURN, _EACH_IN_TURN, _APPEND, _NOT_FOR_ALL),
)

_VERSION_TABLE = "CREATE TABLE spowatch.schema_version AS SELECT 0 AS version"
_VERSION = "SELECT version FROM spowatch.schema_version"
_MIGRATED = "SELECT to_regclass('spowatch.schema_version') IS NOT NULL"


def migrate_postgres_log(dsn: str, *, environment: Mapping[str, str]) -> None:
    """Create the log, or upgrade it; done by `spowatch migrate`, never by a role.

    May run twice, and in two processes. deploy/postgres/grants.sql then says who may do what.
    """
    server = PostgresServer(dsn, environment=environment)
    with ServerFaultsNamed(server.place), server.connect(seconds=_MIGRATION_TAKES) as connection:
        connection.execute("SET statement_timeout = 0")
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('spowatch migrate'))")
            found = _version(connection)
            _refuse_newer(server, found)
            if not found:
                _lay_ground(connection)
            for statement in chain.from_iterable(SCHEMA[found:]):
                connection.execute(statement)
            connection.execute("UPDATE spowatch.schema_version SET version = %s", [len(SCHEMA)])


def check_postgres_schema(server: PostgresServer, connection: TimedConnection) -> None:
    """Raise unless the log is at exactly the version of `SCHEMA`."""
    found = _version(connection)
    _refuse_newer(server, found)
    if found < len(SCHEMA):
        trouble = f"schema version {found} is not {len(SCHEMA)}"
        raise StoreUnavailable(server.place, trouble, RUN_MIGRATE)


def _lay_ground(connection: TimedConnection) -> None:
    # IF NOT EXISTS would ask for the right to create schemas even where roles.sql made this one.
    if connection.execute("SELECT to_regnamespace('spowatch') IS NULL").fetchone() == (True,):
        connection.execute("CREATE SCHEMA spowatch")
    connection.execute(_VERSION_TABLE)


def _version(connection: TimedConnection) -> int:
    if connection.execute(_MIGRATED).fetchone() == (False,):
        return 0
    [version] = connection.execute(_VERSION).fetchone() or (0,)
    return int(version)


def _refuse_newer(server: PostgresServer, found: int) -> None:
    if found > len(SCHEMA):
        raise StoreTooNew(server.place, found, len(SCHEMA))

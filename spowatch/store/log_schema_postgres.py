"""The tables of the log on PostgreSQL, and the only thing that creates them."""

from collections.abc import Mapping
from pathlib import Path
from typing import LiteralString

from spowatch.store.postgres_connection import PostgresServer, TimedConnection
from spowatch.store.postgres_faults import ServerFaultsNamed
from spowatch.store.postgres_schema import PostgresSchema

CHANNEL = "spowatch_log"
"""Where every commit of events is announced, in the log's own database."""

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

# A writer that meets others commits twice, so that nobody waits in line for another's disk. The first
# commit places the events, in turn, and leaves the disk for later; the second waits for the disk,
# which takes along everything before it, for all who came meanwhile. Only then is the writer answered.
# Between the two the events can be seen and could still be taken back by a crash, so every reader of
# ours waits until they are on disk (`unsettled`). Alone, one commit is quicker; and where a standby
# must have them, only a single commit is hidden until it has. `crowded` is whether the caller met
# others lately, and tells it whether it did now.
_SAVE_ONE = """
CREATE PROCEDURE spowatch.save_one(
    id text, version integer, topic text, state bytea, INOUT crowded boolean, INOUT placed bigint
) LANGUAGE plpgsql AS $$
DECLARE
    met constant boolean := NOT pg_try_advisory_xact_lock(x'73706f6c6f67'::bigint);
    twice constant boolean :=
        (met OR crowded) AND current_setting('synchronous_standby_names') = '';
    mode text;
    flushed pg_lsn;
BEGIN
    crowded := met;
    IF twice THEN
        mode := set_config('synchronous_commit', 'off', true);
    END IF;
    INSERT INTO spowatch.events (originator_id, originator_version, topic, state)
    VALUES (save_one.id, save_one.version, save_one.topic, save_one.state)
    RETURNING position INTO placed;
    IF twice THEN
        COMMIT;
        flushed := pg_logical_emit_message(true, 'spowatch', '');
    END IF;
END $$
"""

_SAVE = """
CREATE PROCEDURE spowatch.save(
    ids text[], versions integer[], topics text[], states bytea[],
    INOUT crowded boolean, INOUT placed bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    met constant boolean := NOT pg_try_advisory_xact_lock(x'73706f6c6f67'::bigint);
    twice constant boolean :=
        (met OR crowded) AND current_setting('synchronous_standby_names') = '';
    mode text;
    flushed pg_lsn;
BEGIN
    crowded := met;
    IF twice THEN
        mode := set_config('synchronous_commit', 'off', true);
    END IF;
    WITH placed_rows AS (
        INSERT INTO spowatch.events (originator_id, originator_version, topic, state)
        SELECT * FROM unnest(ids, versions, topics, states)
        RETURNING position
    )
    SELECT array_agg(position ORDER BY position) INTO placed FROM placed_rows;
    IF twice THEN
        COMMIT;
        flushed := pg_logical_emit_message(true, 'spowatch', '');
    END IF;
END $$
"""

_SAVE_TOGETHER = """
CREATE PROCEDURE spowatch.save_together(
    ids text[], versions integer[], topics text[], states bytea[], ends integer[], names text[],
    marks bigint[], INOUT crowded boolean, INOUT positions bigint[], INOUT refusals integer[]
) LANGUAGE plpgsql AS $$
DECLARE
    met constant boolean := NOT pg_try_advisory_xact_lock(x'73706f6c6f67'::bigint);
    twice constant boolean :=
        (met OR crowded) AND current_setting('synchronous_standby_names') = '';
    mode text;
    flushed pg_lsn;
BEGIN
    crowded := met;
    IF twice THEN
        mode := set_config('synchronous_commit', 'off', true);
    END IF;
    SELECT done.positions, done.refusals INTO save_together.positions, save_together.refusals
    FROM spowatch.append(ids, versions, topics, states, ends, names, marks) AS done;
    IF twice THEN
        COMMIT;
        flushed := pg_logical_emit_message(true, 'spowatch', '');
    END IF;
END $$
"""

# Null, or how far the server must have flushed before what is read beside it is safe. Asked once the
# rows of its query are chosen, so whatever was committed among them lies before that place.
_UNSETTLED = """
CREATE FUNCTION spowatch.unsettled() RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN pg_current_wal_flush_lsn() < pg_current_wal_insert_lsn()
    THEN pg_current_wal_insert_lsn()::text END
$$
"""

# What lists and the audit of the sheet walk by topic: one event in ten or fewer. An index of every topic
# made the server work 18 % longer for each event of an import; this one costs the others nothing.
_LISTED = """
CREATE INDEX events_listed ON spowatch.events (position) WHERE topic IN
    ('spo.order-opened.v1', 'spo.alert-raised.v1', 'spo.alert-withdrawn.v1')
"""

# Says too whether others were met, in a setting of this transaction alone: then whoever is alone needs no
# procedure, which costs the server a third of a save, and one that meets others learns it from its row.
_TURN_THAT_TELLS = """
CREATE OR REPLACE FUNCTION spowatch.take_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Expressions; PERFORM would run a query, which is felt at every save.
    IF NOT pg_try_advisory_xact_lock(x'73706f6c6f67'::bigint) THEN
        IF pg_advisory_xact_lock(x'73706f6c6f67'::bigint) IS NULL
            OR set_config('spowatch.met', 'on', true) IS NULL
        THEN
            RAISE 'the turn could not be taken';
        END IF;
    END IF;
    IF pg_notify('spowatch_log', '') IS NULL THEN
        RAISE 'nobody could be told';
    END IF;
    RETURN NULL;
END $$
"""

# As `save_one` for whoever met others lately: two commits, but where a standby must have the event.
_SAVE_CROWDED = """
CREATE PROCEDURE spowatch.save_crowded(
    id text, version integer, topic text, state bytea, INOUT placed bigint, INOUT met boolean
) LANGUAGE plpgsql AS $$
DECLARE
    twice constant boolean := current_setting('synchronous_standby_names') = '';
    mode text;
    flushed pg_lsn;
BEGIN
    IF twice THEN
        mode := set_config('synchronous_commit', 'off', true);
    END IF;
    INSERT INTO spowatch.events (originator_id, originator_version, topic, state)
    VALUES (save_crowded.id, save_crowded.version, save_crowded.topic, save_crowded.state)
    RETURNING position, current_setting('spowatch.met', true) = 'on' INTO placed, met;
    IF twice THEN
        COMMIT;
        flushed := pg_logical_emit_message(true, 'spowatch', '');
    END IF;
END $$
"""

SCHEMA: tuple[tuple[LiteralString, ...], ...] = (
    (_EVENTS, _TRACKING, _TURN, _EACH_IN_TURN, _APPEND, _NOT_FOR_ALL),
    (_SAVE_ONE, _SAVE, _SAVE_TOGETHER, _UNSETTLED),
    (_LISTED,),
    (_TURN_THAT_TELLS, _SAVE_CROWDED),
)
_LOG = PostgresSchema("spowatch", SCHEMA)
_MADE: LiteralString = "SELECT to_regclass('spowatch.events') IS NOT NULL"
_ANY: LiteralString = "SELECT EXISTS (SELECT FROM spowatch.events)"


def migrate_postgres_log(dsn: str, *, environment: Mapping[str, str]) -> None:
    """Create the log, or upgrade it; done by `spowatch migrate`, never by a role.

    May run twice, and in two processes. deploy/postgres/grants.sql then says who may do what.
    """
    _LOG.migrate(PostgresServer(dsn, environment=environment))


def kept_log(dsn: str, *, environment: Mapping[str, str]) -> list[Path]:
    """The log, where it has events already."""
    server = PostgresServer(dsn, environment=environment)
    with ServerFaultsNamed(server.place), server.connect() as connection:
        made = connection.execute(_MADE).fetchone() == (True,)
        filled = made and connection.execute(_ANY).fetchone() == (True,)
    return [server.place] if filled else []


def check_postgres_schema(server: PostgresServer, connection: TimedConnection) -> None:
    """Raise unless the log is at exactly the version of `SCHEMA`."""
    _LOG.check(server, connection)

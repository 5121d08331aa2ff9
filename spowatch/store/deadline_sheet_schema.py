"""The tables of the deadline sheet on PostgreSQL, and the functions that move them.

Each change is one call, so one transaction of the server's own: a sweep that is frozen or cut off in
the middle of its work holds no row, and nobody waits for it.
"""

from collections.abc import Mapping

from spowatch.store.postgres_connection import PostgresServer
from spowatch.store.postgres_schema import PostgresSchema

# Half of each page is left free, so that a claim needs no new entry in the index.
_AGENDA = """
CREATE TABLE sheets.agenda (
    order_id uuid PRIMARY KEY,
    version integer NOT NULL,
    claimed_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)
"""
_DEADLINE = """
CREATE TABLE sheets.deadline (
    order_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    basis text NOT NULL,
    urgency smallint NOT NULL,
    PRIMARY KEY (order_id, due_at, kind, about)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)
"""
_DUE = "CREATE INDEX deadline_due ON sheets.deadline (urgency, due_at)"
_BOOKMARK = """
CREATE TABLE sheets.bookmark (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL DEFAULT 0,
    swept_at timestamptz,
    rules bigint NOT NULL DEFAULT -1
) WITH (fillfactor = 10)
"""
_NOTHING_READ = "INSERT INTO sheets.bookmark DEFAULT VALUES"

# Orders are taken in one order by everyone, so no two calls wait for each other. What a sheet holds
# comes back from the log, so no commit of it waits for the disk.
_HOLD = """
CREATE FUNCTION sheets.hold(
    orders uuid[], versions integer[],
    owners uuid[], dues timestamptz[], kinds text[], abouts text[], bases text[],
    urgencies smallint[], read_after bigint, read_to bigint, swept timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    newer uuid[];
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    IF cardinality(orders) > 0 THEN
        WITH known AS (
            INSERT INTO sheets.agenda AS had (order_id, version)
            SELECT * FROM unnest(orders, versions) ORDER BY 1
            ON CONFLICT (order_id) DO UPDATE
            SET version = excluded.version, claimed_until = '-infinity'
            WHERE excluded.version >= had.version
            RETURNING order_id
        )
        SELECT array_agg(order_id) INTO newer FROM known;
        DELETE FROM sheets.deadline AS held USING unnest(newer) AS mine (order_id)
        WHERE held.order_id = mine.order_id AND NOT EXISTS (
            SELECT FROM unnest(owners, dues, kinds, abouts, bases, urgencies)
                AS wanted (order_id, due_at, kind, about, basis, urgency)
            WHERE wanted.order_id = held.order_id AND wanted.due_at = held.due_at
                AND wanted.kind = held.kind AND wanted.about = held.about
                AND wanted.basis = held.basis AND wanted.urgency = held.urgency
        );
        INSERT INTO sheets.deadline (order_id, due_at, kind, about, basis, urgency)
        SELECT wanted.* FROM unnest(owners, dues, kinds, abouts, bases, urgencies)
            AS wanted (order_id, due_at, kind, about, basis, urgency)
        JOIN unnest(newer) AS mine (order_id) USING (order_id)
        ON CONFLICT DO NOTHING;
    END IF;
    UPDATE sheets.bookmark SET
        position = CASE WHEN position >= read_after
            THEN greatest(position, read_to) ELSE position END,
        swept_at = coalesce(swept, swept_at);
END $$
"""

# The rows are asked for one after another, in the order in which they fall due, until there are
# enough: however many are pending, and whatever the statistics say, so no other plan may be chosen.
# Claims are on the clock of the database, which all machines share; one that would end later than any
# claim does was made before that clock was put back.
_CLAIM = """
CREATE FUNCTION sheets.claim(
    instant timestamptz, most integer, lasting interval,
    OUT order_id uuid, OUT due_at timestamptz, OUT version integer
) RETURNS SETOF record LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    urgent CONSTANT smallint := 0;
    level smallint := 1;
    ours uuid[];
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    IF (SELECT min(d.due_at) FROM sheets.deadline AS d WHERE d.urgency = urgent) <= instant THEN
        level := urgent;
    END IF;
    SELECT array_agg(free.order_id) INTO ours FROM (
        SELECT pending.order_id FROM (
            SELECT d.order_id FROM sheets.deadline AS d
            WHERE d.urgency = level AND d.due_at <= instant ORDER BY d.due_at
        ) AS pending CROSS JOIN LATERAL (
            SELECT FROM sheets.agenda AS a
            WHERE a.order_id = pending.order_id
                -- The time of this look, not of the call: what was claimed since is held too.
                AND NOT a.claimed_until BETWEEN clock_timestamp() AND clock_timestamp() + lasting
            FOR UPDATE SKIP LOCKED
        ) AS mine
        LIMIT most
    ) AS free;
    -- By their ids and not by a join, which would be planned for far more than there are.
    UPDATE sheets.agenda AS a SET claimed_until = clock_timestamp() + lasting
    WHERE a.order_id = ANY(ours);
    -- Looked at anew now that they are ours: another sweep may have told one of them meanwhile.
    RETURN QUERY SELECT d.order_id, min(d.due_at), max(a.version)
    FROM sheets.deadline AS d JOIN sheets.agenda AS a ON a.order_id = d.order_id
    WHERE d.order_id = ANY(ours) AND d.urgency = level AND d.due_at <= instant
    GROUP BY d.order_id ORDER BY min(d.due_at);
END $$
"""

_CLEAR = """
CREATE FUNCTION sheets.clear() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE sheets.agenda, sheets.deadline;
    UPDATE sheets.bookmark SET position = 0;
END $$
"""

# The tables before the bookmark, as every other call takes them.
_WORK_BY = """
CREATE FUNCTION sheets.work_by(rules_now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE sheets.agenda, sheets.deadline IN ACCESS EXCLUSIVE MODE;
    UPDATE sheets.bookmark SET rules = rules_now WHERE rules <> rules_now;
    IF FOUND THEN
        PERFORM sheets.clear();
    END IF;
END $$
"""

_NOT_FOR_ALL = """
REVOKE ALL ON FUNCTION sheets.hold(
    uuid[], integer[], uuid[], timestamptz[], text[], text[], text[], smallint[],
    bigint, bigint, timestamptz
), sheets.claim(timestamptz, integer, interval), sheets.clear(), sheets.work_by(bigint) FROM PUBLIC
"""

# Version 2: a sheet filled before holds no alert, and what is pending of one would never be looked at.
_READ_ANEW = "SELECT sheets.clear()"

SHEETS = PostgresSchema(
    "sheets",
    (
        (
            _AGENDA,
            _DEADLINE,
            _DUE,
            _BOOKMARK,
            _NOTHING_READ,
            _HOLD,
            _CLAIM,
            _CLEAR,
            _WORK_BY,
            _NOT_FOR_ALL,
        ),
        (_READ_ANEW,),
    ),
)


def migrate_postgres_sheets(dsn: str, *, environment: Mapping[str, str]) -> None:
    """Create the sheets in the log's database, or upgrade them; never done by a role.

    The schema may be dropped: made again, it is filled from the log.
    """
    SHEETS.migrate(PostgresServer(dsn, environment=environment))

"""How rows of the deadline sheet on PostgreSQL are put and claimed, since version 3 of its schema."""

# Orders are taken in the order of their ids by everyone, those the sheet knows before those it does not:
# that is the order in which `told` is gone through, one look at the primary key for each, and no other plan
# may be chosen for it. Two calls that both put new orders could still wait for each other, once in a very
# long time: the server then ends one, which is done again. Nearly all that is put is of orders that the sheet knows; a plain UPDATE of these costs
# the server a fifth of what an INSERT does that meets them. What a sheet holds comes back from the log,
# so no commit of it waits for the disk.
HOLD = """
CREATE OR REPLACE FUNCTION sheets.hold(
    orders uuid[], versions integer[],
    owners uuid[], dues timestamptz[], kinds text[], abouts text[], bases text[],
    urgencies smallint[], read_after bigint, read_to bigint, swept timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    hashing CONSTANT text := current_setting('enable_hashjoin');
    scanning CONSTANT text := current_setting('enable_seqscan');
    known uuid[];
    newer uuid[];
    added uuid[];
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    IF cardinality(orders) > 0 THEN
        PERFORM set_config('enable_hashjoin', 'off', true), set_config('enable_seqscan', 'off', true);
        WITH held AS (
            UPDATE sheets.agenda AS had SET
                version = greatest(had.version, told.version),
                claimed_until = CASE WHEN told.version >= had.version
                    THEN '-infinity' ELSE had.claimed_until END
            FROM (
                SELECT * FROM unnest(orders, versions) AS given (order_id, version) ORDER BY 1
            ) AS told
            WHERE had.order_id = told.order_id
            RETURNING had.order_id, had.version = told.version AS is_ours
        )
        SELECT array_agg(order_id), array_agg(order_id) FILTER (WHERE is_ours)
        INTO known, newer FROM held;
        PERFORM set_config('enable_hashjoin', hashing, true),
            set_config('enable_seqscan', scanning, true);
        IF cardinality(known) IS DISTINCT FROM cardinality(orders) THEN
            WITH unknown AS (
                INSERT INTO sheets.agenda AS had (order_id, version)
                SELECT * FROM unnest(orders, versions) AS told (order_id, version)
                WHERE told.order_id <> ALL (coalesce(known, '{}')) ORDER BY 1
                -- Another call may have put it since we looked.
                ON CONFLICT (order_id) DO UPDATE
                SET version = excluded.version, claimed_until = '-infinity'
                WHERE excluded.version >= had.version
                RETURNING order_id
            )
            SELECT array_agg(order_id) INTO added FROM unknown;
            newer := newer || added;
        END IF;
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
# claim does was made before that clock was put back. Once found, rows are gone back to by their place:
# a row whose order is locked stays where it is, and of a deadline that does not, another sweep has told
# the order meanwhile.
CLAIM = """
CREATE OR REPLACE FUNCTION sheets.claim(
    instant timestamptz, most integer, lasting interval,
    OUT order_id uuid, OUT due_at timestamptz, OUT version integer
) RETURNS SETOF record LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    urgent CONSTANT smallint := 0;
    level smallint := 1;
    agendas tid[];
    deadlines tid[];
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    IF (SELECT min(d.due_at) FROM sheets.deadline AS d WHERE d.urgency = urgent) <= instant THEN
        level := urgent;
    END IF;
    SELECT array_agg(free.agenda), array_agg(free.deadline) INTO agendas, deadlines FROM (
        SELECT mine.agenda, pending.deadline FROM (
            SELECT d.order_id, d.ctid AS deadline FROM sheets.deadline AS d
            WHERE d.urgency = level AND d.due_at <= instant ORDER BY d.due_at
        ) AS pending CROSS JOIN LATERAL (
            SELECT a.ctid AS agenda FROM sheets.agenda AS a
            WHERE a.order_id = pending.order_id
                -- The time of this look, not of the call: what was claimed since is held too.
                AND NOT a.claimed_until BETWEEN clock_timestamp() AND clock_timestamp() + lasting
            FOR UPDATE SKIP LOCKED
        ) AS mine
        LIMIT most
    ) AS free;
    -- Looked at anew now that they are ours: another sweep may have told one of them meanwhile.
    RETURN QUERY WITH ours AS (
        UPDATE sheets.agenda AS a SET claimed_until = clock_timestamp() + lasting
        WHERE a.ctid = ANY (agendas) RETURNING a.order_id, a.version
    ), still AS MATERIALIZED (
        SELECT d.order_id, d.due_at FROM sheets.deadline AS d
        WHERE d.ctid = ANY (deadlines) AND d.urgency = level AND d.due_at <= instant
    )
    SELECT ours.order_id, min(still.due_at), max(ours.version)
    FROM ours JOIN still USING (order_id) GROUP BY ours.order_id ORDER BY min(still.due_at);
END $$
"""

"""The relay's ledger in the log's PostgreSQL database, for relays on several machines."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import LiteralString

from consumers.relay_ledger import Lease, LeaseLost, Sent, forgetting
from spowatch.store.postgres_connection import PostgresServer
from spowatch.store.postgres_connections import PostgresConnections
from spowatch.store.postgres_faults import ServerFaultsNamed
from spowatch.store.postgres_schema import PostgresSchema

_SENT = """
CREATE TABLE relay.sent (
    topic text COLLATE "C" NOT NULL,
    "partition" integer NOT NULL,
    "offset" bigint NOT NULL,
    position bigint NOT NULL,
    event_id bytea NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, position)
)
"""
_LYING = 'CREATE INDEX lying ON relay.sent (topic, "partition", "offset")'
_AGEING = "CREATE INDEX ageing ON relay.sent (topic, sent_at)"
_CURSOR = """
CREATE TABLE relay.cursor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), position bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10)
"""
_LEASE = """
CREATE TABLE relay.lease (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    holder text NOT NULL DEFAULT '',
    token bigint NOT NULL DEFAULT 0,
    until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 10)
"""
_LEDGER = PostgresSchema(
    "relay",
    (
        (
            _SENT,
            _LYING,
            _AGEING,
            _CURSOR,
            "INSERT INTO relay.cursor DEFAULT VALUES",
            _LEASE,
            "INSERT INTO relay.lease DEFAULT VALUES",
        ),
        ("ALTER TABLE relay.lease ADD COLUMN session integer NOT NULL DEFAULT 0",),
    ),
)

# A lease that would end later than any lease does was taken before the clock was put back. One whose
# holder's session is over is free at once: a relay that was killed takes its session along, one that
# is frozen or cut off does not. A session's number that is in use again only makes for a wait.
_TAKE: LiteralString = """
UPDATE relay.lease SET token = token + (lease.holder <> mine.holder)::integer,
    holder = mine.holder, until = clock_timestamp() + mine.lasting, session = pg_backend_pid()
FROM (SELECT %b::text AS holder, %b::interval AS lasting) AS mine
WHERE lease.holder = mine.holder
    OR NOT (lease.until > clock_timestamp() AND lease.until <= clock_timestamp() + mine.lasting)
    OR NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = lease.session)
RETURNING token
"""
# Each change is one statement that holds the lease's row from its first moment to its last: who has
# lost the lease changes nothing, and who takes it waits for what its holder began.
_ACKNOWLEDGE: LiteralString = """
WITH ours AS MATERIALIZED (
    SELECT token FROM relay.lease WHERE token = %b::bigint FOR UPDATE
), remembered AS (
    INSERT INTO relay.sent (topic, "partition", "offset", position, event_id)
    SELECT sent.* FROM ours, unnest(
        %b::text[], %b::integer[], %b::bigint[], %b::bigint[], %b::bytea[]
    ) AS sent (topic, "partition", "offset", position, event_id)
    ON CONFLICT (topic, position) DO UPDATE SET "partition" = excluded."partition",
        "offset" = excluded."offset", event_id = excluded.event_id, sent_at = excluded.sent_at
), moved AS (
    UPDATE relay.cursor SET position = greatest(cursor.position, %b::bigint) FROM ours
), forgotten AS (
    DELETE FROM relay.sent AS gone USING (
        SELECT old.topic, old.position
        FROM ours, unnest(%b::text[], %b::interval[]) AS kept (topic, lasting) CROSS JOIN LATERAL (
            SELECT topic, position FROM relay.sent
            WHERE topic = kept.topic AND sent_at < statement_timestamp() - kept.lasting
                AND "offset" >= 0
            ORDER BY sent_at LIMIT %b::integer
        ) AS old
    ) AS old
    WHERE gone.topic = old.topic AND gone.position = old.position
)
SELECT token FROM ours
"""
# From the end, so that what a relay that dies in between has not marked is still found by an audit.
_LOSE: LiteralString = """
WITH ours AS MATERIALIZED (
    SELECT token FROM relay.lease WHERE token = %b::bigint FOR UPDATE
), lost AS (
    UPDATE relay.sent SET "offset" = -1 FROM ours WHERE (topic, position) IN (
        SELECT topic, position FROM relay.sent
        WHERE topic = %b::text AND "partition" = %b::integer AND "offset" >= %b::bigint
        ORDER BY "offset" DESC LIMIT %b::integer
    ) RETURNING 1
)
SELECT (SELECT count(*) FROM lost) FROM ours
"""
_FORGET_LOST: LiteralString = """
WITH ours AS MATERIALIZED (
    SELECT token FROM relay.lease WHERE token = %b::bigint FOR UPDATE
), forgotten AS (
    DELETE FROM relay.sent AS gone USING ours, unnest(%b::text[], %b::bigint[]) AS lost (topic, position)
    WHERE gone.topic = lost.topic AND gone.position = lost.position AND gone."offset" < 0
)
SELECT token FROM ours
"""
_HELD: LiteralString = (
    "SELECT holder, token, CASE WHEN isfinite(until) "
    "THEN extract(epoch FROM until - clock_timestamp())::float8 ELSE 0 END FROM relay.lease"
)
_POSITION: LiteralString = "SELECT position FROM relay.cursor"
_ENDS: LiteralString = (
    'SELECT topic, "partition", max("offset") + 1 FROM relay.sent '
    'WHERE "offset" >= 0 GROUP BY topic, "partition"'
)
_LOST: LiteralString = (
    'SELECT position, topic, "partition", "offset", event_id FROM relay.sent '
    'WHERE "offset" < 0 ORDER BY position'
)
_LATEST: LiteralString = (
    'SELECT position, topic, "partition", "offset", event_id FROM relay.sent '
    'WHERE topic = %b::text AND "partition" = %b::integer AND "offset" >= 0 '
    'ORDER BY "offset" DESC LIMIT %b::integer'
)
_AT_ONCE = 10_000


def migrate_postgres_ledger(dsn: str, *, environment: Mapping[str, str]) -> None:
    """Create the ledger in the log's database, or upgrade it; never done by a role."""
    _LEDGER.migrate(PostgresServer(dsn, environment=environment))


class PostgresRelayLedger:
    """For relays of any number of machines; the server's clock decides whose lease it is."""

    def __init__(
        self, dsn: str, *, environment: Mapping[str, str], keeps: Mapping[str, timedelta]
    ) -> None:
        """`keeps` says for how long each topic keeps its records. Raises `StoreUnavailable`."""
        self._server = PostgresServer(dsn, environment=environment)
        with ServerFaultsNamed(self._server.place), self._server.connect() as connection:
            _LEDGER.check(self._server, connection)
        self._connections = PostgresConnections(self._server)
        self._keeps = keeps

    def acquire(self, holder: str, *, seconds: float) -> int | None:
        taken = self._connections.fetch_all(_TAKE, [holder, timedelta(seconds=seconds)])
        return int(taken[0][0]) if taken else None

    def lease(self) -> Lease:
        return Lease(*self._connections.fetch_all(_HELD)[0])

    def position(self) -> int:
        return int(self._connections.fetch_all(_POSITION)[0][0])

    def acknowledged(self, sent: Sequence[Sent], position: int, *, token: int) -> None:
        rows = [(s.topic, s.partition, s.offset, s.position, s.event_id) for s in sent]
        columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(5)]
        kept = [list(self._keeps), list(self._keeps.values()), forgetting(sent)]
        self._fenced(_ACKNOWLEDGE, [token, *columns, position, *kept], token)

    def ends(self) -> dict[tuple[str, int], int]:
        rows = self._connections.fetch_all(_ENDS)
        return {(topic, partition): end for topic, partition, end in rows}

    def lose(self, topic: str, partition: int, offset: int, *, token: int) -> None:
        """A step at a time: a topic that is gone may have had millions, and a call has a deadline."""
        where = [token, topic, partition, offset, _AT_ONCE]
        while self._fenced(_LOSE, where, token) == _AT_ONCE:
            pass

    def forget(self, lost: Sequence[Sent], *, token: int) -> None:
        topics, positions = [each.topic for each in lost], [each.position for each in lost]
        self._fenced(_FORGET_LOST, [token, topics, positions], token)

    def lost(self) -> Sequence[Sent]:
        return [Sent(*row) for row in self._connections.fetch_all(_LOST)]

    def latest(self, topic: str, partition: int, *, limit: int) -> Sequence[Sent]:
        values = [topic, partition, limit]
        return [Sent(*row) for row in self._connections.fetch_all(_LATEST, values)]

    def close(self) -> None:
        self._connections.close()

    def _fenced(self, sql: LiteralString, values: Sequence[object], token: int) -> int:
        """What the statement says, if the lease is still ours."""
        found = self._connections.fetch_all(sql, values)
        if not found:
            raise LeaseLost(token)
        return int(found[0][0])

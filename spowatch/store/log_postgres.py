"""The log on PostgreSQL: events in the order of their commits, for any number of processes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from time import monotonic
from typing import Any, LiteralString, Never
from uuid import UUID

from eventsourcing.persistence import Notification, ProcessRecorder, StoredEvent, Tracking

from domain.published import OrderEvent
from spowatch.store.log_leaves import Leaf, leaf
from spowatch.store.log_rows_postgres import column, notifications, row, stored_events
from spowatch.store.log_watch_postgres import PostgresWatch
from spowatch.store.postgres_appends import stream_has_moved
from spowatch.store.postgres_connection import PostgresServer
from spowatch.store.postgres_connections import PostgresConnections
from spowatch.store.postgres_group_commit import GroupCommit, Save
from spowatch.store.postgres_writer import PostgresWriter

_STREAM = (
    "SELECT originator_id, originator_version, topic, state, (SELECT spowatch.unsettled()) "
    "FROM spowatch.events WHERE originator_id = %b AND originator_version > %b::bigint "
    "AND originator_version <= %b::bigint ORDER BY originator_version "
)
_NOTIFICATIONS = (
    "SELECT position, originator_id, originator_version, topic, state, (SELECT spowatch.unsettled()) "
    "FROM spowatch.events WHERE position > %b::bigint"
)
_REFERENCES = (
    "SELECT position, topic, originator_id, originator_version, (SELECT spowatch.unsettled()) "
    "FROM spowatch.events WHERE position > %b::bigint ORDER BY position LIMIT %b::bigint"
)
# The references, then the streams of those on some topics, whole, then what is past a version of others, then some
# events of the people those streams are of; all but the first only where there is such a reference. A person's id stands
# in the envelope, which comes first, and is found there without reading the event: what is no event finds nobody.
_ALONG = """
WITH news AS MATERIALIZED (
    SELECT position, originator_id, originator_version, topic FROM spowatch.events
    WHERE position > %b::bigint ORDER BY position LIMIT %b::bigint
), concerned AS MATERIALIZED (
    SELECT DISTINCT originator_id FROM news WHERE topic = ANY(%b::text[])
), asked (id, version) AS (
    SELECT originator_id, 0 FROM concerned UNION ALL
    SELECT * FROM unnest(%b::text[], %b::integer[]) WHERE EXISTS (SELECT FROM concerned)
), people AS MATERIALIZED (
    SELECT DISTINCT substring(encode(state, 'escape') FROM '"subject_id":"([0-9a-f-]{36})"') AS id
    FROM concerned AS broken CROSS JOIN LATERAL (
        SELECT state FROM spowatch.events
        WHERE originator_id = broken.originator_id AND originator_version = 1 OFFSET 0
    ) AS opening
)
SELECT position, originator_id, originator_version, topic, NULL::bytea, (SELECT spowatch.unsettled())
FROM news UNION ALL SELECT NULL, told.*, NULL FROM asked CROSS JOIN LATERAL (
    SELECT originator_id, originator_version, topic, state FROM spowatch.events
    WHERE originator_id = id AND originator_version > version ORDER BY originator_version OFFSET 0
) AS told
UNION ALL SELECT NULL, told.*, NULL FROM people CROSS JOIN LATERAL (
    SELECT originator_id, originator_version, topic, state FROM spowatch.events
    WHERE originator_id = id AND topic = ANY(%b::text[]) ORDER BY originator_version OFFSET 0
) AS told
"""
# One look at the primary key a stream, however long the log and whatever its statistics say.
_PAST = (
    "SELECT news.*, (SELECT spowatch.unsettled()) "
    "FROM unnest(%b::text[], %b::integer[]) AS past (id, version) CROSS JOIN LATERAL ("
    "SELECT originator_id, originator_version, topic, state FROM spowatch.events "
    "WHERE originator_id = id AND originator_version > version"
)
_OF_TOPICS = " AND topic = ANY(%b::text[])"
_IN_ORDER = " ORDER BY originator_version OFFSET 0) AS news"
_PLACE = (
    "SELECT position, (SELECT spowatch.unsettled()) FROM spowatch.events "
    "WHERE originator_id = %b AND originator_version = %b::bigint"
)
_LAST = "SELECT max(position), (SELECT spowatch.unsettled()) FROM spowatch.events"
_BOOKMARK = (
    "SELECT max(notification_id), (SELECT spowatch.unsettled()) "
    "FROM spowatch.tracking WHERE application_name = %b"
)
_BOOKMARKS = (
    "SELECT application_name, notification_id, (SELECT spowatch.unsettled()) FROM spowatch.tracking"
)
# Returns once everything up to that place is on disk, and mostly it is by now.
_SETTLE = (
    "SELECT pg_logical_emit_message(true, 'spowatch', '') "
    "WHERE pg_current_wal_flush_lsn() < %b::text::pg_lsn"
)
_LOWEST, _HIGHEST = -(2**31), 2**31
_POLL = 1.0


class PostgresLog(ProcessRecorder):
    """Positions follow commits, so a reader that asks `after` its last misses none.

    They may skip numbers: no reader waits for one. A write returns once the server has it on disk,
    and a read once what it read is. A write that meets another's raises `IntegrityError`; one the
    server cannot take raises `StoreUnavailable`; either way nothing of it is stored.
    `OutcomeUnknown` says that it may be.
    """

    def __init__(self, dsn: str, *, environment: Mapping[str, str]) -> None:
        self._server = PostgresServer(dsn, environment=environment)
        self.place = self._server.place
        self._writer = PostgresWriter(self._server)
        self._group = GroupCommit(self.place, self._writer.commit)
        self._connections = PostgresConnections(self._server)
        self.watch = PostgresWatch(self._server, ours=lambda: self._writer.session)

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        tracking: Tracking | None = None,
        **kwargs: Any,
    ) -> Sequence[int]:
        """The position of each event. `tracking` is stored with them or not at all."""
        if kwargs:
            msg = f"the log cannot save {', '.join(sorted(kwargs))}"
            raise TypeError(msg)
        if not stored_events and tracking is None:
            return []
        rows = [row(stored) for stored in stored_events]
        if len({(identity, version) for identity, version, *_ in rows}) < len(rows):
            raise stream_has_moved(rows)
        try:
            return self._group.save(Save(rows, tracking))
        finally:
            # Whatever became of it: what the server says of our own commits is not listened to.
            if rows:
                self.watch.committed()

    def insert_tracking(self, tracking: Tracking) -> None:
        self.insert_events([], tracking=tracking)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        after = _LOWEST if gt is None else gt
        upto = _HIGHEST if lte is None else lte
        order: LiteralString = "DESC LIMIT %b::bigint" if desc else "ASC LIMIT %b::bigint"
        values = [column(originator_id), after, upto, limit]
        return stored_events(self._read(_STREAM + order, values))

    def select_streams(
        self, originator_ids: Collection[UUID | str], topics: Collection[str] = ()
    ) -> dict[UUID | str, list[StoredEvent]]:
        """The whole stream of each id, in the order of the ids; empty where nothing is stored.

        Of `topics` alone, where there are any.
        """
        found = self._past(dict.fromkeys(originator_ids, 0), topics)
        return {each: found.get(each, []) for each in originator_ids}

    def select_past(
        self, versions: Mapping[UUID, int] | Mapping[UUID | str, int]
    ) -> dict[UUID | str, list[StoredEvent]]:
        """What each stream holds past that version of it; only streams that hold anything."""
        return self._past(versions)

    def _past(
        self,
        versions: Mapping[UUID, int] | Mapping[UUID | str, int],
        topics: Collection[str] = (),
    ) -> dict[UUID | str, list[StoredEvent]]:
        if not versions:
            return {}
        sql: LiteralString = _PAST + (_OF_TOPICS if topics else "") + _IN_ORDER
        values: list[object] = [[column(each) for each in versions], list(versions.values())]
        values += [list(topics)] if topics else []
        streams: defaultdict[UUID | str, list[StoredEvent]] = defaultdict(list)
        for stored in stored_events(self._read(sql, values)):
            streams[stored.originator_id].append(stored)
        return streams

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> list[Notification]:
        sql: LiteralString = _NOTIFICATIONS
        values: list[object] = [(start or 0) - inclusive_of_start]
        if stop is not None:
            sql += " AND position <= %b::bigint"
            values.append(stop)
        if topics:
            sql += " AND topic = ANY(%b::text[])"
            values.append(list(topics))
        sql += " ORDER BY position LIMIT %b::bigint"
        return notifications(self._read(sql, [*values, limit]))

    def select_references(self, after: int, limit: int) -> list[OrderEvent]:
        """Up to `limit` events past position `after` by their places, without what they hold."""
        rows = self._read(_REFERENCES, [after, limit])
        return [OrderEvent(place, topic, UUID(stream), v) for place, topic, stream, v, _ in rows]

    def select_along(
        self,
        after: int,
        limit: int,
        topics: Collection[str],
        past: Mapping[UUID, int],
        of_people: Collection[str] = (),
    ) -> tuple[list[OrderEvent], dict[UUID | str, list[StoredEvent]]]:
        """As `select_references`, and if any is on one of the topics, more by the same query.

        Namely the whole stream of each of those, and of the streams in `past` what they hold past
        that version: a list for each, be it empty. And of the people those streams are of the events on
        the topics `of_people`, where there are any.
        """
        columns = [column(each) for each in past], list(past.values())
        values = [after, limit, list(topics), *columns, list(of_people)]
        rows = self._read(_ALONG, values)
        found = [OrderEvent(p, t, UUID(s), v) for p, s, v, t, *_ in rows if p is not None]
        concerned = dict.fromkeys(each.stream_id for each in found if each.topic in topics)
        streams: dict[UUID | str, list[StoredEvent]]
        streams = {each: [] for each in (*concerned, *past)} if concerned else {}
        for stored in stored_events(each[1:] for each in rows if each[0] is None):
            streams.setdefault(stored.originator_id, []).append(stored)
        return found, streams

    def place_of(self, originator_id: UUID, version: int) -> int | None:
        """The position of that event; None where there is no such event."""
        rows = self._read(_PLACE, [column(originator_id), version])
        return rows[0][0] if rows else None

    def select_leaves(self, after: int, limit: int) -> list[Leaf]:
        """Up to `limit` rows past position `after` as they are sealed, whatever they hold."""
        rows = self._read(_NOTIFICATIONS + " ORDER BY position LIMIT %b::bigint", [after, limit])
        return [leaf(place, *columns) for place, *columns, _ in rows]

    def max_notification_id(self) -> int | None:
        position: int | None = self._read(_LAST)[0][0]
        return position

    def max_tracking_id(self, application_name: str) -> int | None:
        position: int | None = self._read(_BOOKMARK, [application_name])[0][0]
        return position

    def bookmarks(self) -> dict[str, int]:
        """How far every reader of the log has come, by its name."""
        return {name: place for name, place, _ in self._read(_BOOKMARKS)}

    def wait_for(self, position: int, timeout: float) -> bool:
        """Whether the log has reached `position`, waiting for that at most `timeout` seconds."""
        self.watch.start()
        deadline = monotonic() + timeout
        while True:
            turn = self.watch.turn
            if (self.max_notification_id() or 0) >= position:
                return True
            remaining = deadline - monotonic()
            if remaining <= 0:
                return False
            self.watch.wait_past(turn, min(remaining, _POLL))

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Never:
        """Refused: the library's subscription can fall silent without an error."""
        msg = "read this log with PostgresLogReader"
        raise NotImplementedError(msg)

    def _read(self, sql: LiteralString, values: Sequence[object] = ()) -> list[Any]:
        """Rows whose last column is `spowatch.unsettled()`, once no crash can take back what they say."""
        rows = self._connections.fetch_all(sql, values)
        if rows and rows[0][-1] is not None:
            self._connections.fetch_all(_SETTLE, [rows[0][-1]])
        return rows

    def settings(self) -> dict[str, str]:
        """What the server really runs with for this role, for `doctor`."""
        sql: LiteralString = "SELECT name, setting FROM pg_settings WHERE name = ANY(%b::text[])"
        names = ["server_version", "fsync", "full_page_writes", "synchronous_commit"]
        return dict(self._connections.fetch_all(sql, [names]))

    @property
    def readers_in_use(self) -> int:
        """Connections that read at this moment."""
        return self._connections.in_use

    def close(self) -> None:
        self.watch.close()
        self._writer.close()
        self._connections.close()

"""The log on SQLite: events in the order of their commits, for any number of processes."""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from time import monotonic
from typing import Any, Never
from uuid import UUID

from eventsourcing.persistence import (
    IntegrityError,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Tracking,
)

from domain.published import OrderEvent
from spowatch.store.log_leaves import Leaf, odd_leaf
from spowatch.store.log_rows import column, notifications, row, stored_events
from spowatch.store.log_schema import SCHEMA
from spowatch.store.log_watch import LogWatch
from spowatch.store.sqlite_connection import BUSY_TIMEOUT
from spowatch.store.sqlite_connections import SqliteConnections

_INSERT = "INSERT INTO events (originator_id, originator_version, topic, state) VALUES (?, ?, ?, ?)"
_TRACK = (
    "INSERT INTO tracking VALUES (?, ?) ON CONFLICT (application_name) DO UPDATE "
    "SET notification_id = excluded.notification_id "
    "WHERE notification_id < excluded.notification_id"
)
_EVENTS = "SELECT originator_id, originator_version, topic, state FROM events WHERE "
_NOTIFICATIONS = (
    "SELECT position, originator_id, originator_version, topic, state FROM events WHERE "
)
_REFERENCES = (
    "SELECT position, originator_id, originator_version, topic FROM events "
    "WHERE position > ? ORDER BY position LIMIT ?"
)
# As blobs, so that no text of somebody else's making can keep us from reading on.
_LEAVES = (
    "SELECT position, typeof(originator_id) = 'blob' AND length(originator_id) = 16 AND "
    "typeof(originator_version) = 'integer' AND typeof(topic) = 'text' AND typeof(state) = 'blob', "
    "CAST(originator_id AS BLOB), CAST(originator_version AS BLOB), CAST(topic AS BLOB), "
    "CAST(state AS BLOB) FROM events WHERE position > ? ORDER BY position LIMIT ?"
)
_CONFLICTS = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_PAST = (
    "WITH past (id, version) AS (VALUES {}) "
    "SELECT originator_id, originator_version, topic, state FROM past "
    "CROSS JOIN events ON originator_id = id AND originator_version > version"
)
_MOST_VALUES_A_QUERY = 20_000
_version = itemgetter(1)


class SqliteLog(ProcessRecorder):
    """Positions follow commits without a gap, so a reader that asks `after` its last misses none.

    A write returns once it is synced to disk. One that meets another's raises `IntegrityError`;
    one the machine cannot take raises `StoreUnavailable`. Either way nothing of it is stored.
    """

    def __init__(self, path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self._connections = SqliteConnections(path, SCHEMA, busy_timeout=busy_timeout)
        self.watch = LogWatch(path)

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
        try:
            with self._connections.writing() as connection:
                positions = _insert(connection, stored_events)
                if tracking is not None:
                    _track(connection, tracking)
        except sqlite3.IntegrityError as error:
            raise _conflict(error, stored_events) from error
        if positions:
            self.watch.committed()
        return positions

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
        where = "originator_id = ?"
        values: list[object] = [column(originator_id)]
        if gt is not None:
            where += " AND originator_version > ?"
            values.append(gt)
        if lte is not None:
            where += " AND originator_version <= ?"
            values.append(lte)
        order = "DESC" if desc else "ASC"
        values.append(-1 if limit is None else limit)
        rows = self._connections.fetch_all(
            f"{_EVENTS}{where} ORDER BY originator_version {order} LIMIT ?", values
        )
        return stored_events(rows)

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
        only = f" AND topic IN ({', '.join('?' * len(topics))})" if topics else ""
        values = [value for each, version in versions.items() for value in (column(each), version)]
        streams: defaultdict[UUID | str, list[StoredEvent]] = defaultdict(list)
        for first in range(0, len(values), _MOST_VALUES_A_QUERY):
            some = values[first : first + _MOST_VALUES_A_QUERY]
            places = ", ".join(["(?, ?)"] * (len(some) // 2))
            # Sorted here: SQLite makes a table for it even when there is nothing to sort.
            found = self._connections.fetch_all(_PAST.format(places) + only, [*some, *topics])
            for stored in stored_events(sorted(found, key=_version)):
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
        where = "position >= ?" if inclusive_of_start else "position > ?"
        values: list[object] = [start or 0]
        if stop is not None:
            where += " AND position <= ?"
            values.append(stop)
        if topics:
            where += f" AND topic IN ({', '.join('?' * len(topics))})"
            values.extend(topics)
        sql = f"{_NOTIFICATIONS}{where} ORDER BY position LIMIT ?"
        return notifications(self._connections.fetch_all(sql, [*values, limit]))

    def select_references(self, after: int, limit: int) -> list[OrderEvent]:
        """Up to `limit` events past position `after` by their places, without what they hold."""
        rows = self._connections.fetch_all(_REFERENCES, [after, limit])
        return [OrderEvent(place, topic, UUID(bytes=s), v) for place, s, v, topic in rows]

    def place_of(self, originator_id: UUID, version: int) -> int | None:
        """The position of that event; None where there is no such event."""
        sql = "SELECT position FROM events WHERE originator_id = ? AND originator_version = ?"
        rows = self._connections.fetch_all(sql, [column(originator_id), version])
        return rows[0][0] if rows else None

    def select_leaves(self, after: int, limit: int) -> list[Leaf]:
        """Up to `limit` rows past position `after` as they are sealed, whatever they hold."""
        rows = self._connections.fetch_all(_LEAVES, [after, limit])
        return [_leaf(place, *columns) for place, *columns in rows]

    def max_notification_id(self) -> int | None:
        position: int | None = self._connections.fetch_all("SELECT MAX(position) FROM events")[0][0]
        return position

    def max_tracking_id(self, application_name: str) -> int | None:
        sql = "SELECT MAX(notification_id) FROM tracking WHERE application_name = ?"
        position: int | None = self._connections.fetch_all(sql, [application_name])[0][0]
        return position

    def bookmarks(self) -> dict[str, int]:
        """How far every reader of the log has come, by its name."""
        sql = "SELECT application_name, notification_id FROM tracking"
        return dict(self._connections.fetch_all(sql))

    def wait_for(self, position: int, timeout: float) -> bool:
        """Whether the log has reached `position`, waiting for that at most `timeout` seconds."""
        deadline = monotonic() + timeout
        while True:
            turn = self.watch.turn
            if (self.max_notification_id() or 0) >= position:
                return True
            if not self.watch.wait_past(turn, deadline - monotonic()):
                return False

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Never:
        """Refused: the library's subscription can fall silent without an error."""
        msg = "read this log with SqliteLogReader"
        raise NotImplementedError(msg)

    def pragmas(self) -> dict[str, str | int]:
        """What the writing connection really runs with, for `doctor`."""
        names = ("journal_mode", "synchronous", "user_version", "page_size")
        with self._connections.inspecting_writer() as connection:
            return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    def close(self) -> None:
        self.watch.close()
        self._connections.close()


def _insert(connection: sqlite3.Connection, events: Sequence[StoredEvent]) -> Sequence[int]:
    """Their positions: nobody else's lies between two of one transaction."""
    if not events:
        return []
    connection.executemany(_INSERT, map(row, events))
    last: int = connection.execute("SELECT last_insert_rowid()").fetchone()[0]
    return list(range(last - len(events) + 1, last + 1))


def _leaf(position: int, usual: int, *columns: bytes) -> Leaf:
    if not usual:
        return odd_leaf(position, *columns)
    stream, version, topic, state = columns
    name = stream.hex()  # as the text of a UUID, in a third of the time
    dashed = f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}"
    return position, b"%d\n%s\n%s\n%s\n%s" % (position, dashed.encode(), version, topic, state)


def _track(connection: sqlite3.Connection, tracking: Tracking) -> None:
    values = (tracking.application_name, tracking.notification_id)
    if connection.execute(_TRACK, values).rowcount != 1:
        name, position = values
        msg = f"{name} has already gone past position {position}"
        raise IntegrityError(msg)


def _conflict(error: sqlite3.IntegrityError, events: Sequence[StoredEvent]) -> IntegrityError:
    """What to raise when `events` met another's; raises `error` itself when they did not."""
    if error.sqlite_errorcode not in _CONFLICTS:
        raise error
    streams = ", ".join(sorted({str(stored.originator_id) for stored in events}))
    return IntegrityError(f"someone else wrote first to one of: {streams}")

"""The three ways in which events reach the log on PostgreSQL: alone, together, by COPY."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from time import monotonic
from typing import Any, LiteralString

import psycopg
from eventsourcing.persistence import IntegrityError, Tracking

from spowatch.store.log_rows_postgres import Row, columns, copied
from spowatch.store.postgres_connection import DEADLINE, KeptCursor, TimedConnection
from spowatch.store.postgres_group_commit import Save
from spowatch.store.postgres_prepared import Prepared, array, bigint, integer, numbers

COPY_FROM = 200
"""Events of one save from which on COPY is quicker. Other writers wait until all are in, about
25 ms a thousand, so an import hands over a few thousand at a time."""

_COPIED_A_SECOND = 5000
"""Fewer than the slowest server takes; a larger save is given the longer for it."""

_LATELY = 1.0
"""Seconds for which a writer that met others goes on as if they were still there."""

_SAVE_ALONE = (
    "INSERT INTO spowatch.events (originator_id, originator_version, topic, state) "
    "VALUES ($1, $2, $3, $4) RETURNING position, current_setting('spowatch.met', true) = 'on'"
)
_SAVE_CROWDED = "CALL spowatch.save_crowded($1, $2, $3, $4, NULL, NULL)"
_TEXT, _INTEGER, _BYTEA, _BIGINT, _BOOL = 25, 23, 17, 20, 16
_TEXTS, _INTEGERS, _BYTEAS, _BIGINTS = 1009, 1007, 1001, 1016
_SAVE = "CALL spowatch.save(%b::text[], %b::integer[], %b::text[], %b::bytea[], %b, NULL)"
_SAVE_TOGETHER = "CALL spowatch.save_together($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL)"
_COPY = (
    "COPY spowatch.events (originator_id, originator_version, topic, state) "
    "FROM STDIN (FORMAT binary)"
)
_LAST = "SELECT coalesce(max(position), 0) FROM spowatch.events"
_SINCE = "SELECT position FROM spowatch.events WHERE position > %b ORDER BY position"
_TAKE_TURN = (
    "SELECT set_config('statement_timeout', %b, true), "
    "pg_advisory_xact_lock(x'73706f6c6f67'::bigint)"
)
_TRACK = (
    "INSERT INTO spowatch.tracking AS known VALUES (%b, %b) ON CONFLICT (application_name) "
    "DO UPDATE SET notification_id = excluded.notification_id "
    "WHERE known.notification_id < excluded.notification_id"
)
_STREAM_HAS_MOVED, _BOOKMARK_HAS_MOVED = 1, 2


class Crowd:
    """Whether other processes were met at the log lately; a writer that is alone is told so once."""

    def __init__(self) -> None:
        self._until = 0.0

    def lately(self) -> bool:
        return monotonic() < self._until

    def met(self, *, now: bool) -> None:
        if now:
            self._until = monotonic() + _LATELY


class AppendingCursor(KeptCursor):
    """With what a save of one event takes: most are, and a third of their time went into the cursor."""

    def __init__(self, connection: TimedConnection) -> None:
        super().__init__(connection)
        types = (_TEXT, _INTEGER, _TEXT, _BYTEA)
        self._alone = Prepared(connection, "save_alone", _SAVE_ALONE, types)
        self._crowded = Prepared(connection, "save_crowded", _SAVE_CROWDED, types)
        arrays = (_TEXTS, _INTEGERS, _TEXTS, _BYTEAS, _INTEGERS, _TEXTS, _BIGINTS, _BOOL)
        self._together = Prepared(connection, "save_together", _SAVE_TOGETHER, arrays)

    def save_one(self, row: Row, *, crowded: bool) -> tuple[bool, int]:
        """Whether others were met, and the position."""
        identity, version, topic, state = row
        save = self._crowded if crowded else self._alone
        answer = save.run((identity.encode(), integer(version), topic.encode(), state))
        place, met = answer.get_value(0, 0), answer.get_value(0, 1)
        return met == b"\1", int.from_bytes(place or b"", "big")

    def save_together(
        self, saves: Sequence[Save], *, crowded: bool
    ) -> tuple[bool, Iterator[int], Iterator[int]]:
        """Whether others were met, the positions of all that was stored, and each save's refusal."""
        rows = [row for each in saves for row in each.rows]
        ends = accumulate(len(each.rows) for each in saves)
        marks = [each.tracking for each in saves]
        answer = self._together.run(
            (
                array(_TEXT, [identity.encode() for identity, *_ in rows]),
                array(_INTEGER, [integer(version) for _, version, *_ in rows]),
                array(_TEXT, [topic.encode() for *_, topic, _ in rows]),
                array(_BYTEA, [state for *_, state in rows]),
                array(_INTEGER, [integer(end) for end in ends]),
                array(
                    _TEXT,
                    [None if mark is None else mark.application_name.encode() for mark in marks],
                ),
                array(
                    _BIGINT,
                    [None if mark is None else bigint(mark.notification_id) for mark in marks],
                ),
                bytes([crowded]),
            )
        )
        met, placed, refusals = (answer.get_value(0, column) for column in range(3))
        return met == b"\1", numbers(placed), numbers(refusals)


def append(cursor: AppendingCursor, saves: Sequence[Save], crowd: Crowd) -> None:
    """Settle each save: stored, or refused because another was first. One round trip, mostly."""
    only = saves[0]
    if len(saves) > 1 or (only.tracking is not None and len(only.rows) < COPY_FROM):
        _append_together(cursor, saves, crowd)
    else:
        _append_alone(cursor, only, crowd)


def _append_alone(cursor: AppendingCursor, save: Save, crowd: Crowd) -> None:
    try:
        if len(save.rows) < COPY_FROM:
            save.stored(_saved(cursor, save.rows, crowd))
        else:
            save.stored(_copy(cursor, save))
    except psycopg.errors.UniqueViolation:
        save.refused(stream_has_moved(save.rows))
    except IntegrityError as error:
        save.refused(error)


def _saved(cursor: AppendingCursor, rows: Sequence[Row], crowd: Crowd) -> list[int]:
    if len(rows) == 1:
        met, place = cursor.save_one(rows[0], crowded=crowd.lately())
        places = [place]
    else:
        met, places = _called(cursor, _SAVE, (*columns(rows), crowd.lately()))
    crowd.met(now=met)
    return places


def _append_together(cursor: AppendingCursor, saves: Sequence[Save], crowd: Crowd) -> None:
    met, left, refusals = cursor.save_together(saves, crowded=crowd.lately())
    crowd.met(now=met)
    for save, refusal in zip(saves, refusals, strict=True):
        if refusal == _STREAM_HAS_MOVED:
            save.refused(stream_has_moved(save.rows))
        elif refusal == _BOOKMARK_HAS_MOVED and save.tracking is not None:
            save.refused(_bookmark_has_moved(save.tracking))
        else:
            save.stored(list(islice(left, len(save.rows))))


def _called(cursor: KeptCursor, sql: LiteralString, values: Sequence[object]) -> Any:
    """What a procedure of the log answers."""
    return cursor.execute(sql, values).fetchone()


def _copy(cursor: KeptCursor, save: Save) -> list[int]:
    """All or nothing. The turn is taken before `last` is read, so what lies past it is ours."""
    seconds = DEADLINE + len(save.rows) / _COPIED_A_SECOND
    chunks = list(copied(save.rows))
    cursor.connection.allow(seconds)
    with cursor.connection.transaction():
        cursor.execute(_TAKE_TURN, [f"{seconds:.0f}s"])
        [last] = cursor.execute(_LAST).fetchone() or (0,)
        if save.tracking is not None:
            _track(cursor, save.tracking)
        with cursor.copy(_COPY) as copy:
            for chunk in chunks:
                copy.write(chunk)
        return _places(cursor.execute(_SINCE, [last]))


def _track(cursor: KeptCursor, tracking: Tracking) -> None:
    values = (tracking.application_name, tracking.notification_id)
    if cursor.execute(_TRACK, values).rowcount != 1:
        raise _bookmark_has_moved(tracking)


def _places(cursor: KeptCursor) -> list[int]:
    return [position for (position,) in cursor.fetchall()]


def stream_has_moved(rows: Sequence[Row]) -> IntegrityError:
    streams = ", ".join(sorted({identity for identity, *_ in rows}))
    return IntegrityError(f"someone else wrote first to one of: {streams}")


def _bookmark_has_moved(tracking: Tracking) -> IntegrityError:
    name, position = tracking.application_name, tracking.notification_id
    return IntegrityError(f"{name} has already gone past position {position}")

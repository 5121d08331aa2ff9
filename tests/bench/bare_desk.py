"""The least that two processes can do on one server: one puts a row in, the other hears of it and puts in another.

Nothing is judged, opened or checked. What our desk takes longer than this is its own; the rest is the server's,
the drivers' and the machine's.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from uuid import uuid4

import psycopg

from tests.bench.postgres_logs import RAW_INSERT, STATE
from tests.forking import SPAWN
from tests.program import PATIENCE
from tests.store.postgres.places import Place

_CHANNEL = "bare"
_CAUSE, _EFFECT = "bare.cause", "bare.effect"
_VERSIONS = {_CAUSE: 1, _EFFECT: 2}
_PUT_AND_SAY = f"WITH put AS ({RAW_INSERT}) SELECT position, pg_notify('{_CHANNEL}', '') FROM put"  # noqa: S608 - our own words
_NEWS = (
    "SELECT position, originator_id FROM public.raw "
    "WHERE position > %s AND topic = %s ORDER BY position"
)


@contextmanager
def bare_desk(place: Place, rounds: int, a_second: float) -> Iterator["BareDesk"]:
    """Both processes at work, over as soon as all rounds were seen."""
    ours, theirs = SPAWN.Pipe()
    desk = SPAWN.Process(target=_answer, args=(place.writer, rounds), daemon=True)
    watcher = SPAWN.Process(target=_watch, args=(place.writer, theirs, rounds), daemon=True)
    for each in (desk, watcher):
        each.start()
    ours.recv()
    try:
        yield BareDesk(place, ours, 1 / a_second)
    finally:
        for each in (desk, watcher):
            each.kill()
            each.join()


class BareDesk:
    """Puts causes in, one by one, and says how long each effect took to be committed and seen."""

    def __init__(self, place: Place, wire: Connection, every: float) -> None:
        self._wire, self._every = wire, every
        self._rows = psycopg.connect(place.writer, autocommit=True, prepare_threshold=0)
        self._pause = threading.Event()

    def waits(self, rounds: int) -> Sequence[float]:
        """In milliseconds after the commit of each cause was answered."""
        answered = []
        for _ in range(rounds):
            self._pause.wait(self._every)
            _put(self._rows, str(uuid4()), _CAUSE)
            answered.append(time.monotonic_ns())
        seen: list[int] = self._wire.recv()
        return [(then - at) / 1e6 for at, then in zip(answered, seen, strict=True)]


def _put(rows: psycopg.Connection, identity: str, topic: str) -> None:
    rows.cursor(binary=True).execute(
        _PUT_AND_SAY, (identity, _VERSIONS[topic], topic, STATE)
    ).fetchall()


def _answer(dsn: str, rounds: int) -> None:
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=0) as rows:
        after, answered = _listening(rows), 0
        while answered < rounds:
            _heard(rows)
            for position, identity in rows.execute(_NEWS, [after, _CAUSE]).fetchall():
                after, answered = position, answered + 1
                _put(rows, identity, _EFFECT)


def _watch(dsn: str, wire: Connection, rounds: int) -> None:
    """When each effect was there to read."""
    seen: list[int] = []
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=0) as rows:
        after = _listening(rows)
        wire.send("ready")
        while len(seen) < rounds:
            _heard(rows)
            for position, _ in rows.execute(_NEWS, [after, _EFFECT]).fetchall():
                after = position
                seen.append(time.monotonic_ns())
    wire.send(seen)


def _listening(rows: psycopg.Connection) -> int:
    rows.execute(f"LISTEN {_CHANNEL}")
    [last] = rows.execute("SELECT coalesce(max(position), 0) FROM public.raw").fetchone() or (0,)
    return int(last)


def _heard(rows: psycopg.Connection) -> None:
    for _ in rows.notifies(timeout=PATIENCE, stop_after=1):
        return

"""An observer in a process of its own: when each event of a topic was there to read in the log."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

from spowatch.store.sqlite_connection import connect
from tests.forking import SPAWN
from tests.program import PATIENCE

LOOK = 0.0003
"""Seconds between two looks: what an observer adds to a figure. More of them cost processor time."""
_NEW = (
    "SELECT originator_id, state FROM events WHERE position > ? AND position <= ? AND topic = ? "
    "ORDER BY position"
)
_HEAD = "SELECT coalesce(max(position), 0) FROM events"


@dataclass(frozen=True, slots=True)
class Sighting:
    """An event of the log, and the seconds since 1970 at which it was seen."""

    stream: UUID
    at: float
    told: dict[str, Any]

    def moment(self, name: str) -> float:
        """An instant of its envelope, in the same seconds."""
        return datetime.fromisoformat(self.told["meta"][name]).timestamp()


class Observer:
    def __init__(self, wire: Connection) -> None:
        self._wire = wire

    def sightings(self) -> list[Sighting]:
        """Once the number asked for is there, or none came for `PATIENCE`; in the log's order."""
        rows = self._wire.recv()
        return [Sighting(UUID(bytes=who), at, json.loads(state)) for at, who, state in rows]


@contextmanager
def observing(log: Path, topic: str, expected: int, look: float = LOOK) -> Iterator[Observer]:
    """Watches from now on, every `look` seconds."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_observe, args=(log, topic, expected, look, theirs))
    process.start()
    ours.recv()
    yield Observer(ours)
    process.join()


def _observe(log: Path, topic: str, expected: int, look: float, wire: Connection) -> None:
    seen: list[tuple[float, bytes, bytes]] = []
    pause = Event()
    with closing(connect(log)) as rows:
        (after,) = rows.execute(_HEAD).fetchone()
        wire.send("ready")
        patience = time.monotonic() + PATIENCE
        while len(seen) < expected and time.monotonic() < patience:
            (head,) = rows.execute(_HEAD).fetchone()
            for stream, told in rows.execute(_NEW, (after, head, topic)).fetchall():
                patience = time.monotonic() + PATIENCE
                seen.append((time.time(), stream, told))
            after = head
            pause.wait(look)
    wire.send(seen)

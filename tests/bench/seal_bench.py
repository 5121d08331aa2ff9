"""What the seal costs those who write, on both stores, and how long a look at the whole log takes."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from eventsourcing.persistence import StoredEvent

from tests.bench.log_bench import Figure, seconds
from tests.bench.postgres_logs import STATE, measured_place
from tests.spowatch.sealing.sealed_logs import SealedLog, on_postgres, on_sqlite

ROUNDS, QUICK = 20, 4
LONG, SHORT = 1_000_000, 50_000
_SECONDS = 2.0
_AT_ONCE = 5_000


def figures(rounds: int = ROUNDS) -> Iterator[Figure]:
    """Commits of one event each, the sealer on a thread of the writer's own process, on and off."""
    for name, made in {"SQLite": on_sqlite, "PostgreSQL": _on_postgres}.items():
        with TemporaryDirectory(prefix="seal-") as folder, made(Path(folder)) as log:
            yield _cost(name, log, rounds)


def verifying(events: int = LONG) -> Iterator[Figure]:
    """The baseline is to read the same rows and do nothing with them."""
    with TemporaryDirectory(prefix="seal-") as folder, on_sqlite(Path(folder)) as log:
        for _ in range(events // _AT_ONCE):
            log.log.insert_events([_event() for _ in range(_AT_ONCE)])
        sealing = seconds(partial(_all, log.sealer().work))
        reading = seconds(partial(_read, log.log))
        looking = seconds(log.verify)
    scale = LONG / events
    name, unit = "of 1 M events on SQLite", "s"
    yield Figure(
        f"verify {name}",
        unit,
        looking * scale,
        reading * scale,
        looking / reading,
        "<= 60 s",
        [looking],
    )
    yield Figure(
        f"seal {name}", unit, sealing * scale, reading * scale, sealing / reading, "", [sealing]
    )


def _cost(name: str, log: SealedLog, rounds: int) -> Figure:
    plain: list[float] = []
    sealed: list[float] = []
    for turn in range(rounds):
        both: list[tuple[list[float], Callable[[], float]]] = [
            (plain, partial(_commits, log)),
            (sealed, partial(_sealed_commits, log)),
        ]
        for paces, measure in both if turn % 2 else reversed(both):
            paces.append(measure())
    ratios = [one / other for one, other in zip(sealed, plain, strict=True)]
    return Figure(
        f"commits with the seal on, {name}",
        "commits/s",
        median(sealed),
        median(plain),
        median(ratios),
        "seal >= 0.97",
        ratios,
    )


def _commits(log: SealedLog) -> float:
    done, begun = 0, time.monotonic()
    while time.monotonic() < begun + _SECONDS:
        log.log.insert_events([_event()])
        done += 1
    return done / (time.monotonic() - begun)


def _sealed_commits(log: SealedLog) -> float:
    """What the rounds without a seal left is sealed before the clock starts."""
    sealer, stop = log.sealer(), threading.Event()
    _all(sealer.work)

    def seal() -> None:
        while not stop.is_set():
            sealer.work(0.5)

    thread = threading.Thread(target=seal)
    thread.start()
    try:
        return _commits(log)
    finally:
        stop.set()
        thread.join()


def _all(work: Callable[[float], int]) -> None:
    while work(0):
        pass


def _read(log: Any) -> None:
    after = 0
    while rows := log.select_notifications(after, 1000, inclusive_of_start=False):
        after = rows[-1].id


def _event() -> StoredEvent:
    return StoredEvent(uuid4(), 1, "spo.bench.v1", STATE)


@contextmanager
def _on_postgres(folder: Path) -> Iterator[SealedLog]:
    with measured_place() as place, on_postgres(place, folder) as log:
        yield log

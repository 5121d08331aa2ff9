"""From a commit answered to the event in the hands of a reader in another process: ours, the library's."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from multiprocessing.connection import Connection
from statistics import quantiles

from spowatch.store.log_postgres import PostgresLog
from spowatch.store.log_reader_postgres import PostgresLogReader
from tests.bench.log_bench import Figure
from tests.bench.postgres_logs import library, library_save, measured_place, our_save
from tests.forking import SPAWN
from tests.program import PATIENCE
from tests.store.postgres.places import Place

EVENTS = 400
QUICK = 40
_A_SECOND = 40

Watch = Callable[[str, int, Connection], None]


def figures(events: int = EVENTS) -> Iterator[Figure]:
    """The two take turns, event by event, on one server."""
    with measured_place() as place:
        watchers = [_started(watch, place, events) for watch in (_with_ours, _with_the_librarys)]
        accepted = _accepted(place, events)
        waits = [
            [(seen - at) / 1e6 for at, seen in zip(some, wire.recv(), strict=True)]
            for some, wire in zip(accepted, watchers, strict=True)
        ]
    for percent in (50, 99):
        value, base = (quantiles(some, n=100)[percent - 1] for some in waits)
        name = f"commit -> reader, against library, p{percent}"
        yield Figure(name, "ms", value, base, value / base, "", waits[0] if percent == 50 else [])


def _started(watch: Watch, place: Place, events: int) -> Connection:
    ours, theirs = SPAWN.Pipe()
    SPAWN.Process(target=watch, args=(place.writer, events, theirs), daemon=True).start()
    ours.recv()
    return ours


def _accepted(place: Place, events: int) -> tuple[list[int], list[int]]:
    """When each event of either was answered, in nanoseconds of the monotonic clock."""
    found: tuple[list[int], list[int]] = ([], [])
    pause, saves = threading.Event(), (our_save(place), library_save(place))
    for _ in range(events):
        for save, answered in zip(saves, found, strict=True):
            pause.wait(random.expovariate(_A_SECOND))
            save()
            answered.append(time.monotonic_ns())
    return found


def _with_ours(dsn: str, events: int, wire: Connection) -> None:
    seen: list[int] = []
    with closing(PostgresLog(dsn, environment={})) as log:
        reader = PostgresLogReader(log)
        wire.send("ready")
        while len(seen) < events:
            found = reader.read(len(seen), limit=10, wait=PATIENCE)
            seen += [time.monotonic_ns() for _ in found]
    wire.send(seen)


def _with_the_librarys(dsn: str, events: int, wire: Connection) -> None:
    seen: list[int] = []
    with library(dsn).subscribe() as subscription:
        wire.send("ready")
        for _ in islice(subscription, events):
            seen.append(time.monotonic_ns())  # noqa: PERF401 - each at its own moment
    wire.send(seen)

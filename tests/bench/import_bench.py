"""Events brought into PostgreSQL by the thousand, versions checked, beside a bare COPY of the rows."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from statistics import median
from uuid import uuid4

import psycopg
from eventsourcing.persistence import IntegrityError, StoredEvent

from spowatch.store.log_rows_postgres import copied, row
from tests.bench.log_bench import Figure, seconds
from tests.bench.postgres_logs import RAW_COPY, STATE, library, measured_place
from tests.store.postgres.places import Place

ROUNDS = 9
_EVENTS = 20_000
_A_SAVE = 5_000
_LIBRARY_SAVE = 250
"""Of 1,000 such events at once the library's recorder did not come back."""

_VERSIONS = 10
"""Events a stream."""

_SHARE = _EVENTS / (4 * _LIBRARY_SAVE)
"""The library is given that much less to do, and its time is stretched."""


def figures(rounds: int = ROUNDS) -> Iterator[Figure]:
    with measured_place() as place:
        yield from _measured(place, rounds)
        yield _refused(place)


def _measured(place: Place, rounds: int) -> Iterator[Figure]:
    ours, raw, theirs = [], [], []
    recorder = library(place.writer)
    with closing(place.open()) as log, psycopg.connect(place.writer, autocommit=True) as bare:
        for _ in range(rounds):
            saves = [_events(_A_SAVE) for _ in range(_EVENTS // _A_SAVE)]
            ours.append(seconds(partial(_each, log.insert_events, saves)))
            raw.append(seconds(partial(_each, partial(_copy, bare), saves)))
            few = [_events(_LIBRARY_SAVE) for _ in range(4)]
            theirs.append(seconds(partial(_each, recorder.insert_events, few)) * _SHARE)
    name = "import into PostgreSQL"
    yield _figure(f"{name}, against COPY", ours, raw, "L7 >= 35,000/s")
    yield _figure(f"{name}, against library", ours, theirs, "")


def _events(count: int) -> list[StoredEvent]:
    streams = [uuid4() for _ in range(count // _VERSIONS)]
    return [
        StoredEvent(stream, version, "spo.bench.v1", STATE)
        for stream in streams
        for version in range(1, _VERSIONS + 1)
    ]


def _each(
    save: Callable[[Sequence[StoredEvent]], object], saves: Sequence[list[StoredEvent]]
) -> None:
    for events in saves:
        save(events)


def _copy(connection: psycopg.Connection, events: Sequence[StoredEvent]) -> None:
    chunks = list(copied([row(event) for event in events]))
    with connection.cursor().copy(RAW_COPY) as copy:
        for chunk in chunks:
            copy.write(chunk)


def _figure(name: str, ours: Sequence[float], base: Sequence[float], goal: str) -> Figure:
    ratios = [other / our for our, other in zip(ours, base, strict=True)]
    rates = [_EVENTS / median(times) for times in (ours, base)]
    samples = [_EVENTS / each for each in ours]
    return Figure(name, "events/s", rates[0], rates[1], median(ratios), goal, samples)


def _refused(place: Place) -> Figure:
    """Of saves in which one event's version is taken already, those that were let in."""
    let_in = 0
    with closing(place.open()) as log:
        for _ in range(5):
            events = _events(_A_SAVE)
            log.insert_events(events[:1])
            try:
                log.insert_events(events)
            except IntegrityError:
                continue
            let_in += 1
    return Figure("imports let in over a taken version", "of 5", let_in, 0, 0, "0", [let_in])

"""Runners and rebuilds killed at any moment, alone and side by side: nothing lost, twice or by halves."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from projections.store import digest_of
from spowatch.store.log_sqlite import SqliteLog
from tests.forking import FORKING
from tests.program import PATIENCE
from tests.projections.runners.other_processes import Kept, keep_up, make_anew, working
from tests.projections.runners.places import emptied
from tests.projections.runners.tally import OPENED, POISON, TOLD, expected
from tests.store.postgres.places import Place

KILLS = 6
STREAMS = [UUID(int=number) for number in range(40)]
ALL = 10**9


@pytest.fixture(params=["file", "database"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, log: SqliteLog) -> Kept:
    if request.param == "file":
        return Kept(log.path, tmp_path / "projections.db")
    place: Place = request.getfixturevalue("sheets_place")
    emptied(place.administrator)
    return Kept(log.path, dsn=place.writer)


@contextmanager
def running(work: Callable[..., None], kept: Kept) -> Iterator[BaseProcess]:
    """Working, and killed at the end."""
    ours, theirs = FORKING.Pipe()
    process = FORKING.Process(target=work, args=(kept, theirs), daemon=True)
    process.start()
    assert ours.poll(PATIENCE)
    ours.recv()
    try:
        yield process
    finally:
        assert process.exitcode is None, "it ended by itself"
        process.kill()
        process.join()


def tell(log: SqliteLog, versions: dict[UUID, int], events: int, seed: random.Random) -> None:
    """So many events of streams in turn; one in a hundred cannot be read."""
    for _ in range(events):
        stream = seed.choice(STREAMS)
        versions[stream] = versions.get(stream, 0) + 1
        state = POISON if seed.random() < 0.01 else seed.randbytes(4).hex().encode()
        topic = TOLD if versions[stream] > 1 else OPENED
        log.insert_events([StoredEvent(stream, versions[stream], topic, state)])


def test_runners_killed_in_mid_batch_leave_a_sheet_that_others_go_on_with(
    kept: Kept, log: SqliteLog
) -> None:
    seed = random.Random(22)
    versions, pause = dict[UUID, int](), threading.Event()
    for number in range(KILLS):
        with running(keep_up, kept), running(keep_up, kept) if number % 2 else nullcontext():
            tell(log, versions, 40, seed)
            pause.wait(seed.random() * 0.06)
    with working(kept) as (last, store):
        last.catch_up(ALL)
        rows, parked = expected(log.select_notifications(1, ALL))
        mark = store.bookmark()
        assert mark is not None
        assert set(store.rows()) == rows
        assert {(e.stream_id, e.version) for e in store.parked(mark)} == parked
        assert parked
        assert last.rebuild() == 0


def test_rebuilds_killed_at_any_moment_leave_a_whole_sheet(kept: Kept, log: SqliteLog) -> None:
    seed = random.Random(7)
    pause, stop = threading.Event(), threading.Event()
    tell(log, {}, 400, seed)
    seen: set[str] = set()
    faults: list[Exception] = []
    with working(kept) as (first, store):
        first.catch_up(ALL)
        whole = digest_of(store.rows())

        def look() -> None:
            try:
                while not stop.is_set():
                    seen.add(digest_of(store.rows()))
            except Exception as fault:  # noqa: BLE001 - whatever it is, it is reported
                faults.append(fault)

        reader = threading.Thread(target=look)
        reader.start()
        for _ in range(KILLS):
            with running(make_anew, kept):
                pause.wait(seed.random() * 0.1)
        stop.set()
        reader.join(PATIENCE)
        assert not faults
        assert seen == {whole}
        assert first.rebuild() == 0
        assert first.catch_up(ALL) == 400

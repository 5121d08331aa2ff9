"""What measuring costs: an event read, an event written, one scrape; and K7 again with and without metrics."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from uuid import UUID

import requests

from deploy.kafka.cluster import Cluster, running
from domain.published import OrderEvent
from spowatch.metrics.meters import Meters
from spowatch.metrics.reading import MeasuredReader
from spowatch.settings.root import KafkaTransport
from tests.bench.idle_roles_bench import _spent, resident
from tests.bench.log_bench import Figure
from tests.bench.postgres_logs import new_store
from tests.bench.split_alert_bench import settings_of
from tests.program import Program, run
from tests.servers.ports import free_port

ROUNDS, READINGS, BATCH = 7, 2_000, 10
WATCHED, QUICK = 30, 6
_SETTLES = 4.0
_SCRAPED_EVERY = 5.0


class _Log:
    """Ten events whenever it is asked: nothing but the cost of asking."""

    def __init__(self) -> None:
        self._position = count(1)

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        at = next(self._position) + 0 * (after + limit + int(wait))
        return [OrderEvent(at, "spo.breach-reported.v1", UUID(int=1), at)] * BATCH


def figures(watched: int = WATCHED) -> Iterator[Figure]:
    meters = Meters()
    bare, measured = _Log(), MeasuredReader(_Log(), meters.roles.of("alert"))
    yield _compared(
        "an event read in a batch of ten, measured",
        lambda: bare.read(0, limit=BATCH, wait=0),
        lambda: measured.read(0, limit=BATCH, wait=0),
        BATCH,
    )
    yield _compared(
        "a save of nothing, measured", _nothing, lambda: meters.writes.write(1, _nothing), 1
    )
    yield from _idle(watched)


def _nothing() -> None:
    """What is saved here."""


def _compared(
    name: str, bare: Callable[[], object], measured: Callable[[], object], events: int
) -> Figure:
    """Microseconds an event, in turns."""
    rounds = [(_each(bare) / events, _each(measured) / events) for _ in range(ROUNDS)]
    more = median(ours - theirs for theirs, ours in rounds)
    theirs, ours = (median(each) for each in zip(*rounds, strict=True))
    samples = [each for pair in rounds for each in pair]
    goal = f"{more:.2f} us more"
    return Figure(name, "us an event", ours, theirs, ours / theirs, goal, samples)


def _each(done: Callable[[], object]) -> float:
    begun = time.perf_counter()
    for _ in range(READINGS):
        done()
    return (time.perf_counter() - begun) / READINGS * 1e6


def _idle(watched: int) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="bench-") as name, running(Cluster(Path(name))) as cluster:
        run("topics", "apply", "--copies", "1", "--bootstrap", cluster.bootstrap)
        transport = KafkaTransport(kind="kafka", bootstrap=cluster.bootstrap)
        with new_store(transport) as (store, place), ExitStack() as stack:
            given, port = settings_of(store, place), free_port()
            plain = _started(stack, store.settings.data_dir / "plain", given)
            told = _started(
                stack, store.settings.data_dir / "told", given | {"SPO_METRICS__PORT": str(port)}
            )
            stop = Event()
            stack.callback(stop.set)
            scraping = Thread(target=_scrape, args=(f"http://127.0.0.1:{port}/metrics", stop))
            scraping.start()
            yield from _watched(plain.process.pid, told.process.pid, watched)


def _started(stack: ExitStack, data: Path, given: dict[str, str]) -> Program:
    data.mkdir()
    key = {"SPO_KEYS__PATH": str(data.parent / "keys.db"),
           "SPO_KEYS__MASTER_KEY_FILE": str(data.parent / "master.key")}  # fmt: skip
    arguments = ("run", "relay", "alert", "--data-dir", str(data))
    program = stack.enter_context(Program(*arguments, settings=given | key))
    for _ in range(2):
        program.said.until(lambda line: line.startswith("READY"))
    return program


def _scrape(address: str, stop: Event) -> None:
    while not stop.wait(_SCRAPED_EVERY):
        requests.get(address, timeout=_SCRAPED_EVERY).raise_for_status()


def _watched(plain: int, told: int, watched: int) -> Iterator[Figure]:
    """Both at the same time, so that both have the same noise."""
    time.sleep(_SETTLES)
    before, begun = (_spent(plain), _spent(told)), time.monotonic()
    time.sleep(watched)
    lasted = time.monotonic() - begun
    base, ours = (
        (_spent(each) - spent) / lasted * 100
        for each, spent in zip((plain, told), before, strict=True)
    )
    name = "idle relay and desk, scraped every 5 s"
    yield Figure(name, "% of a core", ours, base, ours / base, "K7 <= 2 %", [ours, base])
    base, ours = resident(plain), resident(told)
    yield Figure(name, "MB", ours, base, ours / base, "K7 <= 120 MB", [ours, base])

"""What the relay and the arrest desk cost while nothing happens, beside a bare idle consumer."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.kafka.cluster import Cluster, running
from spowatch.settings.root import KafkaTransport
from tests.bench.log_bench import Figure
from tests.bench.postgres_logs import new_store
from tests.bench.split_alert_bench import settings_of
from tests.program import Program, run

SECONDS = 30
QUICK = 5
_SETTLES = 4.0
_BARE = (
    "import sys; from kafka import KafkaConsumer; "
    "c = KafkaConsumer(sys.argv[2], bootstrap_servers=sys.argv[1]); print('READY', flush=True); "
    "[c.poll(timeout_ms=250) for _ in iter(int, 1)]"
)
_TICKS = os.sysconf("SC_CLK_TCK")


def figures(watched: int = SECONDS) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="bench-") as name, running(Cluster(Path(name))) as cluster:
        run("topics", "apply", "--copies", "1", "--bootstrap", cluster.bootstrap)
        transport = KafkaTransport(kind="kafka", bootstrap=cluster.bootstrap)
        with new_store(transport) as (store, place), ExitStack() as stack:
            where = ("--data-dir", str(store.settings.data_dir))
            given = settings_of(store, place)
            ours = stack.enter_context(Program("run", "relay", "alert", *where, settings=given))
            topic = "spo.alert.requested.v1"
            bare = stack.enter_context(
                Program("-c", _BARE, cluster.bootstrap, topic, program=(sys.executable,))
            )
            for program in (ours, bare):
                program.said.until(lambda line: line.startswith("READY"))
            yield from _watched(ours.process.pid, bare.process.pid, watched)


def _watched(ours: int, bare: int, watched: int) -> Iterator[Figure]:
    time.sleep(_SETTLES)
    before, begun = (_spent(ours), _spent(bare)), time.monotonic()
    time.sleep(watched)
    lasted = time.monotonic() - begun
    shares = [
        (_spent(process) - spent) / lasted * 100
        for process, spent in zip((ours, bare), before, strict=True)
    ]
    yield _figure("% of a core", shares, "K7 <= 2 %")
    yield _figure("MB", [resident(process) for process in (ours, bare)], "K7 <= 120 MB")


def _figure(unit: str, found: Sequence[float], goal: str) -> Figure:
    ours, bare = found
    return Figure("idle relay and desk, one process", unit, ours, bare, ours / bare, goal, found)


def _spent(process: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    [line] = [each for each in status.splitlines() if each.startswith("VmRSS")]
    return int(line.split()[1]) / 1024

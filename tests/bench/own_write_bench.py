"""P5: from a breach accepted here to the sheet, kept by another process, showing it here."""

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median, quantiles
from time import perf_counter

from projections.store import SheetStore
from spowatch.open_store import Store
from spowatch.settings.root import PostgresLogSettings
from spowatch.sheet_names import SheetName
from spowatch.wiring.projections import projection
from tests.bench import postgres_logs, registers
from tests.bench.library_projection import library_read_your_write
from tests.bench.log_bench import Figure
from tests.bench.registers import NOW, breach, open_orders, state
from tests.program import Program

WRITES = 300
_A_SECOND = 20


def figures(writes: int = WRITES) -> Iterator[Figure]:
    base = library_read_your_write()
    with registers.new_store() as store:
        yield from _figures("SQLite", _waits(store, writes), base)
    with postgres_logs.new_store() as (store, _):
        yield from _figures("PostgreSQL", _waits(store, writes), base)


def _figures(kept: str, waits: list[float], base: float) -> Iterator[Figure]:
    for percent, goal in ((50, "<= 10 ms"), (99, "<= 30 ms")):
        value = median(waits) if percent == 50 else quantiles(waits, n=100)[98]
        samples = waits if percent == 50 else []
        yield Figure(f"P5 {kept} p{percent}", "ms", value, base, value / base, goal, samples)


def _waits(store: Store, writes: int) -> list[float]:
    """Milliseconds from the acknowledgement until the row that others wrote could be read."""
    references = open_orders(store.register, min(writes, 100))
    pause = threading.Event()
    waits = []
    arguments = ("run", "project", "--data-dir", str(store.settings.data_dir))
    with (
        Program(*arguments, settings=_settings(store)) as project,
        projection(SheetName.ORDER_REGISTER, store, lambda: NOW) as (_, sheet),
    ):
        project.said.until(lambda line: line.startswith("READY project"))
        _wait_for(sheet, store.log.max_notification_id() or 0)
        for number in range(writes):
            pause.wait(random.expovariate(_A_SECOND))
            now = datetime.now(UTC)
            told = state(
                store.register, references[number % len(references)], [breach(now, str(number))]
            )
            began = perf_counter()
            _wait_for(sheet, max(each.position or 0 for each in told))
            waits.append((perf_counter() - began) * 1e3)
        project.stop()
    return waits


def _wait_for(sheet: SheetStore, position: int) -> None:
    if not sheet.wait_for(position, 60):
        raise AssertionError(position)


def _settings(store: Store) -> dict[str, str]:
    log = store.settings.log
    if not isinstance(log, PostgresLogSettings):
        return {}
    return {"SPO_LOG__KIND": "postgres", "SPO_LOG__DSN": log.dsn.get_secret_value()}

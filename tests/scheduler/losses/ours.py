"""Our way: the deadline sheet, the sweep and the clockwork, on a real store."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from domain.dossier import order_id
from domain.findings import Finding
from domain.register import OrderRegister
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from scheduler.clockwork import Clockwork
from spowatch.open_store import Store
from spowatch.store.factory import LogFactory
from spowatch.store.shelf import Shelf
from spowatch.wiring.store import log_fault, now, sweep
from tests.scheduler.losses.bad_disks import RAISES, DoomedLog, TroubledSheet
from tests.scheduler.losses.orders_due import entered, order_due
from tests.scheduler.losses.watcher import watch
from tests.scheduler.losses.ways import Raised, Trouble
from tests.stories import store_at, tell


class OurClockwork:
    """Raised is what stands on the log."""

    program = "tests.scheduler.losses.ours"
    patience = 10.0

    def __init__(self, store: Store) -> None:
        self._store = store
        self.directory = store.settings.data_dir
        self._names: dict[UUID, str] = {}

    def arm(self, *instants: datetime) -> Sequence[str]:
        names = [f"KENT-{len(self._names) + number}" for number in range(len(instants))]
        for name, instant in zip(names, instants, strict=True):
            self._names[order_id(name)] = name
            facts = order_due(instant)
            tell(self._store, name, *facts, now=entered(facts))
        return names

    @contextmanager
    def watching(self, trouble: Trouble | None = None) -> Iterator[None]:
        with ExitStack() as stack:
            store = stack.enter_context(_doomed(self.directory))
            path = store.settings.sheets_path
            sheet = SqliteDeadlineSheet(path) if trouble is None else TroubledSheet(path, trouble)
            stack.callback(sheet.close)
            clockwork = Clockwork(sweep(store, sheet), now, log_fault)
            stack.callback(clockwork.close)
            stack.enter_context(_worked(clockwork.work))
            yield

    @asynccontextmanager
    async def watching_on_the_loop(self, trouble: Trouble | None) -> AsyncIterator[None]:
        """From threads of its own: nothing of ours runs on a loop."""
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, self.watching(trouble))
            try:
                yield
            finally:
                await asyncio.to_thread(stack.close)

    def raised(self) -> Sequence[Raised]:
        return list(self._raised())

    def _raised(self) -> Iterator[Raised]:
        for stored in self._store.log.select_notifications(1, 10_000, topics=RAISES):
            recorded = self._store.mapper.to_domain_event(stored)
            if isinstance(recorded.event, Finding):
                name = self._names[recorded.originator_id]
                yield Raised(name, recorded.event.due_at, recorded.envelope.entered_at)


@contextmanager
def our_clockwork(directory: Path) -> Iterator[OurClockwork]:
    with store_at(directory) as store:
        yield OurClockwork(store)


@contextmanager
def _doomed(directory: Path) -> Iterator[Store]:
    """A store of its own handles, whose sweep may meet its doom in the middle of raising."""
    with store_at(directory) as store:
        log = DoomedLog(store.settings.log_path)
        register = OrderRegister(LogFactory(log, store.mapper), Shelf())
        try:
            yield replace(store, register=register)
        finally:
            log.close()


@contextmanager
def _worked(work: Callable[[float], int]) -> Iterator[None]:
    """Work on a thread, as a role does: what the database refuses is tried again.

    Once entered, all there was to read has been read.
    """
    caught_up, stopping = threading.Event(), threading.Event()

    def loop() -> None:
        while not stopping.is_set():
            try:
                if not work(0.02):
                    caught_up.set()
            except sqlite3.OperationalError as fault:
                log_fault(fault)

    thread = threading.Thread(target=loop, name="sweep")
    thread.start()
    try:
        caught_up.wait()
        yield
    finally:
        stopping.set()
        thread.join()


if __name__ == "__main__":
    watch(our_clockwork)

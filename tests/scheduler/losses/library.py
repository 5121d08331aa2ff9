"""The library's way: APScheduler with its own job store, a one-shot job for every deadline."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler

from tests.program import PATIENCE
from tests.scheduler.losses.ledger import entries, raise_due
from tests.scheduler.losses.watcher import watch
from tests.scheduler.losses.ways import Disk, Raised, Trouble

_KINDEST: Mapping[str, Any] = MappingProxyType({"misfire_grace_time": None, "coalesce": True})
"""However late a job is, it is to run, and once."""


class JobStore(SQLAlchemyJobStore):  # type: ignore[misc]  # the library is not typed
    """The library's own; tells when it was first asked what comes next, and may fail at that."""

    def __init__(self, directory: Path, trouble: Trouble | None = None) -> None:
        super().__init__(url=f"sqlite:///{directory / 'jobs.sqlite'}")
        self.asked = threading.Event()
        self._falters = trouble is not None and trouble.disk is Disk.FALTERS

    def get_next_run_time(self) -> Any:
        if self._falters and self.asked.is_set():
            self._falters = False
            msg = "disk I/O error"
            raise sqlite3.OperationalError(msg)
        found = super().get_next_run_time()
        self.asked.set()
        return found


class Clerk(BaseScheduler):  # type: ignore[misc]  # the library is not typed
    """Adds jobs and runs none. One of the others that was only paused would: as it is shut down."""

    def wakeup(self) -> None:
        pass

    def shutdown(self, wait: bool = True) -> None:  # noqa: FBT001, FBT002 - the library's own
        super().shutdown(wait)


class LibraryStore:
    """Raised is what stands in the ledger. The settings are the kindest the library has."""

    program = "tests.scheduler.losses.library"
    patience = 1.0
    settings = _KINDEST

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._armed = 0

    def arm(self, *instants: datetime) -> Sequence[str]:
        names = self._named(len(instants))
        elsewhere = _scheduler(Clerk, JobStore(self.directory))
        elsewhere.start(paused=True)
        for name, due in zip(names, instants, strict=True):
            job = (str(self.directory), name, due.isoformat())
            elsewhere.add_job(raise_due, "date", run_date=due, args=job, **self.settings)
        elsewhere.shutdown()
        return names

    def _named(self, count: int) -> list[str]:
        """Names that no deadline had before."""
        self._armed += count
        return [f"KENT-{number}" for number in range(self._armed - count, self._armed)]

    @contextmanager
    def watching(self, trouble: Trouble | None = None) -> Iterator[None]:
        store = JobStore(self.directory, trouble)
        scheduler = _scheduler(BackgroundScheduler, store)
        scheduler.start()
        try:
            assert store.asked.wait(PATIENCE)
            yield
        finally:
            scheduler.shutdown(wait=False)

    @asynccontextmanager
    async def watching_on_the_loop(self, trouble: Trouble | None) -> AsyncIterator[None]:
        store = JobStore(self.directory, trouble)
        scheduler = _scheduler(AsyncIOScheduler, store)
        scheduler.start()
        try:
            assert await asyncio.to_thread(store.asked.wait, PATIENCE)
            yield
        finally:
            scheduler.shutdown(wait=False)
            await asyncio.sleep(0)

    def raised(self) -> Sequence[Raised]:
        return list(entries(self.directory))


class LibraryAsShipped(LibraryStore):
    """With the settings that the library has by itself."""

    settings: Mapping[str, Any] = MappingProxyType({})


@contextmanager
def library_store(directory: Path) -> Iterator[LibraryStore]:
    yield LibraryStore(directory)


@contextmanager
def library_as_shipped(directory: Path) -> Iterator[LibraryStore]:
    yield LibraryAsShipped(directory)


def _scheduler(kind: type[Any], store: JobStore) -> Any:
    return kind(jobstores={"default": store}, timezone=UTC)


if __name__ == "__main__":
    watch(library_store)

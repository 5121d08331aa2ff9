"""Runs roles: open, work until told to stop, close; a fault is counted and tried again, never lost."""

import fcntl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

from spowatch.logs import described
from spowatch.open_store import Store
from spowatch.running.faults import AlreadyRunning, RoleCannotStart, RoleFailed
from spowatch.running.register import REGISTER, Work
from spowatch.running.starting import started

_log = structlog.get_logger()
_IDLE_WAIT = 0.5
"""Seconds a role waits for work before it looks whether it is to stop."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_MANY = frozenset(each.name for each in REGISTER if each.many)


class Running:
    """The roles of one process, each on its own thread."""

    def __init__(
        self,
        store: Store,
        show: Callable[[dict[str, Any]], None],
        stopping: threading.Event,
    ) -> None:
        """`stopping` is set when they are to stop, and by the first of them that fails."""
        self._store = store
        self._vitals = store.meters.vitals
        self._show = show
        self._stopping = stopping
        self._threads: list[threading.Thread] = []
        self._failures: dict[str, RoleFailed] = {}
        self.faults = 0

    def start(self, names: Sequence[str], ready: Callable[[str], None]) -> None:
        self._vitals.expect(names)
        for name in names:
            thread = threading.Thread(target=self._run, args=(name, ready), name=name)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let every role finish what it holds; at most a second or two.

        Raises `RoleFailed` when one of them could not start, or ended by itself.
        """
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        for failure in self._failures.values():
            raise failure

    def _run(self, name: str, ready: Callable[[str], None]) -> None:
        msg = f"the role {name} ended with a fault that stands above; report it, then start again"
        self._failures[name] = RoleFailed(msg)
        try:
            with started(name, self._store.of(name), self._show) as work:
                self._vitals.ready(name)
                ready(name)
                self._work(name, work)
            del self._failures[name]
        except RoleCannotStart as failure:
            self._failures[name] = failure
        finally:
            self._stopping.set()

    def _faulted(self, name: str, fault: Exception) -> None:
        self._vitals.faulted(name, fault)
        self._store.meters.roles.of(name).faults.inc()

    def _work(self, name: str, work: Work) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                work(_IDLE_WAIT)
                self._vitals.turned(name)
                pause = _FIRST_PAUSE
            except Exception as fault:  # noqa: BLE001 - the worker loop of style.md section 8
                self.faults += 1
                self._faulted(name, fault)
                _log.error("role fault", role=name, pause=pause, **described(fault))
                self._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)


@contextmanager
def alone(data_dir: Path, names: Sequence[str]) -> Iterator[None]:
    """Hold the lock on this directory of each role that only one process may run in it.

    In another directory of the same store it may run once more: what both do, the store takes once.
    Raises `AlreadyRunning` when another process has the lock.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    locks = []
    try:
        for name in (name for name in names if name.partition(":")[0] not in _MANY):
            lock = (data_dir / f".{name}.lock").open("w")
            locks.append(lock)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                msg = f"another process already runs the role {name} on {data_dir}"
                raise AlreadyRunning(msg) from None
        yield
    finally:
        for lock in locks:
            lock.close()

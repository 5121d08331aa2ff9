"""A role kept running as a supervisor keeps it: started again when it ends, for whatever reason."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from tests.faults.processes import NotReady, Site
from tests.program import PATIENCE, Program

RESTART = 0.1
"""Seconds until a role that ended is started again, as systemd's RestartSec does."""
_FOR_EVER = 1e6


@dataclass
class Kept:
    """`spowatch run NAME`; `name` may carry a number, where several run side by side."""

    site: Site
    name: str
    exits: list[int] = field(default_factory=list)
    to_ready: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ready = threading.Event()
        self._may_live = threading.Event()
        self._may_live.set()
        self._ending = threading.Event()
        self._turn = threading.Lock()
        self._program: Program | None = None
        self._thread = threading.Thread(target=self._keep, name=self.name, daemon=True)
        self._thread.start()

    @property
    def role(self) -> str:
        return self.name.rstrip("0123456789")

    @property
    def fell_over(self) -> int:
        """How often it ended though nobody killed it."""
        return sum(status != -signal.SIGKILL for status in self.exits)

    def wait_until_ready(self, patience: float = 2 * PATIENCE) -> None:
        if not self._ready.wait(patience):
            raise NotReady(self.name)

    def kill(self) -> None:
        """Returns when it is gone; it is started again at once."""
        with self._turn:
            program = self._program
            if program is not None:
                self._ready.clear()
                program.process.kill()
                program.process.wait()

    def go_down(self) -> None:
        """Killed, and not started again until it is to `come_up`."""
        self._may_live.clear()
        self.kill()

    def come_up(self) -> None:
        self._may_live.set()

    @contextmanager
    def down(self) -> Iterator[None]:
        self.go_down()
        try:
            yield
        finally:
            self.come_up()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    @property
    def pid(self) -> int:
        """Of the life it is in; 0 between two."""
        with self._turn:
            return self._program.process.pid if self._program is not None else 0

    def is_frozen(self) -> bool:
        """As the kernel has it."""
        stat = Path(f"/proc/{self.pid}/stat")
        return (
            stat.exists() and stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"
        )

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def ask_to_stop(self) -> None:
        self._ending.set()
        self._may_live.set()
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """SIGTERM; SIGKILL for one that does not obey."""
        self.ask_to_stop()
        self._thread.join(PATIENCE)
        self._signal(signal.SIGKILL)
        self._thread.join(PATIENCE)

    def _signal(self, what: signal.Signals) -> None:
        with self._turn:
            if self._program is not None:
                self._program.process.send_signal(what)

    def _keep(self) -> None:
        while not self._ending.is_set():
            with self._turn:
                program = self._program = self.site.start("run", self.role)
            self._listen(program)
            status = program.process.wait()
            self._ready.clear()
            if not self._ending.is_set():
                self.exits.append(status)
            with self._turn:
                program.kill()
                self._program = None
            self._may_live.wait()
            self._ending.wait(RESTART)

    def _listen(self, program: Program) -> None:
        begun = monotonic()
        while (line := program.said.next(_FOR_EVER)) is not None:
            if line.startswith(f"READY {self.role} "):
                self.to_ready.append(monotonic() - begun)
                self._ready.set()

"""The processes under fire: roles that are started again when killed, and feeders that ask again."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, time

from tests.faults.incidents import Told
from tests.program import PATIENCE, SPOWATCH, Program

PACE = 0.02
"""Seconds between two facts: the machine must have time for what is killed to come back."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the store is and which program runs on it."""

    folder: Path
    program: Sequence[str] = SPOWATCH
    cwd: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def start(self, *arguments: str) -> Program:
        """The program on this store; what it says of faults is added to a file for the reader."""
        with (self.folder / f"{arguments[0]}.err").open("ab") as errors:
            return Program(
                *arguments,
                "--data-dir",
                str(self.store),
                program=self.program,
                settings=self.settings,
                errors=errors,
                cwd=self.cwd,
            )


class NotReady(AssertionError):
    """A role that was started did not come up."""


class Role:
    """`spowatch run NAME`, with how long each start took until it said READY."""

    def __init__(self, site: Site, name: str) -> None:
        self.name = name
        self.to_ready: list[float] = []
        self.fell_over = 0
        self._site = site
        self._ready = threading.Event()
        self._program = self._start()

    def kill(self) -> None:
        if self._program.process.poll() is not None:
            self.fell_over += 1
        self._program.process.kill()

    def start_again(self) -> None:
        self._listening.join()
        self._program.kill()
        self._program = self._start()

    def wait_until_ready(self) -> None:
        if not self._ready.wait(PATIENCE):
            msg = f"{self.name} did not say READY in {PATIENCE} s"
            raise NotReady(msg)

    def stop(self) -> int:
        """Its exit status after SIGTERM."""
        self._program.process.terminate()
        status = self._program.process.wait(PATIENCE)
        self._listening.join()
        self._program.kill()
        return status

    def end(self) -> None:
        """Leave no process behind, whatever went wrong."""
        self._program.process.kill()
        self._program.process.wait()

    def _start(self) -> Program:
        self._ready.clear()
        program = self._site.start("run", self.name)
        self._listening = threading.Thread(target=self._listen, args=(program,), daemon=True)
        self._listening.start()
        return program

    def _listen(self, program: Program) -> None:
        while (line := program.said.next(_FOR_EVER)) is not None:
            if line.startswith(f"READY {self.name} "):
                self.to_ready.append(monotonic() - program.started)
                self._ready.set()


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A fact the system said it had taken, with the events it named."""

    told: Told
    event_ids: tuple[str, ...]
    refused: bool
    at: float = field(default_factory=time)
    """When, by the machine's clock."""


@dataclass
class Feeder:
    """`spowatch import -`, fed fact by fact; a fact without an answer is told again as it was."""

    site: Site
    facts: Iterator[Told]
    told: Callable[[], None]
    pace: float = PACE
    """Seconds between two facts."""
    acknowledged: list[Acknowledged] = field(default_factory=list)
    again: int = 0
    fell_over: int = 0
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._killing = threading.Lock()
        self._killed = self._given_up = False
        self._turn = threading.Lock()
        self._resting = False
        self._program = self.site.start("import", "-")
        self._thread = threading.Thread(target=self._feed, daemon=True)

    def start(self) -> None:
        """Tell, or go on telling."""
        if self._resting:
            self._resting = False
            self._turn.release()
        elif self._thread.ident is None:
            self._thread.start()

    def rest(self) -> None:
        """Finish the fact in hand, and tell no more until started again. Raises as `stop` does."""
        self._resting = self._turn.acquire(timeout=4 * PATIENCE)
        if self.failure is not None:
            raise self.failure

    def kill(self) -> None:
        with self._killing:
            self._killed = True
            self._program.process.kill()

    def stop(self) -> None:
        """Finish the fact in hand. Raises what feeding ended with."""
        self._stopping.set()
        if self._resting:
            self.start()
        self._thread.join(2 * PATIENCE)
        self._program.kill()
        if self.failure is not None:
            raise self.failure

    def end(self) -> None:
        """Leave no process behind, whatever went wrong."""
        self._stopping.set()
        if self._resting:
            self.start()
        with self._killing:
            self._given_up = True
            self._program.process.kill()
            self._program.process.wait()
        if self._thread.ident is not None:
            self._thread.join(2 * PATIENCE)
        self._program.kill()

    def _feed(self) -> None:
        try:
            while not self._stopping.wait(self.pace):
                with self._turn:
                    self._state(next(self.facts))
        except BaseException as failure:  # noqa: BLE001 - raised again in `stop`
            self.failure = failure

    def _state(self, told: Told) -> None:
        while (answer := self._asked(told)) is None:
            self.again += 1
            with self._killing:
                if self._given_up:
                    return
                self.fell_over += not self._killed
                self._program.kill()
                self._killed = False
                self._program = self.site.start("import", "-")
        self.acknowledged.append(answer)
        self.told()

    def _asked(self, told: Told) -> Acknowledged | None:
        """The answer; None when the process ended first, and whether it took the fact is unknown."""
        try:
            self._program.say(json.dumps(told.fact))
        except BrokenPipeError:
            return None
        self.told()
        refused = False
        while (line := self._program.said.next()) is not None:
            answer = json.loads(line)
            if "accepted" in answer:
                return Acknowledged(told, tuple(answer["event_ids"]), refused)
            if "error" in answer:
                return None
            if "field" in answer:
                msg = f"{told.fact} was not understood: {answer}"
                raise ValueError(msg)
            refused = True
        return None


_FOR_EVER = 1e6

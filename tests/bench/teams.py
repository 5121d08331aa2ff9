"""Teams of processes that do one thing over and over, for as long as they are told."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from statistics import median

from tests.forking import SPAWN
from tests.program import PATIENCE
from tests.store.postgres.places import Place

Make = Callable[[Place], Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a second the whole team did it, and the processor time each time took a member."""

    rate: float
    cpu_us: float


class Team:
    def __init__(self, wires: Sequence[Connection]) -> None:
        self._wires = wires

    def run(self, seconds: float) -> Pace:
        for wire in self._wires:
            wire.send(seconds)
        paces = [wire.recv() for wire in self._wires]
        return Pace(sum(rate for rate, _ in paces), median(cpu for _, cpu in paces))


@contextmanager
def team(make: Make, place: Place, members: int) -> Iterator[Team]:
    """`make` is called once in each process; what it returns is what is done over and over."""
    with ExitStack() as stack:
        pairs = [SPAWN.Pipe() for _ in range(members)]
        for _, theirs in pairs:
            process = SPAWN.Process(target=_work, args=(make, place, theirs))
            process.start()
            stack.callback(process.join, PATIENCE)
        wires = [ours for ours, _ in pairs]
        for wire in wires:
            wire.recv()
            stack.callback(wire.send, None)
        yield Team(wires)


def _work(make: Make, place: Place, wire: Connection) -> None:
    once = make(place)
    once()
    wire.send("ready")
    while (seconds := wire.recv()) is not None:
        done, begun, processor = 0, time.monotonic(), time.process_time()
        while time.monotonic() < begun + seconds:
            once()
            done += 1
        spent = time.process_time() - processor
        wire.send((done / (time.monotonic() - begun), spent / done * 1e6))


def in_turns(teams: Sequence[Team], rounds: int, seconds: float) -> list[list[Pace]]:
    """The paces of each team, one a round; who goes first changes with the round."""
    paces: list[list[Pace]] = [[] for _ in teams]
    for turn in range(rounds):
        for offset in range(len(teams)):
            which = (turn + offset) % len(teams)
            paces[which].append(teams[which].run(seconds))
    return paces

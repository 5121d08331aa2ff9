"""What becomes of accepted alerts over a restart, a kill and a death in mid-send, beside Alertmanager.

Both are told of the same number of alerts, stopped in the same moment, started again, and nobody tells
them anything a second time but where it says so. Counted is what reached the same receiver.
"""

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Protocol

from tests.acceptance.case_files import breach, line, new_store, order_in_force, written
from tests.bench.log_bench import Figure
from tests.program import Program, run
from tests.servers.alertmanager import GROUP_WAIT, Alertmanager, told_of
from tests.servers.receiver import Receiver, receiving

ALERTS, QUICK = 200, 30
QUIET = 3 * GROUP_WAIT + 4
"""Seconds without anything new after which nothing more is expected."""


class Peer(Protocol):
    """A system on a directory that stays, between a source of alerts and the receiver."""

    def start(self) -> None: ...
    def accept(self, names: Sequence[str]) -> None:
        """Returns once it has taken responsibility for all of them."""
        ...

    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def told(self, body: str) -> list[str]:
        """Of which alerts a message tells."""
        ...


class Theirs:
    """Alertmanager."""

    def __init__(self, directory: Path, receiver: Receiver) -> None:
        self._directory, self._url = directory, receiver.url
        self._process: Alertmanager | None = None

    def start(self) -> None:
        self._process = Alertmanager(self._directory, self._url)

    def accept(self, names: Sequence[str]) -> None:
        if self._process is not None:
            self._process.accept(names)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def told(self, body: str) -> list[str]:
        return told_of(body)


class Ours:
    """The program, embedded, with a webhook."""

    def __init__(self, directory: Path, receiver: Receiver) -> None:
        self._store = new_store(directory / "store")
        self._settings = {"SPO_WEBHOOK__URL": receiver.url}
        self._process: Program | None = None

    def start(self) -> None:
        where = ("--data-dir", str(self._store))
        self._process = Program("run", *where, settings=self._settings)
        for _ in range(_ROLES):
            self._process.said.until(lambda each: each.startswith("READY"))

    def accept(self, names: Sequence[str]) -> None:
        """Each on an order of its own; told once more, the same commands are the same facts."""
        lines = []
        for name in names:
            facts = [*order_in_force(), breach(name)]
            for number, fact in enumerate(facts):
                fact["command_id"] = f"{name}-{number}"
            lines.append(line(name, *facts))
        file = written(self._store.parent / "facts.jsonl", lines)
        done = run("import", str(file), "--data-dir", str(self._store))
        assert done.returncode == 0, done.stderr

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def told(self, body: str) -> list[str]:
        return [json.loads(body)["data"]["order"]]


_ROLES = 7


@dataclass(frozen=True)
class Outcome:
    """Of one experiment with one peer."""

    lost: int
    again: int
    """Alerts the receiver was told of more than once."""
    other_ids: int
    """Of those, how many under another id: the receiver cannot know them for repeats."""


def restarted(peer: Peer, receiver: Receiver, names: Sequence[str]) -> None:
    """An orderly restart right after it accepted."""
    peer.start()
    peer.accept(names)
    peer.stop()
    peer.start()


def killed_after(peer: Peer, receiver: Receiver, names: Sequence[str]) -> None:
    """Killed when everything had reached the receiver; then the source repeats itself, as sources do."""
    peer.start()
    peer.accept(names)
    _settled(receiver)
    peer.kill()
    peer.start()
    peer.accept(names)


def killed_in_mid_send(peer: Peer, receiver: Receiver, names: Sequence[str]) -> None:
    """Killed while the receiver has a message and has not answered."""
    receiver.script = deque(["hang"] * len(names))
    peer.start()
    peer.accept(names)
    _until(lambda: bool(receiver.reached))
    peer.kill()
    receiver.script.clear()
    peer.start()


EXPERIMENTS: dict[str, Callable[[Peer, Receiver, Sequence[str]], None]] = {
    "restart after accepting": restarted,
    "kill after sending, source repeats": killed_after,
    "kill in mid-send": killed_in_mid_send,
}


def figures(alerts: int = ALERTS) -> Iterator[Figure]:
    names = [f"KENT/{number}" for number in range(alerts)]
    for name, experiment in EXPERIMENTS.items():
        theirs = _counted(Theirs, experiment, names)
        ours = _counted(Ours, experiment, names)
        for what in ("lost", "again", "other_ids"):
            value, base = getattr(ours, what), getattr(theirs, what)
            goal = "" if what == "again" else "0"
            label = f"{name}: {what.replace('_', ' ')}"
            yield Figure(
                label, f"of {alerts}", value, base, value / base if base else 0.0, goal, []
            )


def _counted(
    kind: Callable[[Path, Receiver], Peer],
    experiment: Callable[[Peer, Receiver, Sequence[str]], None],
    names: Sequence[str],
) -> Outcome:
    with _peer(kind) as (peer, receiver):
        experiment(peer, receiver, names)
        _settled(receiver)
        ids: dict[str, list[str]] = {name: [] for name in names}
        for each in receiver.reached:
            for name in ids.keys() & set(peer.told(each.body)):  # a line test is none of them
                ids[name].append(each.headers.get("webhook-id", f"none {len(ids[name])}"))
    counts = Counter({name: len(found) for name, found in ids.items()})
    return Outcome(
        lost=sum(count == 0 for count in counts.values()),
        again=sum(count > 1 for count in counts.values()),
        other_ids=sum(len(set(found)) > 1 for found in ids.values()),
    )


@contextmanager
def _peer(kind: Callable[[Path, Receiver], Peer]) -> Iterator[tuple[Peer, Receiver]]:
    with TemporaryDirectory(prefix="spowatch-peer-") as folder, receiving() as receiver:
        peer = kind(Path(folder), receiver)
        try:
            yield peer, receiver
        finally:
            peer.kill()


def _settled(receiver: Receiver) -> None:
    """Until nothing new has come for `QUIET` seconds."""
    count, since = -1, monotonic()
    while monotonic() - since < QUIET:
        if len(receiver.reached) != count:
            count, since = len(receiver.reached), monotonic()
        sleep(0.1)


def _until(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + 60
    while not holds():
        if monotonic() > deadline:
            msg = "nothing reached the receiver"
            raise TimeoutError(msg)
        sleep(0.02)

"""A checkpoint: how many events the log had, the root of their tree, and how to find a change in them."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from spowatch.sealing.notes import NoteRefused
from spowatch.store.merkle import HASH

PREFIX = 8
"""Bytes of each leaf's hash that a checkpoint has, to say which one changed; the root says whether."""

_MANDATORY = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The text of C2SP tlog-checkpoint with three lines of ours after it.

    `positions` and `prefixes` are of the leaves since the checkpoint before it.
    """

    origin: str
    size: int
    root: bytes
    sealed_at: datetime
    positions: tuple[range, ...]
    prefixes: bytes

    @property
    def first(self) -> int:
        """The index in the tree of the first leaf whose place it tells."""
        return self.size - len(self.prefixes) // PREFIX

    def leaf_places(self) -> Iterator[tuple[int, bytes]]:
        places = chain.from_iterable(self.positions)
        for at, position in enumerate(places):
            yield position, self.prefixes[at * PREFIX : (at + 1) * PREFIX]

    def __str__(self) -> str:
        spans = ",".join(f"{each.start}..{each.stop - 1}" for each in self.positions)
        return (
            f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n"
            f"sealed {self.sealed_at.isoformat()}\n"
            f"positions {spans}\nleaves {_encoded(self.prefixes)}\n"
        )


def spans(positions: Iterable[int]) -> tuple[range, ...]:
    """Rising positions as the runs of them without a gap."""
    found: list[range] = []
    for each in positions:
        if found and found[-1].stop == each:
            found[-1] = range(found[-1].start, each + 1)
        else:
            found.append(range(each, each + 1))
    return tuple(found)


def checkpoint(text: str) -> Checkpoint:
    """Of what `str` gave. Raises `NoteRefused`."""
    lines = text.splitlines()
    told = dict(line.split(" ", 1) for line in lines[_MANDATORY:] if " " in line)
    try:
        found = Checkpoint(
            origin=lines[0],
            size=int(lines[1]),
            root=base64.b64decode(lines[2], validate=True),
            sealed_at=datetime.fromisoformat(told["sealed"]),
            positions=tuple(map(_span, told["positions"].split(","))),
            prefixes=base64.b64decode(told["leaves"], validate=True),
        )
    except (ValueError, KeyError, IndexError, OverflowError):
        found = None
    if found is None or not _whole(found):
        msg = "it is no checkpoint of spowatch"
        raise NoteRefused(msg)
    return found


def _whole(found: Checkpoint) -> bool:
    told = sum(map(len, found.positions))
    return len(found.root) == HASH and told * PREFIX == len(found.prefixes) and found.first >= 0


def _span(text: str) -> range:
    first, _, last = text.partition("..")
    return range(int(first), int(last) + 1)


def _encoded(some: bytes | Sequence[int]) -> str:
    return base64.b64encode(bytes(some)).decode()

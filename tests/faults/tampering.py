"""Changes that a master of the database makes in a sealed log by raw SQL, one at random at a time."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID, uuid4

Row = list[Any]
"""position, stream, version, topic, state."""


class Table(Protocol):
    """The table of events as its master has it."""

    def rows(self) -> list[Row]: ...

    def replace(self, rows: Sequence[Row]) -> None:
        """Make the table hold these and nothing else."""
        ...


@dataclass(frozen=True, slots=True)
class Edit:
    """What was done, and the first position that is not as it was."""

    kind: str
    first: int


def tampered(table: Table, rng: random.Random) -> Edit:
    """One change of a kind and a place by chance."""
    kind = rng.choice(sorted(KINDS))
    before = table.rows()
    after = KINDS[kind]([list(row) for row in before], rng)
    table.replace(after)
    return Edit(kind, _first(before, after))


def _first(before: Sequence[Row], after: Sequence[Row]) -> int:
    """The lowest position that one has and the other has not, or has otherwise."""
    was, is_now = ({row[0]: tuple(row[1:]) for row in some} for some in (before, after))
    first: int = min(at for at in was.keys() | is_now.keys() if was.get(at) != is_now.get(at))
    return first


def _flip(rows: list[Row], rng: random.Random) -> list[Row]:
    row = rng.choice(rows)
    at = rng.randrange(len(row[4]))
    state = bytearray(row[4])
    state[at] ^= 1 << rng.randrange(8)
    row[4] = bytes(state)
    return rows


def _retell(rows: list[Row], rng: random.Random) -> list[Row]:
    row = rng.choice(rows)
    column = rng.choice([1, 2, 3])
    row[column] = {1: uuid4(), 2: row[2] + 1000, 3: f"{row[3]}2"}[column]
    return rows


def _delete(rows: list[Row], rng: random.Random) -> list[Row]:
    rows.pop(rng.randrange(len(rows) - 1))
    return rows


def _swap(rows: list[Row], rng: random.Random) -> list[Row]:
    one, other = rng.sample(rows, 2)
    one[0], other[0] = other[0], one[0]
    return sorted(rows)


def _insert(rows: list[Row], rng: random.Random) -> list[Row]:
    """Before the first position, where no reader looks, or over one that was taken away."""
    made = [0, uuid4(), 1, "spo.breach-reported.v1", rng.randbytes(40)]
    if rng.random() < 0.5:
        made[0] = -rng.randrange(100)
    else:
        made[0] = rows.pop(rng.randrange(len(rows)))[0]
    return sorted([*rows, made], key=lambda row: int(row[0]))


def _truncate(rows: list[Row], rng: random.Random) -> list[Row]:
    return rows[: rng.randrange(len(rows))]


def _roll_back(rows: list[Row], rng: random.Random) -> list[Row]:
    """An older copy, and other events since."""
    kept = rows[: rng.randrange(len(rows))]
    others = [[row[0], uuid4(), 1, row[3], rng.randbytes(60)] for row in rows[len(kept) :]]
    return kept + others


KINDS: dict[str, Callable[[list[Row], random.Random], list[Row]]] = {
    "flip": _flip,
    "retell": _retell,
    "delete": _delete,
    "swap": _swap,
    "insert": _insert,
    "truncate": _truncate,
    "roll back": _roll_back,
}


def some_rows(count: int, rng: random.Random) -> list[tuple[UUID, int, str, bytes]]:
    """What a log might hold: streams that grow in turns."""
    streams: dict[UUID, int] = {}
    made = []
    for _ in range(count):
        stream = rng.choice([UUID(int=rng.getrandbits(128)), *streams])
        streams[stream] = streams.get(stream, 0) + 1
        made.append(
            (stream, streams[stream], "test.noted.v1", rng.randbytes(rng.randrange(20, 90)))
        )
    return made

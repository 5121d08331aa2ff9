"""Where the checkpoints of a store are kept beside its log, with what the next one goes on from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from spowatch.store.merkle import HASH, MerkleTree

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Sealed:
    """The log up to a position, as one line of checkpoints has it."""

    size: int
    position: int
    last_leaf: bytes
    peaks: bytes
    note: str

    def tree(self) -> MerkleTree:
        return MerkleTree(
            self.size, [self.peaks[at : at + HASH] for at in range(0, len(self.peaks), HASH)]
        )


class KeptCheckpoints(Protocol):
    """Lines of checkpoints by their origin; on disk when a method returns."""

    def last(self, origin: str) -> Sealed | None: ...

    def add(self, origin: str, sealed: Sealed) -> bool:
        """False, and nothing is kept, where that line has come as far or further already."""
        ...

    def notes(self, origin: str, *, after: int, limit: int) -> list[tuple[int, str]]:
        """Sizes past `after` with their signed notes, the smallest first."""
        ...

    def note(self, origin: str, size: int) -> str | None: ...

    def origins(self) -> list[str]: ...

    def close(self) -> None: ...


def notes_after(kept: KeptCheckpoints, origin: str, size: int) -> Iterator[str]:
    """The signed notes of a line past that size, the smallest first."""
    while page := kept.notes(origin, after=size, limit=_PAGE):
        yield from (note for _, note in page)
        size, _ = page[-1]

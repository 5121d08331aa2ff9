"""Whether a log is what its checkpoints say, from the log and the checkpoints alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING

from spowatch.sealing.checkpoint import PREFIX, Checkpoint, checkpoint
from spowatch.sealing.leaves import leaves
from spowatch.sealing.notes import Note, NoteRefused, PublicKey
from spowatch.sealing.witness import notes_in
from spowatch.store.merkle import MerkleTree

if TYPE_CHECKING:
    from spowatch.store.log import Log

Place = tuple[int, bytes]
"""A position, and the beginning of the hash of what stood there when it was sealed."""


class CheckpointsRefused(Exception):
    """These are no checkpoints to check a log by; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """The checkpoints that one key signed, the smallest first."""

    origin: str
    checkpoints: tuple[Checkpoint, ...]

    @property
    def size(self) -> int:
        return self.checkpoints[-1].size

    @property
    def sealed_at(self) -> datetime:
        return self.checkpoints[-1].sealed_at

    def places(self) -> Iterator[Place | None]:
        """Of each leaf in turn; None for one whose checkpoint is missing here."""
        at = 0
        for each in self.checkpoints:
            yield from repeat(None, max(0, each.first - at))
            yield from islice(each.leaf_places(), max(0, at - each.first), None)
            at = each.size


@dataclass(frozen=True, slots=True)
class Difference:
    """The first position, from `first` to `last`, at which the log is not what one line sealed."""

    origin: str
    first: int
    last: int
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole log came to."""

    events: int
    last_position: int
    lines: tuple[Line, ...]
    differences: tuple[Difference, ...]

    @property
    def sealed(self) -> int:
        return max(line.size for line in self.lines)

    @property
    def unsealed(self) -> int:
        """Events younger than the last checkpoint: nothing but the store's own rights guards them."""
        return max(0, self.events - self.sealed)


def lines_of(text: str, keys: Mapping[str, PublicKey]) -> tuple[Line, ...]:
    """The true checkpoints in it by who signed them. Raises `CheckpointsRefused`."""
    found: dict[str, dict[int, Checkpoint]] = {}
    for number, note in enumerate(notes_in(text), 1):
        try:
            made = _true(note, keys)
        except NoteRefused as refused:
            msg = f"checkpoint {number}: {refused}"
            raise CheckpointsRefused(msg) from None
        known = found.setdefault(made.origin, {}).setdefault(made.size, made)
        if known.root != made.root:
            msg = f"checkpoint {number}: {made.origin} signed two different logs of {made.size} events"
            raise CheckpointsRefused(msg)
    if not found:
        msg = "there is no whole checkpoint in it; the role seal makes one within a minute of its start"
        raise CheckpointsRefused(msg)
    return tuple(
        Line(origin, tuple(sizes[size] for size in sorted(sizes)))
        for origin, sizes in found.items()
    )


def _true(note: Note, keys: Mapping[str, PublicKey]) -> Checkpoint:
    key = keys.get(note.signer)
    if key is None or key.id != note.key_id:
        msg = f"it is signed by {note.signer[:60]!r}, whose public key was not given"
        raise NoteRefused(msg)
    key.verify(note.text, note.signature)
    made = checkpoint(note.text)
    if made.origin != key.name:
        msg = f"{key.name} signed it for another log, {made.origin}"
        raise NoteRefused(msg)
    return made


def verified(log: "Log", lines: tuple[Line, ...]) -> Verified:
    """Reads all of the log once."""
    looks = [_Look(line) for line in lines]
    tree, last = MerkleTree(), 0
    for position, leaf in leaves(log):
        hashed = tree.add(leaf)
        for look in looks:
            look.at(position, hashed[:PREFIX], tree)
        last = position
    differences = tuple(found for look in looks if (found := look.ended()) is not None)
    return Verified(tree.size, last, lines, differences)


class _Look:
    """One line beside the log as it is read."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._places: Iterator[Place | None] = line.places()
        self._checkpoints = {each.size: each for each in line.checkpoints}
        self._good = 0
        self._last = 0
        self.found: Difference | None = None

    def at(self, position: int, prefix: bytes, tree: MerkleTree) -> None:
        if self.found is not None or tree.size > self._line.size:
            return
        place = next(self._places)
        if place is not None and place != (position, prefix):
            self.found = self._of_one(position, place)
            return
        made = self._checkpoints.get(tree.size)
        if made is None:
            self._last = position
        elif made.root == tree.root():
            self._good = self._last = position
        else:
            self.found = self._difference(self._good + 1, position, "was altered, somewhere there")

    def _of_one(self, position: int, place: Place) -> Difference:
        sealed_at, _ = place
        if position == sealed_at:
            return self._difference(position, position, "was altered")
        if position < sealed_at:
            return self._difference(position, position, "was put in: it was not there when sealed")
        return self._difference(sealed_at, sealed_at, "is missing")

    def ended(self) -> Difference | None:
        """With the log at its end: what was sealed beyond it is missing."""
        if self.found is None and (place := next(self._places, _NOTHING_LEFT)) is not _NOTHING_LEFT:
            first = self._last + 1 if place is None else place[0]
            self.found = self._difference(first, first, "is missing, and so is all after it")
        return self.found

    def _difference(self, first: int, last: int, what: str) -> Difference:
        return Difference(self._line.origin, first, last, what)


_NOTHING_LEFT: Place = (0, b"")


def witness_text(path: Path) -> str:
    """What the witness has seen. Raises `CheckpointsRefused`."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as fault:
        msg = (
            f"{fault.strerror}; name the file that SPO_SEAL__WITNESS names where the log is sealed"
        )
        raise CheckpointsRefused(msg) from None

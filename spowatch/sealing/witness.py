"""The witness: signed checkpoints one after another in a file that the database's masters cannot write."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from eventsourcing.persistence import PersistenceError

from consumers.synced_folder import sync_folder
from spowatch.sealing.notes import Note, is_signature, note

_TAIL = 256 * 1024
"""Bytes; more than the longest checkpoint has, even behind one that was torn."""


class WitnessOutOfReach(PersistenceError):
    """The file cannot be read or added to; names the setting that names it."""


class WitnessFile:
    """Only ever added to. What a crash tore at its end is passed over and written again.

    Raises `WitnessOutOfReach` at every use.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> Note | None:
        """The last one that is whole."""
        with self._reached():
            if not self.path.exists():
                return None
            tail = self._tail()
        return next(reversed(list(notes_in(tail))), None)

    def _tail(self) -> str:
        with self.path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            return file.read().decode("utf-8", "replace")

    def add(self, signed: str) -> None:
        """On disk when it returns."""
        with self._reached():
            with self.path.open("ab") as file:
                file.write(f"\n\n{signed}".encode())  # what was torn before it ends here
                file.flush()
                os.fsync(file.fileno())
            sync_folder(self.path.parent)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            msg = (
                f"SPO_SEAL__WITNESS: {self.path}: {fault.strerror}; see that it is a file in a folder that "
                "is there, and that whoever runs `seal` may add to it"
            )
            raise WitnessOutOfReach(msg) from fault


def torn_in(text: str) -> int:
    """Pieces of it that are of no whole checkpoint: what a crash left, or was cut off."""
    pieces = sum(bool(each.strip()) for each in text.split("\n\n"))
    return pieces - 2 * sum(1 for _ in notes_in(text))


def notes_in(text: str) -> Iterator[Note]:
    """Every note in it that is whole, in its order; whether each is true is for others to say."""
    paragraphs = text.split("\n\n")
    for body, under in pairwise(paragraphs):
        first = under.split("\n", 1)[0]
        found = note(body.lstrip("\n") + "\n", first) if is_signature(first) else None
        if found is not None:
            yield found

"""The witness: signed checkpoints one after another in a file that the database's masters cannot write."""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from consumers.synced_folder import sync_folder
from spowatch.sealing.notes import Note, is_signature, note

_TAIL = 256 * 1024
"""Bytes; more than the longest checkpoint has, even behind one that was torn."""


class WitnessFile:
    """Only ever added to. What a crash tore at its end is passed over and written again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> Note | None:
        """The last one that is whole."""
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            tail = file.read().decode("utf-8", "replace")
        return next(reversed(list(notes_in(tail))), None)

    def add(self, signed: str) -> None:
        """On disk when it returns."""
        with self.path.open("ab") as file:
            file.write(f"\n\n{signed}".encode())  # what was torn before it ends here
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.path.parent)


def notes_in(text: str) -> Iterator[Note]:
    """Every note in it that is whole, in its order; whether each is true is for others to say."""
    paragraphs = text.split("\n\n")
    for body, under in pairwise(paragraphs):
        first = under.split("\n", 1)[0]
        found = note(body.lstrip("\n") + "\n", first) if is_signature(first) else None
        if found is not None:
            yield found

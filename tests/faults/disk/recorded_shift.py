"""A shift on PostgreSQL, told by a program whose disk is written down; what was answered stands in a file on that disk.

`python -m tests.faults.disk.recorded_shift FOLDER LOG KEYS`, with the names of the databases. Its lines are JSON: what was on
record as a deed began, that it was done and what was answered, and the position of each answer to one of the four.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import psycopg

from spowatch.wiring.store import opened
from tests.faults.disk.ground import Ground
from tests.faults.disk.shift import shift

TOLD = "told"
CHECKPOINTS = {5, 13, 20}
"""Before these deeds; and amid those of the four, after every so manieth answer."""
_EVERY = 9


class _Book:
    """One write a line, so that no two of them mix."""

    def __init__(self, ground: Ground) -> None:
        self._file = os.open(ground.folder / TOLD, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._administrator = ground.administrator
        self._answered = 0

    def says(self, **told: Any) -> None:
        os.write(self._file, json.dumps(told).encode() + b"\n")

    def answered(self, position: int) -> None:
        self.says(position=position)
        self._answered += 1
        if self._answered % _EVERY == 0:
            self.checkpoint()

    def checkpoint(self) -> None:
        with psycopg.connect(self._administrator, autocommit=True) as administrator:
            administrator.execute("CHECKPOINT")


def tell(ground: Ground) -> None:
    book = _Book(ground)
    for number, deed in enumerate(shift(book.answered)):
        if number in CHECKPOINTS:
            book.checkpoint()
        with opened(ground.settings()) as store:
            # Nothing is looked at between an answer and its line: a look waits for the disk.
            at = store.log.max_notification_id() or 0
            book.says(deed=number, at=at)
            told = deed.do(store)
            book.says(done=number, told=repr(told))


if __name__ == "__main__":
    tell(Ground(Path(sys.argv[1]), *sys.argv[2:]))

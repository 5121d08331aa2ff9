"""The keyboard of a terminal, key by key, and the terminal put back as it was."""

import codecs
import os
import select
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

ENTER, ESCAPE, BACKSPACE, UP, DOWN, PAGE_UP, PAGE_DOWN = (
    "enter", "escape", "backspace", "up", "down", "page up", "page down",
)  # fmt: skip
_NAMED = {"\r": ENTER, "\n": ENTER, "\x7f": BACKSPACE, "\b": BACKSPACE, "\x1b": ESCAPE}
_SEQUENCES = {
    "\x1b[A": UP, "\x1b[B": DOWN, "\x1bOA": UP, "\x1bOB": DOWN, "\x1b[5~": PAGE_UP,
    "\x1b[6~": PAGE_DOWN,
}  # fmt: skip
_SEQUENCE_TAKES = 0.05
"""Seconds that the rest of an arrow key may take to arrive; Escape alone has no rest."""


class HungUp(Exception):
    """The terminal is gone."""


class Keyboard:
    """Keys as they are pressed: a character, or the name of a key."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
        self._waiting: list[str] = []

    def key(self, wait: float) -> str | None:
        """The next key, waiting for it at most `wait` seconds. Raises `HungUp`."""
        if not self._waiting:
            self._waiting += _keys(self._read(wait))
        return self._waiting.pop(0) if self._waiting else None

    def _read(self, wait: float) -> str:
        typed, deadline = self._some(wait), monotonic() + _SEQUENCE_TAKES
        while typed.startswith("\x1b") and typed not in _SEQUENCES and monotonic() < deadline:
            typed += self._some(max(0.0, deadline - monotonic()))
        return typed

    def _some(self, wait: float) -> str:
        if not select.select([self._terminal], [], [], wait)[0]:
            return ""
        try:
            typed = os.read(self._terminal, 1024)
        except OSError as gone:
            raise HungUp from gone
        if not typed:
            raise HungUp
        return self._decoder.decode(typed)


def _keys(typed: str) -> list[str]:
    keys = []
    while typed:
        sequence = next((each for each in _SEQUENCES if typed.startswith(each)), None)
        if sequence is not None:
            keys.append(_SEQUENCES[sequence])
            typed = typed[len(sequence) :]
        elif typed.startswith(("\x1b[", "\x1bO")):
            return keys  # a key nobody here knows
        else:
            keys.append(_NAMED.get(typed[0], typed[0]))
            typed = typed[1:]
    return keys


@contextmanager
def keyboard(terminal: int) -> Iterator[Keyboard]:
    """Each key as it is pressed, unseen; the terminal as it was at the end, whatever happens."""
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield Keyboard(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)

"""Keeps several sheets up to the log, in one thread."""

from collections.abc import Sequence
from typing import Any

from projections.runner import Runner


class Projecting:
    """Each sheet has its own bookmark; one that fails holds the others up for one turn at most."""

    def __init__(self, runners: Sequence[Runner[Any]]) -> None:
        self._runners = list(runners)

    def work(self, wait: float) -> int:
        """Read what is new into every sheet, waiting for it at most `wait` seconds; how many events.

        Raises whatever one of them raises; the next call begins with the one after it.
        """
        read = self._round()
        if not read:
            # Whoever waits is woken by the next event; the others then find it without waiting.
            read = self._next().work(wait)
            read += self._round(but=1) if read else 0
        return read

    def _round(self, but: int = 0) -> int:
        """Of all of them, or of all but those whose turn was last."""
        return sum(self._next().work(0) for _ in self._runners[but:])

    def _next(self) -> Runner[Any]:
        runner = self._runners.pop(0)
        self._runners.append(runner)
        return runner

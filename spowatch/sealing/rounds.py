"""Looks again, a little at a time and for ever, at what was sealed long ago: nobody need ask for it."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from eventsourcing.persistence import PersistenceError

from spowatch.sealing.checkpoint import PREFIX, Checkpoint
from spowatch.sealing.notes import PublicKey
from spowatch.sealing.verifying import CheckpointsRefused, Place, lines_of
from spowatch.store.checkpoints import KeptCheckpoints
from spowatch.store.log_leaves import LOWEST, Leaf
from spowatch.store.merkle import leaf_hash

if TYPE_CHECKING:
    from spowatch.store.log import Log

REST = 60.0
"""Seconds between the end of a round and the next: a small log is not read without pause."""

_NOTES = 50
_LEAVES = 1000


class Difference(Exception):
    """The log, or the seal kept beside it, is not what was signed; says from which position on."""

    def __init__(self, position: int, what: str) -> None:
        super().__init__(f"position {position} {what}")
        self.position = position


class Rounds:
    """Over one line of checkpoints. It trusts what is signed, and of the rest nothing.

    That whole checkpoints at the end were taken away is for the sealer to find, which asks the witness.
    """

    def __init__(
        self,
        log: "Log",
        kept: KeptCheckpoints,
        key: PublicKey,
        monotonic: Callable[[], float],
    ) -> None:
        self._log = log
        self._kept = kept
        self._keys = {key.name: key}
        self._origin = key.name
        self._monotonic = monotonic
        self._begins_at = monotonic()
        self._size, self._position = 0, LOWEST

    def look(self) -> bool:
        """At a thousand events at most, or nothing while it rests; whether a round ended well.

        Raises `Difference`; the next round then begins anew.
        """
        if self._monotonic() < self._begins_at:
            return False
        notes = [note for _, note in self._kept.notes(self._origin, after=self._size, limit=_NOTES)]
        try:
            for each in self._some(notes):
                self._compare(each)
        except Difference:
            self._rest()
            raise
        if not notes:
            self._rest()
        return not notes

    def _some(self, notes: list[str]) -> Iterator[Checkpoint]:
        """As many of them as have a thousand events. Each is signed by us, or is none."""
        seen = 0
        for each in notes:
            if seen >= _LEAVES:
                return
            try:
                [line] = lines_of(each, self._keys)
            except CheckpointsRefused as refused:
                what = f"and on: the checkpoint kept for them is not ours ({refused})"
                raise Difference(self._position + 1, what) from None
            seen += len(line.checkpoints[0].prefixes) // PREFIX
            yield line.checkpoints[0]

    def _compare(self, sealed: Checkpoint) -> None:
        if sealed.first != self._size:
            raise Difference(max(self._position, 0) + 1, "and on: their checkpoint is missing")
        places = list(sealed.leaf_places())
        found = self._leaves(len(places))
        there: list[Place] = [(position, leaf_hash(leaf)[:PREFIX]) for position, leaf in found]
        for at, place in enumerate(places):
            if at >= len(there) or there[at] != place:
                position = place[0] if at >= len(there) else min(place[0], there[at][0])
                raise Difference(position, "is not as it was sealed")
        self._size, self._position = sealed.size, places[-1][0]

    def _leaves(self, count: int) -> list[Leaf]:
        """Raises `Difference` where the store answers and cannot read them: they were damaged."""
        try:
            return self._log.select_leaves(self._position, count)
        except PersistenceError as fault:
            self._log.max_notification_id()  # of a store that is away that is said, and no more
            what = f"and on: they cannot be read ({fault})"
            raise Difference(max(self._position, 0) + 1, what) from fault

    def _rest(self) -> None:
        self._size, self._position = 0, LOWEST
        self._begins_at = self._monotonic() + REST

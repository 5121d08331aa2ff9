"""The role `seal`: signs what the log holds, off the path of those who write it, and tells the witness."""

import threading
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from eventsourcing.persistence import PersistenceError

from spowatch.sealing.checkpoint import PREFIX, Checkpoint, checkpoint, spans
from spowatch.sealing.seal_key import SealKey
from spowatch.sealing.witness import WitnessFile
from spowatch.store.checkpoints import KeptCheckpoints, Sealed, notes_after
from spowatch.store.log_leaves import LOWEST
from spowatch.store.merkle import MerkleTree, leaf_hash

if TYPE_CHECKING:
    from spowatch.store.log import Log

MOST = 1000
"""Events of one checkpoint, and so the most that are not sealed while events keep coming."""

_REMEDY = (
    "keep the log, the checkpoints and the witness as they are, and see "
    "docs/runbook/operations.md#seal_refused"
)


class SealRefused(PersistenceError):
    """What would be signed contradicts what was signed before: the log or its seal was altered."""

    def __init__(self, trouble: str) -> None:
        super().__init__(f"{trouble}; {_REMEDY}")


class Sealer:
    """One line of checkpoints. Each goes on from the one before it, kept before it is witnessed.

    So a death at any point leaves either nothing of a checkpoint, or one that the next sealer hands
    to the witness before it signs another. Two sealers of one line keep it only once.
    """

    def __init__(
        self,
        log: "Log",
        kept: KeptCheckpoints,
        key: SealKey,
        witness: WitnessFile | None,
        clock: Callable[[], datetime],
        every: float,
    ) -> None:
        """`every`: how many seconds an event may stand in the log unsealed."""
        self._log = log
        self._kept = kept
        self._key = key
        self._witness = witness
        self._clock = clock
        self._every = every
        self._due_at = monotonic()
        self._asleep = threading.Event()

    def work(self, wait: float) -> int:
        """Seal what there is when it is time to; waits at most `wait` seconds. Events sealed."""
        last = self._kept.last(self._key.origin)
        newest = self._log.max_notification_id()
        waiting = 0 if newest is None else newest - (last.position if last else 0)
        if waiting > 0 and (waiting >= MOST or monotonic() >= self._due_at):
            sealed = self._seal(last)
            self._due_at = monotonic() + self._every
            return sealed
        self._asleep.wait(wait)
        return 0

    def _seal(self, last: Sealed | None) -> int:
        self._confirm(last)
        self._catch_up(last)
        found = self._log.select_leaves(LOWEST if last is None else last.position, MOST)
        tree = MerkleTree() if last is None else last.tree()
        hashes = [tree.add(leaf) for _, leaf in found]
        made = Checkpoint(
            self._key.origin,
            tree.size,
            tree.root(),
            self._clock(),
            spans(position for position, _ in found),
            b"".join(each[:PREFIX] for each in hashes),
        )
        note = str(self._key.sign(str(made)))
        peaks = b"".join(tree.peaks)
        if not self._kept.add(
            made.origin, Sealed(tree.size, found[-1][0], hashes[-1], peaks, note)
        ):
            return 0
        if self._witness is not None:
            self._witness.add(note)
        return len(found)

    def _confirm(self, last: Sealed | None) -> None:
        """That the log still ends, up to there, as it was sealed. `verify` looks at the rest."""
        if last is None:
            return
        found = self._log.select_leaves(last.position - 1, 1)
        if not found or found[0][0] != last.position or leaf_hash(found[0][1]) != last.last_leaf:
            msg = f"position {last.position} of the log is not what was sealed"
            raise SealRefused(msg)

    def _catch_up(self, last: Sealed | None) -> None:
        """Hand the witness what is kept and it has not, or refuse where it has what is not kept."""
        if self._witness is None:
            return
        seen, origin = self._witness.last(), self._key.origin
        if seen is not None and seen.signer not in {origin, *self._kept.origins()}:
            msg = f"{self._witness.path} is of another log, or from before a restore: name a new witness"
            raise SealRefused(msg)
        after = 0
        if seen is not None and seen.signer == origin:
            after = checkpoint(seen.text).size
            if self._kept.note(origin, after) != str(seen):
                has = 0 if last is None else last.size
                msg = f"{self._witness.path} has seen {after} events and this store's seal {has}, not the same"
                raise SealRefused(msg)
        for note in notes_after(self._kept, origin, after):
            self._witness.add(note)

"""Cuts at moments of chance on a disk that keeps its word and on one that does not, and what was wrong after them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from eventsourcing.persistence import PersistenceError

from consumers.channels.console import ConsoleDamaged
from domain.refusals import Refused
from spowatch.store.master_key import MasterKeyRefused
from tests.faults.disk.cuts import Disk
from tests.faults.disk.record import Change

UNUSABLE = (PersistenceError, ConsoleDamaged, MasterKeyRefused, Refused, LookupError, ValueError)
"""What comes of a store that a cut has spoilt: an index without its rows, half a file."""

_BY_CHANCE = 0.75
"""Of the cuts; the others leave nothing of what was not synced."""

After = Callable[[Disk, Random | None], str]
"""What is wrong on the disk that a cut now leaves, by that chance; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """`control`: the same on a disk that does not sync; there something must be wrong."""

    changes: int
    cuts: int
    wrong: dict[str, int]
    control: dict[str, int]
    examples: list[str]

    @property
    def good(self) -> bool:
        return self.cuts > 0 and not self.wrong and bool(self.control)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written down, and the disk as it was before: where a sync does what it says, and where it does nothing."""

    honest: Disk
    lying: Disk
    done: Sequence[Change]
    answers: Path
    """What was acknowledged is written here as soon as it was."""
    first: int = 1
    """The number of the change after which the first cut may come."""


def cut_at_moments(written: Written, after: After, *, cuts: int, seed: int) -> Cuts:
    """Half of them come when something was just acknowledged, where all depends on what was synced before."""
    rng = Random(seed)
    moments = set(_some(rng, [*_written_to(written.answers, written.done)], cuts // 2))
    others = [
        number for number in range(written.first, len(written.done) + 1) if number not in moments
    ]
    moments.update(_some(rng, others, cuts - len(moments)))
    wrong, control, examples = Counter[str](), Counter[str](), []
    for number, change in enumerate(written.done, start=1):
        written.honest.change(change)
        written.lying.change(change)
        if number in moments:
            chance = rng if rng.random() < _BY_CHANCE else None
            found_wrong = after(written.honest, chance)
            if found_wrong:
                wrong[found_wrong.splitlines()[0]] += 1
                examples.append(f"after change {number}: {found_wrong}")
            control[after(written.lying, rng).partition("\n")[0]] += 1
    del control[""]
    return Cuts(len(written.done), len(moments), dict(wrong), dict(control), examples[:10])


def _written_to(path: Path, done: Sequence[Change]) -> Iterator[int]:
    inode = next(each.inode for each in done if each.what == "C" and each.paths[0] == path)
    for number, change in enumerate(done, start=1):
        if change.what == "W" and change.inode == inode:
            yield number


def _some(rng: Random, of: Sequence[int], most: int) -> list[int]:
    return rng.sample(of, min(most, len(of)))

"""A deed on a store as it was, what comes of it, and what a later process must find."""

import gc
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spowatch.wiring.store import migrate, opened, throw_away
from tests.faults.dying.forked import done_apart
from tests.faults.dying.life import Deed, Told
from tests.faults.dying.on_record import OnRecord, on_record

MEMORY = Path("/dev/shm")  # noqa: S108 - a process that dies takes no disk with it


@dataclass(frozen=True, slots=True)
class Trial:
    """A deed, the store as it was before it, and what it comes to when nobody dies."""

    deed: Deed
    before_it: Path
    before: OnRecord
    told: Told
    after: OnRecord


@dataclass(frozen=True, slots=True)
class Found:
    """What a new process found, what it was told when it did the deed again, and what was so then."""

    left: OnRecord
    told: Told
    after: OnRecord


def trials(folder: Path, deeds: Sequence[Deed]) -> Iterator[Trial]:
    """One for each deed, on the store that the deeds before it left."""
    store = folder / "store"
    done_apart(lambda: migrate(throw_away(store)))
    for number, deed in enumerate(deeds):
        before_it = folder / f"before-{number}"
        shutil.copytree(store, before_it)
        yield _trial(deed, before_it, store)
        shutil.rmtree(before_it)


def _trial(deed: Deed, before_it: Path, store: Path) -> Trial:
    alive = done_apart(lambda: found(deed, store))
    return Trial(deed, before_it, alive.left, alive.told, alive.after)


def found(deed: Deed, folder: Path) -> Found:
    """What is on record there; and again, by a store opened anew, when the deed is done."""
    with opened(throw_away(folder)) as store:
        left, told = on_record(store), deed.do(store)
    with opened(throw_away(folder)) as store:
        return Found(left, told, on_record(store))


def left_in(folder: Path) -> OnRecord:
    with opened(throw_away(folder)) as store:
        return on_record(store)


def do(deed: Deed, folder: Path) -> None:
    with opened(throw_away(folder)) as store:
        deed.do(store)


def verdict(trial: Trial, later: Found, *, acknowledged: bool) -> str:
    """What is wrong; empty when nothing is."""
    left = later.left
    if acknowledged and left != trial.after:
        return "lost"
    if not (trial.before.begins(left) and left.begins(trial.after)):
        return "half"
    if trial.deed.whole and left not in (trial.before, trial.after):
        return "half"
    if later.after != trial.after:
        return "came twice, or never"
    return "" if later.told == trial.told else "another answer"


def warm(folder: Path, deeds: Sequence[Deed]) -> None:
    """Everything is loaded and has run once, so that each fork runs the same lines, and soon."""
    migrate(throw_away(folder))
    for deed in deeds:
        found(deed, folder)
    gc.freeze()  # or each fork would copy the pages that its first collection writes to


def copied(store: Path, to: Path) -> None:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(store, to)

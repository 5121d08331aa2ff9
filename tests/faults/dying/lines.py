"""Goal R2: death at every Python line of ours that a command runs, and what the next process finds.

`python -m tests.faults lines`: the life of an order on SQLite, deed by deed. Each deed is done again and again from the
same store by a process that ends before a line of ours: every line it runs, where it runs it first and where it runs it
last. A new process looks at the store and does the deed again. A sixth of all, over five thousand, unless told. Exit 1 when
something acknowledged was lost, was half on record, came twice, or was answered otherwise.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from os import getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tests.faults.dying.forked import died_at, done_apart, first_and_last, lines_of
from tests.faults.dying.life import LIFE, Deed
from tests.faults.dying.trial import MEMORY, Found, Trial, copied, do, found, trials, verdict, warm


@dataclass(slots=True)
class Reckoning:
    deeds: int = 0
    lines: int = 0
    """Lines of ours that the deeds ran, each counted once a deed."""
    kills: int = 0
    acknowledged: int = 0
    """Those that did not come by their line again, and were done to their end."""
    looked_at: int = 0
    """Different stores that deaths left; what is the same to the byte is looked at once."""
    on_record: int = 0
    """Deaths after which the deed was on record though nobody had been told."""
    wrong: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.wrong and self.kills > 0


def tried(folder: Path, trial: Trial, reckoning: Reckoning, *, one_in: int, part: int) -> None:
    """Every `one_in`-th death of the deed, from the `part`-th on."""
    work = folder / "work"
    copied(trial.before_it, work)
    ran = lines_of(lambda: do(trial.deed, work))
    reckoning.deeds += 1
    reckoning.lines += len(set(ran))
    seen: dict[bytes, Found] = {}
    for line, time in first_and_last(ran)[part::one_in]:
        copied(trial.before_it, work)
        died = died_at(lambda: do(trial.deed, work), line, time)
        left = _bytes_of(work)
        if left not in seen:
            seen[left] = done_apart(lambda: found(trial.deed, work))
        _note(reckoning, trial, seen[left], died=died, where=f"{line[0]}:{line[2]}, time {time}")
    reckoning.looked_at += len(seen)


def _note(reckoning: Reckoning, trial: Trial, later: Found, *, died: bool, where: str) -> None:
    reckoning.kills += died
    reckoning.acknowledged += not died
    reckoning.on_record += died and later.left == trial.after != trial.before
    wrong = verdict(trial, later, acknowledged=not died)
    if wrong:
        reckoning.wrong[wrong] += 1
        reckoning.examples.append(f"{trial.deed.name}, {where}: {wrong}")


def _bytes_of(folder: Path) -> bytes:
    """A hash of every file there, names and all."""
    hashed = sha256()
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        hashed.update(f"{path.relative_to(folder)} {len(content)} ".encode() + content)
    return hashed.digest()


def killed(
    folder: Path, deeds: Sequence[Deed] = LIFE, *, one_in: int = 1, part: int = 0
) -> Reckoning:
    """All deaths of those deeds, or every `one_in`-th."""
    warm(folder / "warm", deeds)
    reckoning = Reckoning()
    for trial in trials(folder, deeds):
        tried(folder, trial, reckoning, one_in=one_in, part=part)
    return reckoning


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults lines", description=__doc__)
    parser.add_argument("--part", default="1/6", help="the first of six; 1/1 is all")
    parser.add_argument("--deeds", type=int, default=len(LIFE), help="how many, from the first")
    asked = parser.parse_args(arguments)
    part, parts = (int(each) for each in asked.part.split("/"))
    begun = monotonic()
    with TemporaryDirectory(prefix="lines-", dir=MEMORY if MEMORY.exists() else None) as folder:
        done = killed(Path(folder), LIFE[: asked.deeds], one_in=parts, part=part - 1)
    told = asdict(done) | {"wrong": dict(done.wrong), "examples": done.examples[:10]}
    timed = {"took_s": round(monotonic() - begun, 1), "load": round(getloadavg()[0], 1)}
    print(json.dumps(told | timed))
    if not done.good:
        sys.exit(1)

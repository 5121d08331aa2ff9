"""Restores a store to seconds by chance, and compares it with what it was at each."""

import argparse
import json
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from time import monotonic

from spowatch.inspection import digest
from spowatch.settings import Settings
from spowatch.wiring import migrate, opened, throw_away
from spowatch.wiring_backup import back_up, restore
from tests.stories import breach, served_order, tell, work_until_idle

_BEGUN = datetime(2026, 12, 6, 12, tzinfo=UTC)
_MINUTES = 90


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults restore", description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    rng = random.Random(asked.seed)
    with TemporaryDirectory(prefix="restore-") as name:
        folder = Path(name)
        of = throw_away(folder / "of")
        roots = _lived(of, rng)
        back_up(of, folder / "backup", with_keys=True, at=_BEGUN + timedelta(minutes=_MINUTES))
        outcomes = [_restored(of, folder, turn, roots, rng) for turn in range(asked.times)]
    equal = sum(same for same, _ in outcomes)
    took = [seconds for _, seconds in outcomes]
    report = {"restored": asked.times, "equal": equal, "seed": asked.seed, "longest_s": max(took)}
    print(json.dumps(report))
    sys.exit(equal != asked.times)


def _lived(settings: Settings, rng: random.Random) -> dict[datetime, str]:
    """An hour and a half of breaches; the root of the log at each instant something was accepted."""
    settings.data_dir.mkdir()
    migrate(settings)
    roots: dict[datetime, str] = {}
    with opened(settings) as store:
        tell(store, "KENT-1", *served_order(), now=_BEGUN)
        at = _BEGUN
        for number in range(40):
            at += timedelta(seconds=rng.randrange(1, 120))
            tell(store, "KENT-1", breach(incident=f"I-{number}"), now=at)
            roots[at] = str(digest(store)["log_root"])
        work_until_idle(store, "alert")
    return roots


def _restored(
    of: Settings, folder: Path, turn: int, roots: dict[datetime, str], rng: random.Random
) -> tuple[bool, float]:
    instants = sorted(roots)
    span = int((instants[-1] - instants[0]).total_seconds())
    to = instants[0] + timedelta(seconds=rng.randrange(span))
    into = throw_away(folder / f"into-{turn}")
    into.data_dir.mkdir()
    copy(of.master_key_path, into.master_key_path)
    begun = monotonic()
    restore(into, folder / "backup", to=to, keys_folder=None, without_keys=False)
    took = round(monotonic() - begun, 2)
    expected = roots[max(each for each in instants if each <= to)]
    with opened(into) as store:
        return digest(store)["log_root"] == expected, took

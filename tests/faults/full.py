"""Goal R6: a full disk refuses plainly and loses nothing, and what was refused is taken soon after there is space.

`python -m tests.faults full`: the log, the keys and the data directory (sheets, console) in turn on a small file system of
their own, which another file fills while a program runs on the store and facts come in. Needs root: it mounts. Exit 1 when
what is on record is not what was acknowledged, a role did not live through it, or it took more than ten seconds.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from os import getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from spowatch.open_store import Store
from spowatch.settings.key import SqliteKeySettings
from spowatch.settings.root import Settings, SqliteLogSettings
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.wiring.store import migrate, now, opened, throw_away
from tests.acceptance.small_disk import small_disk
from tests.program import Program
from tests.stories import tell
from tests.web.site import breach_now, order_in_force

VOLUMES = ("log", "keys", "data")
ROLES = ("alert", "deliver", "project", "sweep")
IN_TIME = 10.0
_PATIENCE = 60.0
_TRIED = 12
_BEFORE = "before"


@dataclass(slots=True)
class Outcome:
    volume: str
    acknowledged: int = 0
    refused: int = 0
    said: str = ""
    """What the first refusal said, after the name of the file."""
    wrong: int = 0
    """Orders that were acknowledged and are not on record whole, or refused and are."""
    taken_after_s: float = 0.0
    """From the moment there was space until all that had been refused was acknowledged."""
    alerted_after_s: float = 0.0
    """And until the console said the alert of every breach, each once."""
    role_faults: int = 0
    """Turns of roles that a full data directory refused, by the log of the program."""
    alive: bool = False

    @property
    def good(self) -> bool:
        bitten = self.role_faults if self.volume == "data" else self.refused
        in_time = max(self.taken_after_s, self.alerted_after_s) <= IN_TIME
        return bitten > 0 and self.wrong == 0 and in_time and self.alive


def filled(folder: Path, volume: str, tried: int = _TRIED) -> Outcome:
    outcome = Outcome(volume)
    with small_disk(folder / "small") as small:
        settings = _settings(folder, small.folder, volume)
        migrate(settings)
        with (
            opened(settings) as store,
            (folder / "errors").open("wb") as errors,
            Program("run", *ROLES, settings=_variables(settings), errors=errors) as program,
        ):
            _breach(store, _BEFORE)
            _wait_for_alerts(settings, 1)
            filler = _fill(small.folder)
            refused = [str(n) for n in range(tried) if not _accepted(store, str(n), outcome)]
            outcome.wrong = sum(store.register.knows(each) for each in refused)
            outcome.wrong += tried - len(refused) - outcome.acknowledged
            if volume == "data":
                outcome.role_faults = _faults(folder / "errors")
            _free(filler, store, refused, outcome)
            outcome.wrong += sum(
                len(store.register.order(str(n)).facts) != _FACTS for n in range(tried)
            )
            outcome.alive = program.process.poll() is None and program.stop() == 0
    return outcome


def _free(filler: Path, store: Store, refused: Sequence[str], outcome: Outcome) -> None:
    filler.unlink()
    begun = monotonic()
    for reference in refused:
        while not _accepted(store, reference, Outcome("")) and monotonic() < begun + _PATIENCE:
            sleep(0.05)
    outcome.taken_after_s = round(monotonic() - begun, 2)
    _wait_for_alerts(store.settings, len(refused) + outcome.acknowledged + 1)
    outcome.alerted_after_s = round(monotonic() - begun, 2)


def _accepted(store: Store, reference: str, outcome: Outcome) -> bool:
    try:
        _breach(store, reference)
    except StoreUnavailable as refusal:
        outcome.refused += 1
        outcome.said = outcome.said or str(refusal).partition(": ")[2]
        return False
    outcome.acknowledged += 1
    return True


_FACTS = 5


def _breach(store: Store, reference: str) -> None:
    """An order of somebody new, in force and breached, in one transaction."""
    facts = [*order_in_force(), breach_now(reference)]
    told = tell(store, reference, *facts, now=now(), person=f"person {reference}")
    if told.error is not None:
        raise told.error


def _wait_for_alerts(settings: Settings, count: int) -> None:
    """Until the console has said so many arrests; more are a fault."""
    deadline = monotonic() + _PATIENCE
    while (said := _arrests(settings)) != count:
        if said > count or monotonic() > deadline:
            msg = f"the console said {said} arrests, not {count}"
            raise AssertionError(msg)
        sleep(0.02)


def _faults(errors: Path) -> int:
    """How many there were by the time there was one."""
    deadline = monotonic() + _PATIENCE
    while not (found := errors.read_bytes().count(b"role fault")) and monotonic() < deadline:
        sleep(0.02)
    return found


def _arrests(settings: Settings) -> int:
    path = settings.console_path
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = 0
    for line in lines:
        with suppress(ValueError):  # one that is being written
            found += json.loads(line).get("class") == "arrest"
    return found


def _fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1024)):
            pass
    return filler


def _settings(folder: Path, small: Path, volume: str) -> Settings:
    at = {each: small if each == volume else folder / each for each in VOLUMES}
    for each in at.values():
        each.mkdir(exist_ok=True)
    log = SqliteLogSettings(kind="sqlite", path=at["log"] / "log.db")
    keys = SqliteKeySettings(kind="sqlite", path=at["keys"] / "keys.db")
    return throw_away(at["data"]).model_copy(update={"log": log, "keys": keys})


def _variables(settings: Settings) -> dict[str, str]:
    return {
        "SPO_DATA_DIR": str(settings.data_dir),
        "SPO_LOG__KIND": "sqlite",
        "SPO_LOG__PATH": str(settings.log_path),
        "SPO_KEYS__KIND": "sqlite",
        "SPO_KEYS__PATH": str(settings.keys_path),
    }


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults full", description=__doc__)
    parser.add_argument("--volume", choices=VOLUMES, action="append")
    asked = parser.parse_args(arguments)
    good = True
    for volume in asked.volume or VOLUMES:
        with TemporaryDirectory(prefix="full-") as folder:
            outcome = filled(Path(folder), volume)
        print(json.dumps(asdict(outcome) | {"load": round(getloadavg()[0], 1)}))
        good &= outcome.good
    if not good:
        sys.exit(1)

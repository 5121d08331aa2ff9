"""Power cuts on PostgreSQL: its disk and the program's written down over a shift, cut, and a server started on what is left."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import psycopg

from deploy.postgres.server import ServerDidNotStart
from spowatch.open_store import Store
from spowatch.wiring.store import opened
from tests.faults.disk.cuts import Disk
from tests.faults.disk.cutting import UNUSABLE, Cuts, Written, cut_at_moments
from tests.faults.disk.ground import Ground, made_ground, served
from tests.faults.disk.preloaded import on_disk
from tests.faults.disk.record import changes
from tests.faults.disk.recorded_shift import TOLD
from tests.faults.disk.shift import RelayAhead, relayed, shift
from tests.faults.dying.life import Deed, turn
from tests.faults.dying.on_record import OnRecord, on_record
from tests.faults.oracle import verdict
from tests.faults.split.traces import evidence_from, rows_of
from tests.stories import NOW
from tests.structure.checkout import ROOT


@dataclass(frozen=True, slots=True)
class Whole:
    """What was on record at the end of the shift, with nothing cut."""

    record: OnRecord
    commands: tuple[str | None, ...]
    """Of each event, the key of the command that it is part of."""
    begun_at: Sequence[int]
    """The last position as each deed began, and at the end."""
    told: Sequence[str]

    def of(self, deed: int) -> tuple[OnRecord, OnRecord]:
        """As it was before that deed, and after it."""
        before, after = (self._upto(self.begun_at[number]) for number in (deed, deed + 1))
        return before, after

    def _upto(self, position: int) -> OnRecord:
        events = tuple(each for each in self.record.events if each[0] <= position)
        return OnRecord(events, ())

    def splits(self, left: OnRecord) -> bool:
        """Whether it ends amid a command."""
        count = len(left.events)
        return 0 < count < len(self.commands) and (
            self.commands[count - 1] is not None
            and self.commands[count - 1] == self.commands[count]
        )


@dataclass(frozen=True, slots=True)
class Promised:
    """What had been answered when the power was cut, as the file of answers has it."""

    deed: int
    """The one that was begun last."""
    upto: int
    """The last position that somebody had been told of, or that was there before something else was begun."""

    @classmethod
    def read(cls, lines: bytes, begun_at: Sequence[int]) -> "Promised":
        deed, upto = 0, 0
        for line in lines.splitlines():
            match json.loads(line):
                case {"deed": deed, "at": at}:
                    upto = max(upto, at)
                case {"position": position}:
                    upto = max(upto, position)
                case {"done": done}:
                    upto = begun_at[done + 1]
        return cls(deed, upto)


@dataclass(frozen=True, slots=True)
class Found:
    """What a server started on the left disk had, and what came of going on."""

    left: OnRecord
    told: str
    after: OnRecord
    amiss: Sequence[str]
    """By the oracle's own eyes, once the desk and the console had done what there was to do."""


def wrong_with(whole: Whole, promised: Promised, deed: Deed, found: Found) -> str:
    """Empty for nothing."""
    left, (before, after) = found.left, whole.of(promised.deed)
    if not left.begins(whole.record):
        return "is not what was"
    if _last(left) < promised.upto:
        return "lost"
    if whole.splits(left) or (deed.whole and left.events not in (before.events, after.events)):
        return "half"
    if Counter(_unplaced(found.after)) != Counter(_unplaced(after)):
        return "came twice, or never"
    if deed.whole and left.events == after.events and found.told != whole.told[promised.deed]:
        return "another answer"
    return found.amiss[0] if found.amiss else ""


def _last(record: OnRecord) -> int:
    return record.events[-1][0] if record.events else 0


def _unplaced(record: OnRecord) -> list[tuple[str, int, str]]:
    """A server that crashed skips up to 32 positions, so what is done again lies further on."""
    return [event[1:] for event in record.events]


@dataclass(frozen=True, slots=True)
class Recording:
    ground: Ground
    written: Written
    """Cut from the server's first connection on: what it leaves when it dies as it starts is not ours to try."""
    whole: Whole


def cut(folder: Path, cuts: int, seed: int, *, method: str, strict: bool = False) -> Cuts:
    """On a server that syncs its write-ahead log by that method."""
    recording = recorded(folder, method, strict=strict)
    after = partial(_after, recording, folder / "left")
    return cut_at_moments(recording.written, after, cuts=cuts, seed=seed)


def recorded(folder: Path, method: str, *, strict: bool = False) -> Recording:
    folder.chmod(0o711)  # the server does not run as us
    store, log = folder / "store", folder / "log"
    ground = made_ground(store)
    honest, lying = Disk(store, strict=strict), Disk(store, honest=False, strict=strict)
    watched = on_disk(store, log)
    program = [sys.executable, "-m", "tests.faults.disk.recorded_shift"]
    with served(ground, watched, wal_sync_method=method):
        ready = sum(1 for _ in changes(log))
        command = [*program, str(store), ground.log, ground.keys]
        subprocess.run(command, cwd=ROOT, env=watched, check=True)
        done = list(changes(log))
        whole = _whole(ground)
    return Recording(ground, Written(honest, lying, done, store / TOLD, ready + 1), whole)


def _whole(ground: Ground) -> Whole:
    with opened(ground.settings()) as store:
        record = on_record(store)
    lines = [json.loads(each) for each in (ground.folder / TOLD).read_bytes().splitlines()]
    return Whole(
        record,
        tuple(each.entry.command_id for each in rows_of(ground.administrator)),
        [*(each["at"] for each in lines if "at" in each), _last(record)],
        [each["told"] for each in lines if "told" in each],
    )


def _after(recording: Recording, left: Path, disk: Disk, rng: Random | None) -> str:
    promised = Promised.read(disk.written(recording.ground.folder / TOLD), recording.whole.begun_at)
    deed = shift(lambda _: None)[promised.deed]
    shutil.rmtree(left, ignore_errors=True)
    disk.left_at(left, rng)
    ground = recording.ground.at(left)
    try:
        with served(ground):
            return wrong_with(recording.whole, promised, deed, _gone_on(ground, deed))
    except _UNUSABLE as fault:
        return f"unusable: {type(fault).__name__}\n{deed.name}: {fault}"


_UNUSABLE = (*UNUSABLE, psycopg.Error, OSError, ServerDidNotStart, RelayAhead)


def _gone_on(ground: Ground, deed: Deed) -> Found:
    with opened(ground.settings()) as store:
        left, ahead = on_record(store), _ahead(store)
        told = repr(deed.do(store))
    with opened(ground.settings()) as store:
        after = on_record(store)
        relayed(store)
        turn("alert", NOW, store)
        turn("deliver", NOW, store)
        console = store.settings.console_path
    seen = verdict(evidence_from(rows_of(ground.administrator), console), [])
    amiss = [*ahead, *seen.lost, *seen.duplicate, *seen.missing, *seen.gaps]
    return Found(left, told, after, amiss)


def _ahead(store: Store) -> list[str]:
    """Readers that were told of what is not there."""
    last = store.log.max_notification_id() or 0
    return [f"{name} is ahead" for name, at in store.log.bookmarks().items() if at > last]

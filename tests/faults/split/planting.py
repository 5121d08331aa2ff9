"""A copy of the program with moments to die at, and with bugs that the matrix must notice.

Nothing of this is in the product. A line that has changed stops the run: plant it anew.
"""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.faults.planted import Plant, PlantGone

_ROOT = Path(__file__).resolve().parents[3]
_PACKAGES = ("domain", "projections", "consumers", "scheduler", "web", "spowatch")
PROGRAM = (sys.executable, "-m", "spowatch")


def _crash(moment: str) -> str:
    return f'__import__("crash_here").crash("{moment}")'


def _before(line: str, moment: str) -> tuple[str, str]:
    """Die when about to do that; `line` with its indentation."""
    indent = line[: len(line) - len(line.lstrip())]
    return line, f"{indent}{_crash(moment)}\n{line}"


_ACKNOWLEDGED = "        self._ledger.acknowledged(sent, flight.upto, token=token)\n"
_KEPT = "                self._register.keep(streams, place)\n"
_IMPORTED = "        outcome = import_line(line, register, now=now, dry_run=self._dry_run, give_up=give_up)\n"
_COMMITTED = "        self._feed.committed(events[-1])\n"
_CONCERNED = "any(each.topic in CONCERNS_THE_DESK for each in events)"
_SAID = "        if self._console.say(key, said):\n"

MOMENTS = (
    Plant("spowatch/file_import.py", ((_IMPORTED, f"{_IMPORTED}        {_crash('m1')}\n"),)),
    Plant(
        "consumers/relay.py",
        (
            _before("            self._flight = self._launched(messages, out)\n", "m2"),
            _before("        return Flight(out, messages, futures, monotonic())", "m3"),
            (
                "        return flight.landed\n",
                f"        if not flight.landed:\n            {_crash('m4')}\n        return flight.landed\n",
            ),
            (
                _ACKNOWLEDGED,
                f"        {_crash('m5')}\n{_ACKNOWLEDGED}        {_crash('m6')}\n",
            ),
        ),
    ),
    Plant(
        "consumers/desk_worker.py",
        (
            (_KEPT, f"                streams and {_crash('m7')}\n{_KEPT}"),
            (_COMMITTED, f"        {_CONCERNED} and {_crash('m9')}\n{_COMMITTED}"),
        ),
    ),
    Plant("consumers/delivery.py", ((_SAID, f"{_SAID}            {_crash('m8-deliver')}\n"),)),
    Plant(
        "consumers/intake.py", (_before("            self._pass_over(records[-1])\n", "m8-intake"),)
    ),
    Plant(
        "consumers/reconciler.py",
        (
            _before(
                "            self._bookmarks.insert_tracking(Tracking(READER, ripe[-1].position))\n",
                "m8-reconcile",
            ),
        ),
    ),
    Plant(
        "consumers/channels/console.py",
        (_before("            os.fsync(self._file.fileno())\n        except", "m11"),),
    ),
)

BUGS = {
    "the cursor moves before the broker has acknowledged": Plant(
        "consumers/relay.py",
        (
            (
                "        if out:\n            messages",
                (
                    "        if out:\n"
                    "            upto = out[-1].event.position\n"
                    "            self._ledger.acknowledged((), upto, token=self._token)\n"
                    "            messages"
                ),
            ),
        ),
    ),
    "a relay that lost its lease goes on": Plant(
        "consumers/relay.py",
        (
            (
                "        if token is None:\n            self.close()\n",
                (
                    "        token = token or self._token\n"
                    "        if token is None:\n            self.close()\n"
                ),
            ),
        ),
    ),
    "the desk's bookmark is saved before its alerts": Plant(
        "consumers/desk_worker.py",
        (
            (
                "        for alerts_may_exist in (False, True):\n",
                (
                    "        self._feed.commit(events[-1])\n"
                    "        self._feed.tracking = lambda upto: None\n"
                    "        for alerts_may_exist in (False, True):\n"
                ),
            ),
        ),
    ),
    "the feed starts where the topic ends": Plant(
        "consumers/kafka_records.py",
        (("self._recorder.max_tracking_id(bookmark) or 0\n", "ends[each]\n"),),
    ),
    "nobody looks for what the broker lost": Plant(
        "consumers/relay.py",
        (("        gone = self._ledger.lost()\n", "        gone = ()\n"),),
    ),
    "the producer is not idempotent": Plant(
        "consumers/relay_producer.py",
        (("enable_idempotence=True,", "enable_idempotence=False,"),),
    ),
    "an alert is named for its delivery": Plant(
        "consumers/arrest_desk.py",
        (
            (
                "        identity = alert_id(recorded.event_id, demand.rule)\n",
                '        identity = alert_id(recorded.event_id, f"{demand.rule} {raised_at}")\n',
            ),
        ),
    ),
    "a sheet goes on without a row": Plant(
        "projections/runner.py",
        (
            (
                "        self._mark = self._store.put(mark, events[-1].id, rows, parked)\n",
                "        self._mark = self._store.put(mark, events[-1].id, rows[1:], parked)\n",
            ),
        ),
    ),
    "the console forgets what it has said": Plant(
        "consumers/channels/console.py",
        (("self._said = _repair(path)", "self._said = _repair(path) and set()"),),
    ),
}


def planted(folder: Path, bug: str | None = None) -> Path:
    """The copy, to be run from; with the bug where one is named. Raises `PlantGone`."""
    copy = folder / "copy"
    for package in _PACKAGES:
        shutil.copytree(
            _ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(Path(__file__).with_name("crash_here.py"), copy)
    # The bug first: it may change the line before which a moment lies.
    for plant in [*([BUGS[bug]] if bug else []), *MOMENTS]:
        _edit(copy / plant.module, plant.edits)
    return copy


def _edit(module: Path, edits: Sequence[tuple[str, str]]) -> None:
    text = module.read_text(encoding="utf-8")
    for old, new in edits:
        if text.count(old) != 1:
            msg = f"{module.name}: {old.strip()!r} stands there {text.count(old)} times, not once"
            raise PlantGone(msg)
        text = text.replace(old, new)
    module.write_text(text, encoding="utf-8")

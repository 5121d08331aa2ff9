"""Breaches of invented orders, told one after another to one command line that stays open."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import IO, Any
from uuid import uuid4

_ORDER_MADE = datetime.now(UTC).replace(microsecond=0) - timedelta(days=20)
_STOPS_WITHIN = 10.0


class Importing:
    """`spowatch import -`, started again when it ends; what it did not acknowledge is told again."""

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def told(self, case: Mapping[str, Any]) -> bool:
        """Tell it one case; whether it was acknowledged, which it is when this returns."""
        line = json.dumps(case).encode() + b"\n"
        with suppress(BrokenPipeError):
            process = self._running()
            assert process.stdin is not None  # noqa: S101 - it was asked for
            assert process.stdout is not None  # noqa: S101 - it was asked for
            process.stdin.write(line)
            process.stdin.flush()
            return _acknowledged(process.stdout, len(case["given"]))
        return False

    def close(self) -> None:
        """Let it finish what it was told."""
        if self._process is not None:
            self._process.communicate(timeout=_STOPS_WITHIN)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.close()
            self._process = None
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._process


def _acknowledged(answers: IO[bytes], facts: int) -> bool:
    """Whether all were taken, by the last thing that is said of a case; not, where nothing is said."""
    for answer in answers:
        said = json.loads(answer)
        if "accepted" in said:
            return bool(said["accepted"] == facts)
        sys.stderr.write(f"not taken: {said}\n")
    return False


class Breaches:
    """When each was acknowledged, and when its alert was said: by the monotonic clock."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, float] = {}
        self.said: dict[str, float] = {}

    def waited(self) -> list[float]:
        """Of each alert that was said, the seconds since the breach was acknowledged; 0 when it was quicker."""
        both = self.acknowledged.keys() & self.said.keys()
        return sorted(max(0.0, self.said[each] - self.acknowledged[each]) for each in both)

    def heard(self, line: str) -> None:
        """What the console said, be it of something else."""
        said = json.loads(line) if line.startswith("{") else {}
        if said.get("what") == "raised" and said.get("code") == "BREACH_ARREST":
            self.said.setdefault(said["order"], monotonic())

    def play(
        self, importing: Importing, pace: float, seconds: float | None, stop: threading.Event
    ) -> None:
        """Orders and a breach of each, one after another, until told to stop."""
        end = None if seconds is None else monotonic() + seconds
        case: dict[str, Any] | None = None
        while not stop.wait(pace) and (end is None or monotonic() < end):
            case = case or _case(len(self.acknowledged) + 1)
            if importing.told(case):
                self.acknowledged[case["order"]] = monotonic()
                case = None


def _case(number: int) -> dict[str, Any]:
    return {"order": f"SPLIT/{number}", "force": "Kent", "given": _facts(number)}


def _facts(number: int) -> list[dict[str, object]]:
    """An order in force, served and notified, and a breach of it; another person each, or all would sound again.

    Each under a key of its own: told twice, it counts once.
    """
    now = datetime.now(UTC)
    made = _ORDER_MADE
    terms = [{"code": "P-CONTACT-DIRECT"}]
    home = {
        "station_area": "home_address_area",
        "home_address": "1 Larch Road",
        "names": ["J Moss"],
    }
    act = {"occurred_at": (now - timedelta(minutes=1)).isoformat(), "incident": f"INC-{number}"}
    applied = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
    order = [
        ("ApplicationMade", made - timedelta(days=9), applied),
        ("FullOrderGranted", made, {"until": "further_order", "conditions": terms}),
        ("OrderServed", made + timedelta(hours=2), {}),
        ("NotificationReceived", made + timedelta(days=1), home),
        ("BreachReported", now, {"condition": "P-CONTACT-DIRECT", **act}),
    ]
    return [
        {"type": kind, "t": at.isoformat(), "data": data, "command_id": str(uuid4())}
        for kind, at, data in order
    ]

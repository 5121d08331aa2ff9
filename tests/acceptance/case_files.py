"""Cases as they arrive in files: lawful ones to be kept beside the bad ones."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from domain.line_tests import OF_THE_LINE
from tests.forked_program import run

NOW = datetime.now(UTC).replace(microsecond=0)
_DAY = timedelta(days=1)
_HOME = {"station_area": "home_address_area", "home_address": "1 Larch Road, Dover"}

Fact = dict[str, Any]


def fact(kind: str, at: datetime, **data: Any) -> Fact:
    return {"t": at.isoformat(), "type": kind, "data": data}


def application(at: datetime = NOW - 40 * _DAY, force: str = "Kent") -> Fact:
    return fact("ApplicationMade", at, applicant="chief_officer", force=force, nexus="resides")


def order_in_force() -> list[Fact]:
    """Made, served, and everything notified: nothing for anybody to be told."""
    made = NOW - 20 * _DAY
    terms = [{"code": "P-CONTACT-DIRECT"}]
    return [
        application(),
        fact("FullOrderGranted", made, until="further_order", conditions=terms),
        fact("OrderServed", made + _DAY / 8),
        fact("NotificationReceived", made + _DAY, names=["J Moss"], **_HOME),
    ]


def breach(incident: str) -> Fact:
    at = NOW - timedelta(hours=1)
    act = {"occurred_at": (at - timedelta(hours=1)).isoformat(), "incident": incident}
    return fact("BreachReported", at, condition="P-CONTACT-DIRECT", **act)


def line(reference: str, *given: Fact, **more: Any) -> bytes:
    case = {"order": reference, "given": list(given) or [application()], **more}
    return json.dumps(case).encode()


def written(path: Path, lines: Iterable[bytes]) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def new_store(folder: Path) -> Path:
    """As `spowatch migrate` left the first store of this run; all of them have that one's keys."""
    folder.mkdir(exist_ok=True)
    for name, content in _as_migrated().items():
        file = folder / name
        file.touch(0o600)
        file.write_bytes(content)
    return folder


@cache
def _as_migrated() -> dict[str, bytes]:
    """A hundred tests want a store."""
    with TemporaryDirectory() as folder:
        made = migrated(Path(folder) / "store")
        return {file.name: file.read_bytes() for file in made.iterdir()}


def migrated(folder: Path) -> Path:
    """A store with keys of its own."""
    done = run("migrate", "--data-dir", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def export(store: Path) -> list[dict[str, Any]]:
    exported = run("export", "--data-dir", str(store))
    assert exported.returncode == 0, exported.stderr
    return [json.loads(row) for row in exported.stdout.splitlines()]


def said_on(console: Path) -> list[dict[str, Any]]:
    """Every message on that console; a line whose end is not there yet is still being written."""
    text = console.read_text(encoding="utf-8") if console.exists() else ""
    return [json.loads(each) for each in text.splitlines(keepends=True) if each.endswith("\n")]


def told_and_raised(store: Path) -> list[dict[str, Any]]:
    """Every row but what the clock alone writes about an alert.

    That somebody is told of an alert nobody has taken is a true event, whenever it falls due, and a
    line test comes each minute; of facts, findings and alerts nothing may come by itself.
    """
    return [row for row in export(store) if row["topic"] not in _BY_THE_CLOCK_ALONE]


_BY_THE_CLOCK_ALONE = {
    "spo.alert-escalation-started.v1",
    "spo.alert-escalation-step-fired.v1",
    *OF_THE_LINE,
}


def orders_on_record(store: Path) -> dict[str, int]:
    """How many facts each order holds."""
    facts: dict[str, int] = {}
    for row in export(store):
        if row["order"] is not None and row["topic"] not in _NOT_A_FACT:
            facts[row["order"]] = facts.get(row["order"], 0) + 1
    return facts


_NOT_A_FACT = {"spo.order-opened.v1", "spo.order-linked.v1"}

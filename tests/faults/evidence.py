"""What was left behind: the export, the rows of the log, and the console's file."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults.processes import Site
from tests.program import run


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as exported, with the payload of its row; personal words stay sealed."""

    event_id: str
    stream: str
    version: int
    topic: str
    order: str | None
    command_id: str | None
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    entries: Sequence[Entry]
    console: Sequence[dict[str, Any]]


class Unreadable(AssertionError):
    """The store cannot be read after the run."""


def gathered(site: Site) -> Evidence:
    """All of it. Raises `Unreadable` when export and rows are not the same events."""
    exported = run("export", "--data-dir", str(site.store), program=site.program, cwd=site.cwd)
    if exported.returncode:
        raise Unreadable(exported.stderr)
    payloads = _payloads(site.store / "log.db")
    entries = [_entry(json.loads(line), payloads) for line in exported.stdout.splitlines()]
    if len(entries) != len(payloads):
        msg = f"{len(payloads)} rows, {len(entries)} exported"
        raise Unreadable(msg)
    return Evidence(entries, _console(site.store / "console.jsonl"))


def _entry(row: dict[str, Any], payloads: dict[tuple[str, int], dict[str, Any]]) -> Entry:
    return Entry(
        event_id=row["id"],
        stream=row["stream"],
        version=row["version"],
        topic=row["topic"],
        order=row["order"],
        command_id=row["command_id"],
        event=payloads[row["stream"], row["version"]],
    )


def _payloads(log: Path) -> dict[tuple[str, int], dict[str, Any]]:
    sql = "SELECT originator_id, originator_version, state FROM events"
    with closing(_read_only(log)) as rows:
        return {
            (str(UUID(bytes=stream)), version): json.loads(state)["event"]
            for stream, version, state in rows.execute(sql)
        }


def _console(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def drained(store: Path, horizon: float) -> bool:
    """Whether every consumer has read all there is, and no deadline is left up to `horizon`."""
    with closing(_read_only(store / "sheets.db")) as sheets:
        due = sheets.execute(
            "SELECT count(*) FROM deadline WHERE due_at <= ?", (int(horizon * 1_000_000),)
        ).fetchone()
    return due[0] == 0 and read_upto(store) == head(store)


def head(store: Path) -> int:
    """The last position of the log."""
    with closing(_read_only(store / "log.db")) as log:
        return int(log.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()[0])


def read_upto(store: Path) -> int:
    """The position up to which the desk, the console and the sweep have all read."""
    with closing(_read_only(store / "log.db")) as log:
        read = dict(log.execute("SELECT application_name, notification_id FROM tracking"))
    with closing(_read_only(store / "sheets.db")) as sheets:
        [sweep] = sheets.execute("SELECT position FROM bookmark").fetchone()
    return int(min(read.get("arrest-desk", 0), read.get("console", 0), sweep))


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)

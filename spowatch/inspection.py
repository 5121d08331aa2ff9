"""Looks into an open store: its digest, its rows for export, and whether it is fit to be relied on."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from eventsourcing.persistence import Notification

from domain.alerts import AlertRaised
from domain.orders import OrderOpened
from spowatch.store.merkle import MerkleTree
from spowatch.wiring import Store

_PAGE = 1000
_LEAST_FREE_BYTES = 200 * 1024 * 1024


def rows(store: Store, *, after: int = 0, until: int | None = None) -> Iterator[Notification]:
    """Every stored event past `after`, oldest first, a page at a time."""
    while True:
        page = store.log.select_notifications(after, _PAGE, stop=until, inclusive_of_start=False)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].id


def digest(store: Store, *, at: int | None = None) -> dict[str, Any]:
    """How many events, up to where, and the Merkle root over all they are stored as."""
    tree, events, last = MerkleTree(), 0, 0
    for row in rows(store, until=at):
        tree.add(_leaf(row))
        events, last = events + 1, row.id
    return {"events": events, "last_position": last, "log_root": tree.root(), "projections": {}}


def _leaf(row: Notification) -> bytes:
    """Position, stream, version and topic, each on its line, and then the bytes as stored."""
    head = f"{row.id}\n{row.originator_id}\n{row.originator_version}\n{row.topic}\n"
    return head.encode() + row.state


def exported(store: Store, *, start: int) -> Iterator[dict[str, Any]]:
    """Rows for others to check the log by: places, times and causes, nothing personal."""
    references: dict[UUID, str] = {}
    for row in rows(store, after=start - 1):
        recorded = store.mapper.to_domain_event(row)
        envelope, stream = recorded.envelope, recorded.originator_id
        if isinstance(recorded.event, OrderOpened | AlertRaised):
            references[stream] = recorded.event.reference
        if stream not in references:
            references[stream] = store.register.order_by_id(stream).reference
        yield {
            "position": row.id,
            "id": str(recorded.event_id),
            "stream": str(stream),
            "order": references[stream] or None,
            "version": recorded.originator_version,
            "topic": row.topic,
            "occurred_at": envelope.occurred_at.isoformat(),
            "recorded_at": envelope.recorded_at.isoformat(),
            "entered_at": envelope.entered_at.isoformat(),
            "command_id": envelope.command_id,
            "cause": None if envelope.causation_id is None else str(envelope.causation_id),
        }


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the doctor looked at."""

    check: str
    ok: bool
    found: str
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def checks(store: Store) -> Iterator[Check]:
    """What must hold before anyone relies on this store."""
    pragmas = store.log.pragmas()
    yield Check(
        "log journal",
        pragmas["journal_mode"] == "wal",
        str(pragmas["journal_mode"]),
        "the log must run in WAL mode: put it on a local disk, not on a network share",
    )
    yield Check(
        "log durability",
        pragmas["synchronous"] == _FULL,
        f"synchronous={pragmas['synchronous']}",
        "synchronous must be FULL (2): an acknowledged breach must survive a power cut",
    )
    mode = store.settings.master_key_path.stat().st_mode & 0o777
    yield Check("master key", mode & 0o077 == 0, oct(mode), "chmod 600 the master key file")
    free = shutil.disk_usage(store.settings.log_path.parent).free
    remedy = "free space: a full disk refuses breach reports"
    yield Check("free disk", free >= _LEAST_FREE_BYTES, f"{free // 1024**2} MiB", remedy)
    writable = os.access(store.settings.data_dir, os.W_OK)
    yield Check("data directory", writable, str(writable), "give this user write permission")
    summer = datetime(2026, 7, 1, tzinfo=UTC).astimezone(ZoneInfo("Europe/London")).utcoffset()
    yield Check(
        "time zones",
        summer is not None and summer.total_seconds() == 3600,  # noqa: PLR2004
        "Europe/London",
        "install tzdata: legal days cannot be told without it",
    )


_FULL = 2

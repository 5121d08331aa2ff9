"""Looks into an open store: its digest, its rows for export, and whether it is fit to be relied on."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from eventsourcing.persistence import MapperDeserialisationError, Notification

from domain.alerts import AlertRaised
from domain.desk.sending import SENDING, SendingRecord
from domain.events import event_id
from domain.lateness import SweptLate
from domain.orders import OrderOpened
from domain.sheet_audits import SheetAudited
from spowatch.doctor.upkeep import upkeep
from spowatch.log_pages import stream_of
from spowatch.open_store import Store
from spowatch.sealing.leaves import leaves
from spowatch.settings.faults import SettingsError
from spowatch.settings.root import Settings
from spowatch.store.lock_holder import writer_of
from spowatch.store.log_sqlite import SqliteLog
from spowatch.store.merkle import MerkleTree
from spowatch.wiring.staffing import channels_set_up

_PAGE = 1000
_MACHINES_OWN = frozenset({SweptLate.TOPIC, SheetAudited.TOPIC})
"""What an export gives with its fields, for disclosure: none of them is personal."""


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
    tree, last = MerkleTree(), 0
    for position, leaf in leaves(store.log, until=at):
        tree.add(leaf)
        last = position
    return {"events": tree.size, "last_position": last, "log_root": tree.root().hex()}


def exported(store: Store, *, start: int) -> Iterator[dict[str, Any]]:
    """Rows for others to check the log by: places, times and causes, nothing personal."""
    references: dict[UUID, str | None] = {}
    for row in rows(store, after=start - 1):
        stream = stream_of(row)
        if stream not in references:
            references[stream] = _reference(store, stream)
        yield {
            "position": row.id,
            "id": str(event_id(stream, row.originator_version)),
            "stream": str(stream),
            "order": references[stream],
            "version": row.originator_version,
            "topic": row.topic,
        } | _of_the_record(store, row)


def _reference(store: Store, stream: UUID) -> str | None:
    """The order's reference, which the first record of an order or an alert names."""
    try:
        for first in store.register.events_of(stream, lte=1):
            event = first.event
            return event.reference if isinstance(event, OrderOpened | AlertRaised) else None
    except MapperDeserialisationError:
        return None
    return None


def _of_the_record(store: Store, row: Notification) -> dict[str, Any]:
    """When, by what command and because of what; of a record that cannot be read, that it cannot.

    Of the machine's own records also what they say: nothing in them is of a person.
    """
    try:
        recorded = store.mapper.to_domain_event(row)
    except MapperDeserialisationError as fault:
        nothing = dict.fromkeys(("occurred_at", "recorded_at", "entered_at", "command_id", "cause"))
        return nothing | {"unreadable": type(fault).__name__}
    envelope = recorded.envelope
    plain = {"says": recorded.event.model_dump(mode="json")} if row.topic in _MACHINES_OWN else {}
    return plain | {
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


def checks(store: Store, now: datetime) -> Iterator[Check]:
    """What must hold before anyone relies on this store."""
    if isinstance(store.log, SqliteLog):
        yield from _file_checks(store.log.pragmas())
        yield _write_locks(store.settings)
    else:
        yield from _server_checks(store.log.settings())
    mode = store.settings.master_key_path.stat().st_mode & 0o777
    yield Check("master key", mode & 0o077 == 0, oct(mode), "chmod 600 the master key file")
    writable = os.access(store.settings.data_dir, os.W_OK)
    yield Check("data directory", writable, str(writable), "give this user write permission")
    held = store.register.read(SendingRecord(SENDING)).held
    why = ", ".join(sorted({str(each) for each in held.values()}))
    remedy = "nothing goes out: see docs/runbook/operations.md, SENDING_HELD"
    yield Check("sending", not held, f"held: {why}" if held else "not held", remedy)
    yield from _policy_checks(store)
    yield from (Check(*found) for found in upkeep(store, now))
    summer = datetime(2026, 7, 1, tzinfo=UTC).astimezone(ZoneInfo("Europe/London")).utcoffset()
    yield Check(
        "time zones",
        summer == timedelta(hours=1),
        "Europe/London",
        "install tzdata: legal days cannot be told without it",
    )


def _policy_checks(store: Store) -> Iterator[Check]:
    """Whether the policy file as it is now was taken, and whether what it asks for is there."""
    policy, remedy = store.policy, "run `spowatch policy check` on SPO_POLICY__FILE; "
    try:
        book = policy.current()
    except SettingsError:
        none = "none was ever taken: " + "; ".join(policy.refused[:5])
        yield Check("policy", ok=False, found=none, remedy=f"{remedy}nobody is told without one")
        return
    refused = "; ".join(policy.refused[:5])
    found = f"refused: {refused}" if refused else "taken"
    yield Check("policy", not refused, found, f"{remedy}the last one taken goes on meanwhile")
    missing = sorted(book.channels - channels_set_up(store.settings))
    remedy = (
        "people are not told of escalations: see docs/runbook/operations.md, CHANNEL_NOT_SET_UP"
    )
    found = f"not set up: {', '.join(missing)}" if missing else "all that the policy uses"
    yield Check("channels to people", not missing, found, remedy)


def _file_checks(pragmas: dict[str, str | int]) -> Iterator[Check]:
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


def _write_locks(settings: Settings) -> Check:
    """A writer that was stopped lets go of nothing, and every other waits for it in vain."""
    paths = (settings.log_path, settings.keys_path, settings.sheets_path, settings.projections_path)
    held = [
        f"{path.name} by the process {holder.pid}, which is frozen"
        for path in paths
        if (holder := writer_of(path)) is not None and holder.frozen
    ]
    found = ", ".join(held) or "none is held by a process that is frozen"
    remedy = "kill -CONT or kill -9 that process, either is safe: docs/runbook/operations.md"
    return Check("write locks", not held, found, remedy)


def _server_checks(settings: Mapping[str, str]) -> Iterator[Check]:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        found = settings[name]
        remedy = "an acknowledged breach must survive a power cut"
        yield Check(f"log {name}", found != "off", found, f"{name} must not be off: {remedy}")


_FULL = 2

"""Whether a store is looked after: sealed, witnessed, backed up, its erasures done, its clock right."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from pydantic_core import from_json

from domain.erasure import KeyDestroyed
from spowatch.backup.log_copy import entered_at
from spowatch.doctor.in_time import PATIENCE, Finding, in_time
from spowatch.doctor.witness import wrong_with
from spowatch.log_pages import pages
from spowatch.open_store import Store
from spowatch.sealing.witness import WitnessOutOfReach
from spowatch.store.checkpoints import KeptCheckpoints, Sealed
from spowatch.store.keys import Destroyed, KeyMissing
from spowatch.wiring.seal import kept_checkpoints, newest_of, witness_of

_SEALS_LATE = timedelta(minutes=3)
_BACKUP_LATE = timedelta(hours=26)
_AHEAD = timedelta(seconds=5)


def upkeep(store: Store, now: datetime, patience: float = PATIENCE) -> Iterator[Finding]:
    """`patience`: seconds for the witness, which may be on a share that is gone."""
    with kept_checkpoints(store.settings) as kept:
        last = newest_of(kept)
        yield _seal(store, last, now)
        yield in_time("witness", lambda: _witness(store, kept, last), patience)
    yield _clock(store, now)
    yield _erasures(store)
    yield _backup(store, now)


def backup_noted(store: Store) -> datetime | None:
    """When a backup was last taken from this directory; nothing where the note is not whole."""
    try:
        noted = datetime.fromisoformat(store.settings.last_backup_path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return noted if noted.tzinfo else None


def _seal(store: Store, last: Sealed | None, now: datetime) -> Finding:
    sealed = 0 if last is None else last.position
    waiting = _accepted(store, sealed)
    late = waiting is not None and now - waiting > _SEALS_LATE
    found = f"sealed up to position {sealed}"
    remedy = "see that `spowatch run seal` runs: docs/runbook/operations.md, SEAL_REFUSED"
    return "seal", not late, f"{found}, and nothing since {waiting}" if late else found, remedy


def _witness(store: Store, kept: KeptCheckpoints, last: Sealed | None) -> Finding:
    witness = witness_of(store.settings)
    if witness is None:
        return "witness", True, "none: set SPO_SEAL__WITNESS to have one", ""
    remedy = "docs/runbook/operations.md, SEAL_REFUSED"
    try:
        wrong = wrong_with(witness.last(), kept, last)
    except WitnessOutOfReach as fault:
        return "witness", False, str(fault), remedy
    found = "as far as the seal" if wrong is None else f"{witness.path} {wrong}"
    return "witness", wrong is None, found, remedy


def _clock(store: Store, now: datetime) -> Finding:
    newest = store.log.max_notification_id()
    accepted = None if newest is None else _accepted(store, newest - 1)
    ahead = accepted is not None and accepted - now > _AHEAD
    remedy = (
        "a machine's clock is or was wrong: put every one in step (chrony), deadlines go by them"
    )
    found = f"the last event is of {accepted}" if ahead else "not behind the log"
    return "clock", not ahead, found, remedy


def _erasures(store: Store) -> Finding:
    told = [row.state for row in pages(store, [KeyDestroyed.TOPIC])]
    ids = [UUID(from_json(state)["event"]["key_id"]) for state in told]
    open_ = sum(not _is_gone(store, each) for each in ids)
    remedy = "run `spowatch shred` for them again: a crash or a restore left the keys"
    return "erasures", not open_, f"{len(ids) - open_} of {len(ids)} keys gone", remedy


def _is_gone(store: Store, key_id: UUID) -> bool:
    try:
        return isinstance(store.keys.key(key_id), Destroyed)
    except KeyMissing:
        return True


def _backup(store: Store, now: datetime) -> Finding:
    taken = backup_noted(store)
    since = taken or _accepted(store, 0)
    late = since is not None and now - since > _BACKUP_LATE
    found = "none from this directory" if taken is None else f"taken {taken:%Y-%m-%dT%H:%MZ}"
    remedy = "run `spowatch backup DIR`: docs/how-to/back-up-and-restore.md"
    return "backup", not late, found, remedy


def _accepted(store: Store, after: int) -> datetime | None:
    """When the store accepted the first event past that position."""
    rows = store.log.select_notifications(after, 1, inclusive_of_start=False)
    return entered_at(rows[0].state) if rows else None

"""Makes a store from a backup, as it was at a second of one's choice."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from spowatch.backup.log_copy import LogCopy
from spowatch.backup.manifest import (
    KEYS,
    KEYS_FOLDER,
    LOG,
    BackupRefused,
    Manifest,
    manifest,
)
from spowatch.store.data_key import WrongMasterKey
from spowatch.store.keys import KeyTable, confirm_master
from spowatch.store.log_refill import NEVER_GIVEN_AGAIN
from spowatch.store.log_rows import PlacedRow

_KEYS_AT_ONCE = 1000

Refill = Callable[[Iterable[PlacedRow], Mapping[str, int], int], None]
"""Rows, how far each reader is, and the position after which new ones are given."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it."""

    events: int
    last_position: int
    left_out: int
    keys: int
    erased: int


def parts(folder: Path, keys_folder: Path | None) -> tuple[Manifest, Path | None]:
    """The backup of a log, and where its keys are. Raises `BackupRefused`."""
    found = manifest(folder, "log", LOG)
    keys = keys_folder or folder / KEYS_FOLDER
    if keys_folder is None and not keys.exists():
        return found, None
    manifest(keys, "keys", KEYS)
    return found, keys / KEYS


def cut(copy: LogCopy, taken: Manifest, instant: datetime | None) -> int:
    """The last position to restore. Raises `BackupRefused`."""
    if instant is None:
        return taken.last_position
    if instant > taken.taken_at:
        when = taken.taken_at.astimezone(UTC).isoformat(timespec="seconds")
        msg = f"--to: this backup knows nothing after {when}, when it was taken"
        raise BackupRefused(msg)
    last = copy.last_by(instant)
    if not last:
        msg = "--to: this backup holds nothing from before that instant"
        raise BackupRefused(msg)
    return last


def refuse_keys(table: KeyTable, copy: LogCopy, master_key: bytes) -> None:
    """Raises `BackupRefused` for keys that open nothing in this log, or not under this master key."""
    try:
        confirm_master(table, master_key)
    except WrongMasterKey:
        msg = (
            "the keys of this backup are under another master key; bring the one that was in use "
            "then, in the file of SPO_KEYS__MASTER_KEY_FILE"
        )
        raise BackupRefused(msg) from None
    people = copy.people()
    if people and not any(table.find([each]) for each in people):
        msg = "these keys are another store's: none of them is of anybody in this log"
        raise BackupRefused(msg)


def keep_out(into: KeyTable, erased: Mapping[UUID, datetime]) -> None:
    for key_id, at in erased.items():
        into.destroy(key_id, at)


def bring_back_keys(
    table: KeyTable, into: KeyTable, erased: Mapping[UUID, datetime], master_key: bytes
) -> int:
    """How many can be used again. What was erased is marked so first, and never comes back."""
    keep_out(into, erased)
    return _added(table, into, erased, confirm_master(into, master_key))


def _added(table: KeyTable, into: KeyTable, erased: Mapping[UUID, datetime], probe: bytes) -> int:
    usable = iter([(key_id, found) for key_id, found in table.every() if key_id not in erased])
    count = 0
    while page := list(islice(usable, _KEYS_AT_ONCE)):
        for key_id, found in page:
            if isinstance(found, datetime):
                into.destroy(key_id, found)
        wrapped = {key_id: found for key_id, found in page if isinstance(found, bytes)}
        into.add(wrapped, probe=probe)
        count += len(wrapped)
    return count


def fill(copy: LogCopy, taken: Manifest, last: int, refill: Refill) -> int:
    """The events put in. Readers go on from where they were, or from where the log ends now."""
    count = 0

    def counted() -> Iterable[PlacedRow]:
        nonlocal count
        for row in copy.rows(last):
            count += 1
            yield row

    refill(counted(), copy.bookmarks(last), taken.last_position + NEVER_GIVEN_AGAIN)
    return count

"""Whether the keys are there under which a log is sealed: asked of its oldest and of its newest events."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from spowatch.open_store import Store
from spowatch.store.keys import KeyMissing
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.store.vault import keys_named

_AT_EITHER_END = 500
"""Events: a key store that is another log's lacks the oldest, one from an older backup the newest."""


@dataclass(frozen=True, slots=True)
class KeysThere:
    """Of those events; a key that was destroyed is not missing."""

    named: int
    missing: int


def keys_there(store: Store) -> KeysThere:
    newest = store.log.max_notification_id() or 0
    rows = [
        *store.log.select_notifications(1, _AT_EITHER_END),
        *store.log.select_notifications(max(1, newest - _AT_EITHER_END + 1), _AT_EITHER_END),
    ]
    named = {key for row in rows for key in keys_named(row.state)}
    store.keys.load(named)
    return KeysThere(len(named), sum(_is_missing(store, each) for each in named))


def refuse_without_keys(store: Store) -> None:
    """Raises `StoreUnavailable` where nothing of the log can be read: each order would be parked, and put before a person."""
    found = keys_there(store)
    if found.named and found.missing == found.named:
        trouble = "none of this log's keys is there, so no order can be read and nobody be alerted"
        remedy = (
            "bring the key store that belongs to it, or restore again with its keys "
            "(docs/how-to/back-up-and-restore.md)"
        )
        raise StoreUnavailable(Path(store.settings.keys_named), trouble, remedy)


def _is_missing(store: Store, key: UUID) -> bool:
    try:
        store.keys.key(key)
    except KeyMissing:
        return True
    return False

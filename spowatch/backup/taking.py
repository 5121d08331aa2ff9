"""Takes a backup of a running store: what it had accepted when it was begun, whole."""

import os
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from spowatch.backup.log_copy import write_log_copy
from spowatch.backup.manifest import (
    KEYS,
    KEYS_FOLDER,
    LOG,
    BackupRefused,
    Manifest,
    sha256,
)
from spowatch.open_store import Store
from spowatch.sealing.leaves import leaves
from spowatch.store.keys import KeyTable
from spowatch.store.keys_sqlite import write_key_copy
from spowatch.store.log_rows import PlacedRow, column
from spowatch.store.log_sqlite import SqliteLog
from spowatch.store.merkle import MerkleTree

_PAGE = 1000


def take(store: Store, keys: KeyTable | None, folder: Path, *, at: datetime) -> Manifest:
    """Of the log, with its keys in a part of their own unless there are to be none.

    The keys come after the log, so that there is one for every word in it. Raises `BackupRefused`.
    """
    _new_folder(folder)
    last = store.log.max_notification_id() or 0
    bookmarks = {name: min(place, last) for name, place in store.log.bookmarks().items()}
    write_log_copy(folder / LOG, _pages(store, last), bookmarks)
    made = _of_the_log(folder, at)
    if keys is not None:
        _take_keys(keys, folder / KEYS_FOLDER, made)
    _synced(folder)
    made.write(folder)
    _synced(folder)
    return made


def _new_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            msg = f"{folder} is not empty; name a new folder for each backup"
            raise BackupRefused(msg)
        folder.chmod(0o700)
    except OSError as fault:
        msg = f"{folder}: {fault.strerror}; name a folder that can be made"
        raise BackupRefused(msg) from None


def _pages(store: Store, last: int) -> Iterator[list[PlacedRow]]:
    after = 0
    while page := store.log.select_notifications(after, _PAGE, last, inclusive_of_start=False):
        yield [
            (row.id, column(row.originator_id), row.originator_version, row.topic, row.state)
            for row in page
        ]
        after = page[-1].id


def _of_the_log(folder: Path, at: datetime) -> Manifest:
    """From the copy, not from the log: what stands there is what can be restored."""
    tree, last = MerkleTree(), 0
    log = SqliteLog(folder / LOG)
    try:
        for last, leaf in leaves(log):  # noqa: B007 - the last one is wanted
            tree.add(leaf)
    finally:
        log.close()
    return Manifest(
        taken_at=at,
        release=version("spowatch"),
        part="log",
        rows=tree.size,
        last_position=last,
        log_root=tree.root().hex(),
        sha256=sha256(folder / LOG),
    )


def _take_keys(keys: KeyTable, folder: Path, log: Manifest) -> None:
    folder.mkdir(mode=0o700)
    rows = write_key_copy(folder / KEYS, keys)
    told = {"part": "keys", "rows": rows, "sha256": sha256(folder / KEYS)}
    of_the_log = {"last_position": 0, "log_root": ""}
    log.model_copy(update=told | of_the_log).write(folder)
    _synced(folder)


def _synced(folder: Path) -> None:
    """What was written there, and that it is there."""
    for path in [*folder.iterdir(), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

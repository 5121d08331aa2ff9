"""The keys of the people the log is about: made on first use, kept wrapped, destroyed for ever."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spowatch.store.data_key import (
    DataKey,
    WrongMasterKey,
    data_key,
    new_wrapped_key,
    unwrap,
    wrap,
)
from spowatch.store.sqlite_connection import StoreUnavailable

FRESH_FOR = 0.2
"""Seconds within which a key destroyed by another process is no longer used here."""

MOST = 10_000
"""Keys ready for use, some 45 MB with what is derived from each."""

_PROBE = b"probe"


class KeyMissing(ValueError):
    """There never was such a key here: the key store is not this log's, or an old copy of it."""


class KeyDamaged(KeyMissing):
    """It lies here and does not open, while the store is under our master key: the words of one person are out of reach."""


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What is left of a key: when it was destroyed."""

    at: datetime


class KeyTable(Protocol):
    """Where wrapped keys are kept; asked by one thread at a time.

    Every change is on disk when its method returns, all of it or none.
    """

    @property
    def place(self) -> Path: ...

    def probe(self) -> bytes | None:
        """What `migrate` wrapped under the master key of this store."""
        ...

    def find(self, key_ids: Collection[UUID]) -> Mapping[UUID, bytes | datetime]:
        """By one look: each wrapped key, or when it was destroyed; nothing where there never was one."""
        ...

    def every(self) -> Iterable[tuple[UUID, bytes | datetime]]:
        """Each key there ever was: wrapped, or when it was destroyed."""
        ...

    def add(self, wrapped: Mapping[UUID, bytes], *, probe: bytes) -> None:
        """Keep those of which there never was one: the first to come, from whatever process.

        None of them where the store's probe is another by now: they are under the old master key.
        """
        ...

    def destroy(self, key_id: UUID, at: datetime) -> None:
        """Nobody finds the key any more from now on. The first date stands."""
        ...

    def rewrap(self, again: Callable[[UUID, bytes], bytes], probe: bytes) -> int:
        """Put what `again` makes of each in its place, and the probe with them; how many."""
        ...

    def destroyed(self) -> int:
        """How many keys were destroyed; it only grows."""
        ...

    def close(self) -> None: ...


class KeyStore:
    """Keys by the id of the person they belong to; may be shared by threads and processes.

    A key is on disk before it is first handed out. A destroyed key is gone from this process at
    once, from every other within `FRESH_FOR` seconds, and is never made again. A store that cannot
    be asked whether a key was destroyed hands out none.
    """

    def __init__(self, table: KeyTable, master_key: bytes, *, most: int = MOST) -> None:
        """Raises `WrongMasterKey` when the store was made under another one."""
        self._table = table
        self._most = most
        self._master = AESGCM(master_key)
        self._probe = confirm_master(table, master_key)
        self._lock = threading.Lock()
        self._known: dict[UUID, DataKey | Destroyed] = {}
        self._fresh_until = 0.0
        self._destroyed = table.destroyed()

    def key(self, key_id: UUID) -> DataKey | Destroyed:
        """Raises `KeyMissing` when there never was such a key, or what is left of it does not open.

        Raises `StoreUnavailable` when it is another master key's by now.
        """
        found = self._find(key_id)
        if found is None:
            msg = f"{self._table.place} never had the key {key_id}"
            raise KeyMissing(msg)
        return found

    def load(self, key_ids: Collection[UUID]) -> None:
        """Find by one look those that are not known here yet, so that each can be had without one.

        What does not open, or never was, is said when it is asked for.
        """
        self._refresh()
        missing = [key_id for key_id in key_ids if key_id not in self._known]
        if missing:
            with self._lock:
                for key_id, found in self._table.find(missing).items():
                    with suppress(KeyDamaged):
                        self._keep(key_id, self._unwrapped(found, key_id))

    def key_or_new(self, key_id: UUID) -> DataKey | Destroyed:
        """Raises `StoreUnavailable` also for one that does not open: no other may take its place."""
        try:
            found = self._find(key_id)
        except KeyDamaged as damaged:
            remedy = "bring it from a backup: docs/runbook/operations.md, A lost key store"
            raise StoreUnavailable(self._table.place, str(damaged), remedy) from None
        if found is None:
            self.create([key_id])
            return self.key(key_id)
        return found

    def create(self, key_ids: Collection[UUID]) -> None:
        """Make the keys not yet made, in one commit; destroyed ones stay destroyed.

        Raises `StoreUnavailable` when the master key was rotated since this process began.
        """
        new = {key_id: new_wrapped_key(self._master, key_id.bytes) for key_id in key_ids}
        with self._lock:
            self._table.add(new, probe=self._probe)
            self._refuse_rotated()

    def destroy(self, key_id: UUID, *, at: datetime) -> None:
        """Make every word under this key unreadable. May be repeated; the first date stands.

        What the kind of store still holds of the wrapped key stands with its table. It is useless
        without the master key, but to be followed up.
        """
        with self._lock:
            self._known.pop(key_id, None)
            self._table.destroy(key_id, at)

    def close(self) -> None:
        with self._lock:
            self._known.clear()
            self._table.close()

    def _find(self, key_id: UUID) -> DataKey | Destroyed | None:
        self._refresh()
        return self._known.get(key_id) or self._look_up(key_id)

    def _look_up(self, key_id: UUID) -> DataKey | Destroyed | None:
        with self._lock:
            found = self._table.find([key_id]).get(key_id)
            if found is None:
                return None
            known = self._unwrapped(found, key_id)
            self._keep(key_id, known)
            return known

    def _keep(self, key_id: UUID, known: DataKey | Destroyed) -> None:
        """The one kept for longest makes room: unwrapping one that is needed again costs little."""
        self._known[key_id] = known
        if len(self._known) > self._most:
            del self._known[next(iter(self._known))]

    def _unwrapped(self, found: bytes | datetime, key_id: UUID) -> DataKey | Destroyed:
        if isinstance(found, datetime):
            return Destroyed(found)
        try:
            return data_key(self._master, found, key_id.bytes)
        except WrongMasterKey:
            self._refuse_rotated()
        msg = (
            f"the key {key_id} is damaged: it does not open, though the master key is the right one"
        )
        raise KeyDamaged(msg)

    def _refuse_rotated(self) -> None:
        if self._table.probe() != self._probe:
            trouble = "the master key was rotated"
            remedy = "bring the new one to this machine and start again"
            raise StoreUnavailable(self._table.place, trouble, remedy)

    def _refresh(self) -> None:
        if monotonic() >= self._fresh_until:
            self._forget_if_changed()

    def _forget_if_changed(self) -> None:
        with self._lock:
            # From before the look, so that what is destroyed after it is seen at the next one; and
            # only once it came back, or a store out of reach would leave us with our old keys.
            looked = monotonic()
            destroyed = self._table.destroyed()
            if destroyed != self._destroyed:
                self._destroyed = destroyed
                self._known.clear()
            self._fresh_until = looked + FRESH_FOR


def new_probe(master_key: bytes) -> bytes:
    """For a new store, so that it can be told from one under another master key."""
    return wrap(AESGCM(master_key), _PROBE, _PROBE)


def confirm_master(table: KeyTable, master_key: bytes) -> bytes:
    """The probe. Raises `WrongMasterKey` when the store was made under another one."""
    found = table.probe()
    if found is None:
        trouble = "not bound to a master key"
        raise StoreUnavailable(table.place, trouble, "run `spowatch migrate`, then start again")
    try:
        unwrap(AESGCM(master_key), found, _PROBE)
    except WrongMasterKey:
        msg = f"{table.place} was made under another master key"
        raise WrongMasterKey(msg) from None
    return found


def rewrap_all(table: KeyTable, old: bytes, new: bytes) -> int:
    """Every key under the new master key instead of the old; how many."""
    before, after = AESGCM(old), AESGCM(new)

    def again(key_id: UUID, wrapped: bytes) -> bytes:
        return wrap(after, unwrap(before, wrapped, key_id.bytes), key_id.bytes)

    return table.rewrap(again, new_probe(new))

"""Erasure by destroying a key: first on record, then done, so that a crash leaves it to be redone."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.erasure import Erasure, KeyDestroyed, erasure_stream
from domain.events import Envelope
from spowatch.backup.erased_keys import add_erased
from spowatch.open_store import Store
from spowatch.store.vault import protected_key_id


def shred(
    store: Store,
    reference: str,
    about: Literal["defendant", "protected"],
    reason: str,
    *,
    at: datetime,
) -> UUID:
    """The id of the destroyed key. Doing it again does no harm. Raises `Refused` for no such order.

    A defendant's key covers every order on that person; a protected person's covers this order.
    """
    order = store.register.order(reference)
    key_id = protected_key_id(order.id) if about == "protected" else order.subject_id
    if key_id is None:
        msg = f"{reference} has no subject"
        raise LookupError(msg)
    erasure = store.register.read(Erasure(erasure_stream(key_id)))
    envelope = Envelope(occurred_at=at, recorded_at=at, entered_at=at, actor="operator")
    erasure.destroy(KeyDestroyed(key_id=key_id, about=about, reason=reason), envelope)
    store.register.keep([erasure])
    add_erased(store.settings.erased_path, key_id, at)
    store.keys.destroy(key_id, at=at)
    return key_id

"""The seal of one stored event: personal words under the key of the person they are about."""

import os
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Collection
from functools import lru_cache
from uuid import UUID, uuid5

from cryptography.exceptions import InvalidTag
from eventsourcing.persistence import PersistenceError

from domain.personal import LEFT_SEALED, About, ErasedText, SealedText
from spowatch.store.data_key import NONCE, DataKey
from spowatch.store.keys import Destroyed, KeyStore

SEALED_FIELDS = frozenset({"k", "c", "t"})
"""Key id, ciphertext (nonce first, base64), and the fingerprint that outlives the key."""

PLACE = "n"
"""Set by the mapper on the sealed words of an old topic before they move to where they are now."""

_NAMED = re.compile(rb'(?:"([^"]*)":)?\{"k":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
_NOT_WHOLE = "sealed words are not whole"
_NOT_OPENED = "these words were left sealed when they were read; read the event whole to keep it"
_ERASED = "[erased {}]"
_NOBODY = ("", None)
_FINGERPRINT = 20
"""Hexadecimal digits, four bits each."""
_KNOWN_IDS = 16_384


class SealBroken(ValueError):
    """Sealed words were altered, or stand where they were not written."""


class WordsRefused(ValueError):
    """These words can be sealed under nobody's key."""


class PersonErased(WordsRefused):
    """The key of the person they are about was destroyed: nothing new is kept in words."""


@lru_cache(_KNOWN_IDS)
def protected_key_id(originator_id: UUID) -> UUID:
    """The key of the people an order protects; one for each order."""
    return uuid5(originator_id, "protected")


# A log names the same people again and again, and a UUID from or to text costs an encryption.
_key_id = lru_cache(_KNOWN_IDS)(UUID)
_key_name = lru_cache(_KNOWN_IDS)(str)


def keys_named(state: bytes, fields: Collection[str] | None = None) -> set[UUID]:
    """The ids of the keys under which words are sealed in this stored event, be it in those fields alone.

    None in one that was altered so that it is no bytes any more: reading it says so.
    """
    try:
        found = _NAMED.findall(state)
    except TypeError:
        return set()
    wanted = None if fields is None else {each.encode() for each in fields}
    return {_key_id(key.decode()) for field, key in found if wanted is None or field in wanted}


def fingerprint(key: DataKey, words: str) -> str:
    """Equal for equal words, whatever their case and spacing; meaningless without the key."""
    mark = key.fingerprints.copy()
    mark.update(" ".join(words.casefold().split()).encode())
    return mark.hexdigest()[:_FINGERPRINT]


class EventSeal:
    """Seals and opens the words of one event, in the order of its fields.

    Each ciphertext is bound to stream, version, topic, whom it is about, its place among the
    sealed words of the event and its fingerprint: moved or altered, it raises `SealBroken`.
    """

    __slots__ = (
        "_event",
        "_keys",
        "_moved",
        "_next",
        "_owners",
        "_stream",
        "failure",
        "fields",
        "subject",
    )

    def __init__(
        self,
        keys: KeyStore,
        originator_id: UUID,
        version: int,
        topic: str,
        *,
        subject: UUID | None = None,
        moved: bool = False,
    ) -> None:
        """`moved`: read the place of sealed words from `PLACE`, not from the order of fields."""
        self._keys = keys
        self._stream = originator_id
        self._event = f"{originator_id.int:x}|{version}|{topic}"
        self._moved = moved
        self._next = 0
        self._owners: dict[About, tuple[str, DataKey | Destroyed]] = {}
        self.subject = subject
        self.fields: Collection[str] | None = None
        """Those whose words are opened, where not all are."""
        self.failure: Exception | None = None
        """Why closing failed; kept because pydantic hides what its serialisers raise."""

    def close(self, about: About, words: str) -> dict[str, str]:
        try:
            return self._close(about, words)
        except (ValueError, PersistenceError) as failure:
            self.failure = failure
            raise

    def open(self, about: About, sealed: dict[str, str], field: str | None) -> str:
        if self.fields is not None and field not in self.fields:
            self._next += 1
            return LEFT_SEALED
        try:
            place = sealed[PLACE] if self._moved else self._next
            owner, code, mark = sealed["k"], a2b_base64(sealed["c"]), sealed["t"]
        except (KeyError, ValueError, TypeError):
            raise SealBroken(_NOT_WHOLE) from None
        self._next += 1
        known, key = self._owners.get(about, _NOBODY)
        if key is None or owner != known:
            key = self._key_of(about, owner)
        if isinstance(key, Destroyed):
            return ErasedText(_ERASED.format(mark))
        try:
            binding = f"{self._event}|{about}|{place}|{mark}".encode()
            return key.cipher.decrypt(code[:NONCE], code[NONCE:], binding).decode()
        except (InvalidTag, ValueError):
            msg = "sealed words were altered or moved"
            raise SealBroken(msg) from None

    def _close(self, about: About, words: str) -> dict[str, str]:
        if type(words) is SealedText:
            raise WordsRefused(_NOT_OPENED)
        place, self._next = self._next, self._next + 1
        owner, key = self._owners.get(about) or self._owner_with_key(about)
        if isinstance(key, Destroyed):
            return {"k": owner, "c": "", "t": _mark_left_by(words, owner)}
        mark, nonce = fingerprint(key, words), os.urandom(NONCE)
        binding = f"{self._event}|{about}|{place}|{mark}".encode()
        sealed = nonce + key.cipher.encrypt(nonce, words.encode(), binding)
        return {"k": owner, "c": b2a_base64(sealed, newline=False).decode(), "t": mark}

    def _owner_with_key(self, about: About) -> tuple[str, DataKey | Destroyed]:
        key_id = self._owner(about)
        found = self._owners[about] = _key_name(key_id), self._keys.key_or_new(key_id)
        return found

    def _key_of(self, about: About, owner: str) -> DataKey | Destroyed:
        try:
            key_id = _key_id(owner)
        except (ValueError, TypeError, AttributeError):
            raise SealBroken(_NOT_WHOLE) from None
        if about == "defendant" and self.subject is None:
            self.subject = key_id
        if key_id != self._owner(about):
            msg = "sealed words are under another person's key"
            raise SealBroken(msg)
        key = self._keys.key(key_id)
        self._owners[about] = owner, key
        return key

    def _owner(self, about: About) -> UUID:
        if about == "protected":
            return protected_key_id(self._stream)
        if self.subject is None:
            msg = "words about a defendant need an envelope that names its subject"
            raise WordsRefused(msg)
        return self.subject


def _mark_left_by(words: str, owner: str) -> str:
    """The fingerprint inside a placeholder: what is erased may be carried on, nothing new said."""
    if not isinstance(words, ErasedText):
        msg = f"the key {owner} was destroyed; no more words can be kept about this person"
        raise PersonErased(msg)
    return words[_ERASED.index("{") : -1]

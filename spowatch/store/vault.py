"""The seal of one stored event: personal words under the key of the person they are about."""

import os
from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from uuid import UUID, uuid5

from cryptography.exceptions import InvalidTag
from eventsourcing.persistence import PersistenceError

from domain.personal import About, ErasedText
from spowatch.store.data_key import NONCE, DataKey
from spowatch.store.keys import Destroyed, KeyStore

SEALED_FIELDS = frozenset({"k", "c", "t"})
"""Key id, ciphertext (nonce first, base64), and the fingerprint that outlives the key."""

PLACE = "n"
"""Set by the mapper on the sealed words of an old topic before they move to where they are now."""

_ERASED = "[erased {}]"
_FINGERPRINT = 20
"""Hexadecimal digits, four bits each."""
_KNOWN_IDS = 16_384


class SealBroken(ValueError):
    """Sealed words were altered, or stand where they were not written."""


class WordsRefused(ValueError):
    """These words can be sealed under nobody's key."""


@lru_cache(_KNOWN_IDS)
def protected_key_id(originator_id: UUID) -> UUID:
    """The key of the people an order protects; one for each order."""
    return uuid5(originator_id, "protected")


# A log names the same people again and again, and a UUID from or to text costs an encryption.
_key_id = lru_cache(_KNOWN_IDS)(UUID)
_key_name = lru_cache(_KNOWN_IDS)(str)


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

    __slots__ = ("_keys", "_moved", "_next", "_stream", "_topic", "_version", "failure", "subject")

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
        self._version = version
        self._topic = topic
        self._moved = moved
        self._next = 0
        self.subject = subject
        self.failure: Exception | None = None
        """Why closing failed; kept because pydantic hides what its serialisers raise."""

    def close(self, about: About, words: str) -> dict[str, str]:
        try:
            return self._close(about, words)
        except (ValueError, PersistenceError) as failure:
            self.failure = failure
            raise

    def open(self, about: About, sealed: dict[str, str]) -> str:
        try:
            place = sealed[PLACE] if self._moved else self._next
            key_id, code, mark = _key_id(sealed["k"]), a2b_base64(sealed["c"]), sealed["t"]
        except (KeyError, ValueError, TypeError, AttributeError):
            msg = "sealed words are not whole"
            raise SealBroken(msg) from None
        self._next += 1
        self._confirm_owner(about, key_id)
        key = self._keys.key(key_id)
        if isinstance(key, Destroyed):
            return ErasedText(_ERASED.format(mark))
        return self._decrypt(key, code, self._binding(about, place, mark))

    def _close(self, about: About, words: str) -> dict[str, str]:
        place, self._next = self._next, self._next + 1
        key_id = self._owner(about)
        key = self._keys.key_or_new(key_id)
        if isinstance(key, Destroyed):
            return {"k": _key_name(key_id), "c": "", "t": _mark_left_by(words, key_id)}
        mark = fingerprint(key, words)
        nonce = os.urandom(NONCE)
        sealed = key.cipher.encrypt(nonce, words.encode(), self._binding(about, place, mark))
        code = b2a_base64(nonce + sealed, newline=False).decode()
        return {"k": _key_name(key_id), "c": code, "t": mark}

    def _decrypt(self, key: DataKey, sealed: bytes, binding: bytes) -> str:
        try:
            return key.cipher.decrypt(sealed[:NONCE], sealed[NONCE:], binding).decode()
        except (InvalidTag, ValueError):
            msg = "sealed words were altered or moved"
            raise SealBroken(msg) from None

    def _owner(self, about: About) -> UUID:
        if about == "protected":
            return protected_key_id(self._stream)
        if self.subject is None:
            msg = "words about a defendant need an envelope that names its subject"
            raise WordsRefused(msg)
        return self.subject

    def _confirm_owner(self, about: About, key_id: UUID) -> None:
        if about == "defendant" and self.subject is None:
            self.subject = key_id
        if key_id != self._owner(about):
            msg = "sealed words are under another person's key"
            raise SealBroken(msg)

    def _binding(self, about: About, place: int | str, mark: str) -> bytes:
        return f"{self._stream.int:x}|{self._version}|{self._topic}|{about}|{place}|{mark}".encode()


def _mark_left_by(words: str, key_id: UUID) -> str:
    """The fingerprint inside a placeholder: what is erased may be carried on, nothing new said."""
    if not isinstance(words, ErasedText):
        msg = f"the key {key_id} was destroyed; no more words can be kept about this person"
        raise WordsRefused(msg)
    return words[_ERASED.index("{") : -1]

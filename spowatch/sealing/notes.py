"""Signed notes as C2SP has them, and the Ed25519 keys that sign and verify them."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_ID = 4
_SIGNATURE = 64
_DASH = "— "


class NoteRefused(ValueError):
    """It is no signed note, no key, or not signed by the one whose name it has."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who signs, and how their signature is told from another's."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        named = self.name.encode() + b"\n" + _ED25519 + self.key
        return hashlib.sha256(named).digest()[:_ID]

    def __str__(self) -> str:
        """The verifier key of C2SP's signed notes, on one line."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.key).decode()}"

    def verify(self, text: str, signature: bytes) -> None:
        """Raises `NoteRefused`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            msg = f"it is not signed by {self.name}, whose name it has"
            raise NoteRefused(msg) from None


def public_key(line: str) -> PublicKey:
    """Of the line that `str` gave. Raises `NoteRefused`."""
    parts = line.strip().split("+", 2)
    try:
        name, told, encoded = parts
        kind_and_key = base64.b64decode(encoded, validate=True)
        found = PublicKey(name, kind_and_key[1:])
        Ed25519PublicKey.from_public_bytes(found.key)
    except ValueError:
        found, kind_and_key, told = PublicKey("", b""), b"", ""
    if kind_and_key[:1] != _ED25519 or found.id.hex() != told:
        msg = "it is no public key of the form name+id+base64"
        raise NoteRefused(msg)
    return found


@dataclass(frozen=True, slots=True)
class Note:
    """A text with the first signature under it."""

    text: str
    signer: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        signed = base64.b64encode(self.key_id + self.signature).decode()
        return f"{self.text}\n{_DASH}{self.signer} {signed}\n"


def signed(text: str, private: Ed25519PrivateKey, public: PublicKey) -> Note:
    return Note(text, public.name, public.id, private.sign(text.encode()))


def note(text: str, signature: str) -> Note | None:
    """Of its text and its first line of signature; None where that is not all there."""
    signer, _, encoded = signature.removeprefix(_DASH).partition(" ")
    try:
        both = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    if not signature.startswith(_DASH) or len(both) != _ID + _SIGNATURE:
        return None
    return Note(text, signer, both[:_ID], both[_ID:])


def is_signature(line: str) -> bool:
    return line.startswith(_DASH)

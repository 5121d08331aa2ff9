"""The key that signs checkpoints: a file only its owner reads, and beside it who it is, for others."""

import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from consumers.kept_file import put_in_place
from spowatch.sealing.notes import Note, NoteRefused, PublicKey, public_key, signed

_NAME_BYTES = 8
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_ANYBODY_READS = 0o644


class SealKeyRefused(Exception):
    """The file of the seal's key cannot be used as it is; says what to do about it."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """Signs. Its public part names it, and so the line of checkpoints that it signs."""

    private: Ed25519PrivateKey
    public: PublicKey

    @property
    def origin(self) -> str:
        return self.public.name

    def sign(self, text: str) -> Note:
        return signed(text, self.private, self.public)


def seal_key(path: Path) -> SealKey:
    """The key in that file, made when there is none. Raises `SealKeyRefused`."""
    if not path.exists():
        new_seal_key(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        msg = f"{path} has mode {mode:04o}, open to others; run `chmod 600 {path}`"
        raise SealKeyRefused(msg)
    try:
        private = load_pem_private_key(path.read_bytes(), None)
    except ValueError:
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        msg = f"{path} holds no Ed25519 key; restore it, or `spowatch keys rotate seal`"
        raise SealKeyRefused(msg)
    return _named(private)


def new_seal_key(path: Path) -> SealKey:
    """Made, and put in the place of one that was there. Its public part is added beside it first."""
    made = _named(Ed25519PrivateKey.generate())
    known = public_path(path).resolve()
    before = known.read_text(encoding="ascii").splitlines() if known.exists() else []
    put_in_place(known, "".join(f"{line}\n" for line in [*before, made.public]))
    known.chmod(_ANYBODY_READS)
    text = made.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    put_in_place(path, text.decode("ascii"))
    return made


def public_path(path: Path) -> Path:
    """Where every key that ever signed here is named, one a line."""
    return path.with_suffix(".pub")


def known_keys(path: Path) -> dict[str, PublicKey]:
    """By name. Raises `NoteRefused` for a line that is none, `OSError` where there is no file."""
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            key = public_key(line)
        except NoteRefused as refused:
            msg = f"line {number}: {refused}"
            raise NoteRefused(msg) from None
        found[key.name] = key
    return found


def _named(private: Ed25519PrivateKey) -> SealKey:
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return SealKey(private, PublicKey(f"spowatch/{public[:_NAME_BYTES].hex()}", public))

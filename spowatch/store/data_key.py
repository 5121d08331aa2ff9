"""One person's key: how it is wrapped for the disk, and what is derived from it for use."""

import hmac
import os
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

NONCE = 12
"""Bytes; random for each encryption, as AES-GCM wants it."""

_LENGTH = 32
_FINGERPRINTS = b"spowatch fingerprints v1"


class WrongMasterKey(Exception):
    """A wrapped key does not open: another master key made it, or it was altered."""


class DataKey:
    """Ready for use; never shown."""

    def __init__(self, secret: bytes) -> None:
        self.cipher = AESGCM(secret)
        self._secret = secret

    def __repr__(self) -> str:
        return "DataKey()"

    @cached_property
    def fingerprints(self) -> hmac.HMAC:
        """To be copied for each use: starting from the key costs as much as an encryption.

        Made when words are first sealed; opening them needs none.
        """
        derived = HKDFExpand(SHA256(), _LENGTH, _FINGERPRINTS).derive(self._secret)
        return hmac.new(derived, digestmod="sha256")


def new_wrapped_key(master: AESGCM, name: bytes) -> bytes:
    """A new random key, readable only under the master key and only under its own `name`."""
    return wrap(master, os.urandom(_LENGTH), name)


def data_key(master: AESGCM, wrapped: bytes, name: bytes) -> DataKey:
    return DataKey(unwrap(master, wrapped, name))


def wrap(master: AESGCM, secret: bytes, name: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + master.encrypt(nonce, secret, name)


def unwrap(master: AESGCM, wrapped: bytes, name: bytes) -> bytes:
    try:
        return master.decrypt(wrapped[:NONCE], wrapped[NONCE:], name)
    except (InvalidTag, ValueError):
        msg = f"the wrapped key {name.hex()} does not open under this master key"
        raise WrongMasterKey(msg) from None

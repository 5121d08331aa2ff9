"""The master key: 32 bytes in a file that only its owner can read."""

import os
import stat
from itertools import chain, count
from pathlib import Path
from tempfile import NamedTemporaryFile

from consumers.synced_folder import sync_folder
from spowatch.store.sqlite_connection import StoreUnavailable

LENGTH = 32
_NO_KEY = "if this store is new, run `spowatch migrate`; if not, restore the key from its backup"
_LOST = (
    "bring the key from another machine of this store, or restore it from its backup; a new one "
    "opens nothing that is stored"
)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class MasterKeyRefused(Exception):
    """The master key file cannot be used as it is; says what to do about it."""


def master_key_for(path: Path, *kept: Path) -> bytes:
    """The key that opens the stores that are `kept` already, made where there are none yet.

    Raises `StoreUnavailable` when there are and the key is missing: a new key would open nothing
    they hold, and would hide that the old one is lost.
    """
    if not path.exists():
        if kept:
            raise StoreUnavailable(path, f"the master key of {kept[0]} is missing", _LOST)
        create_master_key(path)
    return read_master_key(path)


def create_master_key(path: Path) -> None:
    """Write a new random key, on disk whole or not there at all; an existing file is never touched."""
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.") as aside:
        aside.write(os.urandom(LENGTH))
        aside.flush()
        os.fsync(aside.fileno())
        path.hardlink_to(aside.name)
    sync_folder(path.parent)


def read_master_key(path: Path) -> bytes:
    """The key, unless others than its owner have any access to the file."""
    if not path.exists():
        raise StoreUnavailable(path, "there is no master key", _NO_KEY)
    if not path.is_file():
        msg = f"{path} is no file; SPO_KEYS__MASTER_KEY_FILE names the master key itself"
        raise MasterKeyRefused(msg)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        msg = f"{path} has mode {mode:04o}, open to others; run `chmod 600 {path}`"
        raise MasterKeyRefused(msg)
    key = path.read_bytes()
    if len(key) != LENGTH:
        msg = f"{path} holds {len(key)} bytes, not {LENGTH}; restore it from its backup"
        raise MasterKeyRefused(msg)
    return key


def replace_master_key(path: Path, coming: Path) -> None:
    """The new one in the place of the old; that one is then beside it, by the name `kept_beside` tells."""
    before = kept_beside(path)
    if not before.exists():
        before.hardlink_to(path)
    coming.replace(path)
    sync_folder(path.parent)


def kept_beside(path: Path) -> Path:
    """Where the key goes that another replaces: `.before` after its name, after the second time `.before-2`.

    One that is there already, put by a rotation that then died, keeps its name.
    """
    first = path.with_name(f"{path.name}.before")
    names = chain([first], (first.with_name(f"{first.name}-{number}") for number in count(2)))
    return next(each for each in names if not each.exists() or each.samefile(path))

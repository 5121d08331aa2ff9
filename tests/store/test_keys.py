"""The key store in a file: the contract's promises, what stays on the disk, and the master key."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from spowatch.store.keys import Destroyed, KeyStore
from spowatch.store.keys_sqlite import migrate_keys, sqlite_keys
from spowatch.store.master_key import MasterKeyRefused, create_master_key, read_master_key
from spowatch.store.sqlite_connection import StoreUnavailable
from tests.store.conftest import MASTER
from tests.store.key_contract import KeyContract
from tests.store.sample_events import NOON


@dataclass(frozen=True, slots=True)
class KeptInAFile:
    path: Path

    def open(self) -> KeyStore:
        return self.open_under(MASTER)

    def open_under(self, master_key: bytes) -> KeyStore:
        return sqlite_keys(self.path, master_key)

    def migrate_under(self, master_key: bytes) -> None:
        migrate_keys(self.path, master_key)

    def wrapped(self, key_id: UUID) -> bytes | None:
        with closing(sqlite3.connect(self.path)) as connection:
            sql = "SELECT wrapped FROM data_keys WHERE key_id = ?"
            found = connection.execute(sql, (key_id.bytes,)).fetchone()
        return None if found is None else bytes(found[0])

    def put_in_place_of(self, key_id: UUID, wrapped: bytes) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            sql = "UPDATE data_keys SET wrapped = ? WHERE key_id = ?"
            connection.execute(sql, (wrapped, key_id.bytes))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys.db"
    migrate_keys(path, MASTER)
    return path


@pytest.fixture
def kept(path: Path) -> KeptInAFile:
    return KeptInAFile(path)


@pytest.fixture
def store(kept: KeptInAFile) -> Iterator[KeyStore]:
    with closing(kept.open()) as opened:
        yield opened


class TestPromises(KeyContract):
    pass


def wrapped(path: Path, key_id: UUID) -> bytes:
    return KeptInAFile(path).wrapped(key_id) or b""


def on_disk(path: Path) -> bytes:
    """The key file, its write-ahead log and its shared memory."""
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def test_a_destroyed_key_leaves_no_byte_in_any_file(store: KeyStore, path: Path) -> None:
    people = [uuid4() for _ in range(300)]
    for person in people:
        store.create([person])
    trace = wrapped(path, people[150])
    assert trace in on_disk(path)
    store.destroy(people[150], at=NOON)
    assert trace[:16] not in on_disk(path)
    assert trace[-16:] not in on_disk(path)
    assert wrapped(path, people[149]) in on_disk(path)


def test_erasure_that_others_hold_up_is_reported_and_may_be_repeated(path: Path) -> None:
    person = uuid4()
    with closing(sqlite_keys(path, MASTER, busy_timeout=0.05)) as store:
        store.key_or_new(person)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM data_keys").fetchall()
            with pytest.raises(StoreUnavailable, match="destroy it once more"):
                store.destroy(person, at=NOON)
            assert store.key(person) == Destroyed(NOON)
        store.destroy(person, at=NOON)


def test_the_key_files_are_for_their_owner_only(path: Path, tmp_path: Path) -> None:
    create_master_key(tmp_path / "master")
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(modes, 0o600)
    assert len(read_master_key(tmp_path / "master")) == 32


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622, 0o601])
def test_a_master_key_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    create_master_key(tmp_path / "master")
    (tmp_path / "master").chmod(mode)
    with pytest.raises(MasterKeyRefused, match="chmod 600"):
        read_master_key(tmp_path / "master")


def test_a_cut_master_key_is_refused(tmp_path: Path) -> None:
    create_master_key(tmp_path / "master")
    os.truncate(tmp_path / "master", 31)
    with pytest.raises(MasterKeyRefused, match="no file"):
        read_master_key(tmp_path)
    with pytest.raises(MasterKeyRefused, match="31 bytes"):
        read_master_key(tmp_path / "master")


def test_a_master_key_is_never_overwritten(tmp_path: Path) -> None:
    create_master_key(tmp_path / "master")
    with pytest.raises(FileExistsError):
        create_master_key(tmp_path / "master")

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from uuid import UUID, uuid4

import pytest

from spowatch.store.data_key import WrongMasterKey
from spowatch.store.keys import FRESH_FOR, Destroyed, KeyMissing, KeyStore, migrate_keys
from spowatch.store.master_key import MasterKeyRefused, create_master_key, read_master_key
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.store.vault import fingerprint
from tests.store.conftest import MASTER
from tests.store.sample_events import NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys.db"
    migrate_keys(path, MASTER)
    return path


@pytest.fixture
def store(path: Path) -> Iterator[KeyStore]:
    with closing(KeyStore(path, MASTER)) as opened:
        yield opened


def wrapped(path: Path, key_id: UUID) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT wrapped FROM data_keys WHERE key_id = ?"
        found: bytes = connection.execute(sql, (key_id.bytes,)).fetchone()[0]
    return found


def on_disk(path: Path) -> bytes:
    """The key file, its write-ahead log and its shared memory."""
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def test_a_key_is_on_disk_before_it_is_used(store: KeyStore, path: Path) -> None:
    person = uuid4()
    store.key_or_new(person)
    assert wrapped(path, person)
    with closing(KeyStore(path, MASTER)) as other:
        assert other.key(person) == other.key_or_new(person)


def test_two_processes_that_meet_a_person_first_use_one_key(store: KeyStore, path: Path) -> None:
    person = uuid4()
    mine = store.key_or_new(person)
    with closing(KeyStore(path, MASTER)) as other:
        other.create([person])
        theirs = other.key(person)
    assert not isinstance(mine, Destroyed)
    assert not isinstance(theirs, Destroyed)
    assert fingerprint(mine, "Jack") == fingerprint(theirs, "Jack")


def test_a_key_that_never_was_is_not_made_by_asking(store: KeyStore) -> None:
    person = uuid4()
    with pytest.raises(KeyMissing, match=str(person)):
        store.key(person)


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


def test_a_destroyed_key_stays_destroyed_from_its_first_date_on(store: KeyStore) -> None:
    person = uuid4()
    store.key_or_new(person)
    store.destroy(person, at=NOON)
    store.destroy(person, at=NOON + timedelta(days=1))
    store.create([person])
    assert store.key(person) == store.key_or_new(person) == Destroyed(NOON)


def test_a_person_without_a_key_can_be_erased_beforehand(store: KeyStore) -> None:
    person = uuid4()
    store.destroy(person, at=NOON)
    assert store.key_or_new(person) == Destroyed(NOON)


def destroy_elsewhere(path: Path, person: UUID) -> None:
    with closing(KeyStore(path, MASTER)) as store:
        store.destroy(person, at=NOON)


def test_a_key_destroyed_by_another_process_is_soon_gone_here(store: KeyStore, path: Path) -> None:
    person = uuid4()
    store.key_or_new(person)
    process = get_context("spawn").Process(target=destroy_elsewhere, args=(path, person))
    process.start()
    process.join()
    assert process.exitcode == 0
    deadline = monotonic() + FRESH_FOR
    while store.key(person) != Destroyed(NOON):
        assert monotonic() < deadline


def test_erasure_that_others_hold_up_is_reported_and_may_be_repeated(path: Path) -> None:
    person = uuid4()
    with closing(KeyStore(path, MASTER, busy_timeout=0.05)) as store:
        store.key_or_new(person)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM data_keys").fetchall()
            with pytest.raises(StoreUnavailable, match="destroy it once more"):
                store.destroy(person, at=NOON)
            assert store.key(person) == Destroyed(NOON)
        store.destroy(person, at=NOON)


def test_a_key_cannot_be_taken_for_another_persons(store: KeyStore, path: Path) -> None:
    one, other = uuid4(), uuid4()
    store.create([one, other])
    with closing(sqlite3.connect(path)) as connection, connection:
        sql = "UPDATE data_keys SET wrapped = ? WHERE key_id = ?"
        connection.execute(sql, (wrapped(path, one), other.bytes))
    with pytest.raises(WrongMasterKey):
        store.key(other)


def test_another_master_key_opens_nothing(path: Path) -> None:
    with pytest.raises(WrongMasterKey):
        KeyStore(path, bytes(32))


def test_a_key_shows_nothing_of_itself(store: KeyStore) -> None:
    assert repr(store.key_or_new(uuid4())) == "DataKey()"


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
    with pytest.raises(MasterKeyRefused, match="31 bytes"):
        read_master_key(tmp_path / "master")


def test_a_master_key_is_never_overwritten(tmp_path: Path) -> None:
    create_master_key(tmp_path / "master")
    with pytest.raises(FileExistsError):
        create_master_key(tmp_path / "master")

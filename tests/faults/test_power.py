"""A few power cuts; sixty of them on each store are `python -m tests.faults power`."""

import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.faults.disk.cuts import Disk
from tests.faults.disk.preloaded import on_disk
from tests.faults.disk.record import Change, changes
from tests.faults.dying.life import LIFE
from tests.faults.dying.on_record import OnRecord, Row
from tests.faults.power import cut
from tests.faults.power_postgres import Found, Promised, Whole, wrong_with
from tests.structure.checkout import ROOT


def test_what_was_acknowledged_outlives_a_power_cut_and_on_a_disk_that_lies_it_does_not(
    tmp_path: Path,
) -> None:
    done = cut(tmp_path, cuts=4, seed=1, deeds=LIFE[:1])
    assert done.cuts == 4
    assert not done.wrong, done.examples
    assert done.control


def test_of_a_file_what_was_synced_is_left_and_what_was_not_by_chance(tmp_path: Path) -> None:
    store, left = tmp_path / "store", tmp_path / "left"
    store.mkdir()
    (store / "log").write_bytes(b"old.")
    disk, inode = Disk(store), (store / "log").stat().st_ino
    disk.change(Change("W", inode, 4, b"new."))
    disk.change(Change("S", inode, 0, b""))
    disk.change(Change("W", inode, 0, b"OLD."))
    assert disk.written(store / "log") == b"OLD.new."
    disk.left_at(left, None)
    assert (left / "log").read_bytes() == b"old.new."
    ends = set()
    for seed in range(20):
        disk.left_at(left, Random(seed))
        ends.add((left / "log").read_bytes())
    assert ends == {b"old.new.", b"OLD.new."}


def named(what: str, inode: int, *paths: Path) -> Change:
    return Change(what, inode, 0, b"\0".join(bytes(path) for path in paths))


def ends_of(disk: Disk, left: Path) -> set[tuple[str, ...]]:
    """The names that a cut leaves, by twenty chances."""
    ends = set()
    for seed in range(20):
        shutil.rmtree(left, ignore_errors=True)
        left.mkdir()
        disk.left_at(left, Random(seed))
        ends.add(tuple(sorted(path.name for path in left.iterdir())))
    return ends


def test_a_new_name_is_on_the_disk_by_chance_until_its_directory_or_its_file_is_synced(
    tmp_path: Path,
) -> None:
    store, left = tmp_path / "store", tmp_path / "left"
    store.mkdir()
    for synced, strict, ends in [
        (None, False, {(), ("new",)}),
        (7, False, {("new",)}),
        (7, True, {(), ("new",)}),
        (store.stat().st_ino, True, {("new",)}),
    ]:
        disk = Disk(store, strict=strict)
        disk.change(named("C", 7, store / "new"))
        if synced is not None:
            disk.change(Change("S", synced, 0, b""))
        assert ends_of(disk, left) == ends


def test_a_rename_is_there_whole_or_not_at_all_and_a_deletion_may_be_taken_back(
    tmp_path: Path,
) -> None:
    store, left = tmp_path / "store", tmp_path / "left"
    store.mkdir()
    for name in ("old", "gone"):
        (store / name).touch()
    disk = Disk(store)
    disk.change(named("R", 0, store / "old", store / "new"))
    disk.change(named("U", 0, store / "gone"))
    assert ends_of(disk, left) == {("gone", "new"), ("gone", "old"), ("new",), ("old",)}
    disk.change(Change("S", store.stat().st_ino, 0, b""))
    assert ends_of(disk, left) == {("new",)}


def test_a_file_synced_under_a_name_that_was_another_s_is_not_lost_with_that(
    tmp_path: Path,
) -> None:
    store, left = tmp_path / "store", tmp_path / "left"
    store.mkdir()
    (store / "log").write_bytes(b"before")
    disk = Disk(store)
    disk.change(named("U", 0, store / "log"))
    disk.change(named("C", 7, store / "log"))
    disk.change(Change("W", 7, 0, b"after"))
    disk.change(Change("S", 7, 0, b""))
    assert ends_of(disk, left) == {("log",)}
    assert (left / "log").read_bytes() == b"after"


_WRITES = """
import ctypes, os
libc, c = ctypes.CDLL(None), ctypes.c_void_p
libc.fopen.restype, libc.fputs.argtypes, libc.fclose.argtypes = c, [ctypes.c_char_p, c], [c]
here = os.open(".", os.O_RDONLY)
file = os.open("synced", os.O_CREAT | os.O_WRONLY | os.O_DSYNC)
os.write(file, b"at once")
stream = libc.fopen(b"stream", b"w")
libc.fputs(b"by stdio", stream)
libc.fclose(stream)
os.truncate("stream", 2)
os.rename("stream", "renamed")
os.fsync(here)
"""


def test_what_a_program_did_to_its_disk_is_written_down(tmp_path: Path) -> None:
    store, log = tmp_path / "store", tmp_path / "log"
    store.mkdir()
    disk = Disk(store, strict=True)
    subprocess.run([sys.executable, "-c", _WRITES], env=on_disk(store, log), cwd=store, check=True)
    done = list(changes(log))
    assert "".join(each.what for each in done) == "CWSCTWTRS"
    for each in done:
        disk.change(each)
    disk.left_at(tmp_path / "left", None)
    left = {path.name: path.read_bytes() for path in (tmp_path / "left").iterdir()}
    assert left == {"synced": b"at once", "renamed": b""}


_FILES_OF_OURS = """
from datetime import datetime, UTC
from pathlib import Path
from uuid import uuid4
from consumers.channels.console import ConsoleFile, console_name
from spowatch.backup.erased_keys import add_erased
from spowatch.own_key import own_key
from spowatch.sealing.seal_key import new_seal_key
from spowatch.sealing.witness import WitnessFile
from spowatch.store.master_key import create_master_key
here = Path.cwd()
ConsoleFile(here / "console.jsonl").say("key", {})
console_name(here / "console.jsonl")
add_erased(here / "erased-keys.txt", uuid4(), datetime.now(UTC))
own_key(here / "own.key")
new_seal_key(here / "seal.key")
WitnessFile(here / "witness").add("note")
create_master_key(here / "master.key")
"""


def test_what_we_write_in_files_keeps_its_name_through_a_power_cut_and_a_key_is_whole_or_not_there(
    tmp_path: Path,
) -> None:
    store, log, left = tmp_path / "store", tmp_path / "log", tmp_path / "left"
    store.mkdir()
    disk = Disk(store, strict=True)
    watched = on_disk(store, log) | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", _FILES_OF_OURS], env=watched, cwd=store, check=True)
    for number, each in enumerate(changes(log)):
        disk.change(each)
        shutil.rmtree(left, ignore_errors=True)
        disk.left_at(left, Random(number))
        for key in (left / "master.key", left / "seal.key"):
            assert not key.exists() or key.stat().st_size, f"{key.name} is empty"
    shutil.rmtree(left)
    disk.left_at(left, None)
    assert {path.name for path in left.iterdir() if path.stat().st_size} == {
        "console.jsonl",
        "console.name",
        "erased-keys.txt",
        "own.key",
        "seal.key",
        "seal.pub",
        "witness",
        "master.key",
    }


def event(position: int, stream: str = "a", version: int = 1) -> tuple[int, str, int, str]:
    return position, stream, version, "applied"


APPLIED, GRANTED, ANSWERED = event(1), event(2, version=2), event(3, "b")
SHIFT = Whole(
    OnRecord((APPLIED, GRANTED, ANSWERED), ("said",)), ("one", "two", "two"), [0, 1, 3], ["1", "2"]
)
AGAIN = (APPLIED, event(34, version=2), event(35, "b"))
"""A server that crashed skips positions."""


@pytest.mark.parametrize(
    ("left", "after", "told", "answered", "wrong"),
    [
        ((APPLIED,), AGAIN, "new", b"", ""),
        (SHIFT.record.events, SHIFT.record.events, "2", b'{"done": 1}', ""),
        ((APPLIED,), AGAIN, "new", b'{"done": 1}', "lost"),
        ((APPLIED,), AGAIN, "new", b'{"position": 3}', "lost"),
        ((), AGAIN, "new", b"", "lost"),
        ((APPLIED, GRANTED), AGAIN, "2", b"", "half"),
        ((APPLIED, ANSWERED), AGAIN, "2", b"", "is not what was"),
        ((APPLIED,), (*AGAIN, event(36, version=3)), "new", b"", "came twice, or never"),
        (SHIFT.record.events, SHIFT.record.events, "3", b"", "another answer"),
    ],
)
def test_what_a_server_lost_halved_doubled_or_answers_otherwise_is_noticed(
    left: tuple[Row, ...], after: tuple[Row, ...], told: str, answered: bytes, wrong: str
) -> None:
    promised = Promised.read(b'{"deed": 1, "at": 1}\n' + answered, SHIFT.begun_at)
    found = Found(OnRecord(left, ()), told, OnRecord(after, ()), [])
    assert wrong_with(SHIFT, promised, LIFE[1], found) == wrong


def test_what_the_oracle_finds_is_wrong_though_the_log_is_whole() -> None:
    promised = Promised.read(b'{"deed": 1, "at": 1}', SHIFT.begun_at)
    found = Found(SHIFT.record, "2", SHIFT.record, ["alert said twice"])
    assert wrong_with(SHIFT, promised, LIFE[1], found) == "alert said twice"

"""A few power cuts; sixty of them are `python -m tests.faults power`."""

from pathlib import Path
from random import Random

from tests.faults.disk.cuts import Disk
from tests.faults.disk.record import Change
from tests.faults.dying.life import LIFE
from tests.faults.power import cut


def test_what_was_acknowledged_outlives_a_power_cut_and_on_a_disk_that_lies_it_does_not(
    tmp_path: Path,
) -> None:
    done = cut(tmp_path, cuts=4, seed=1, deeds=LIFE[:2])
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


def test_a_name_is_on_the_disk_at_once_though_its_content_is_not(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "store")
    disk.change(Change("C", 7, 0, bytes(tmp_path / "store" / "new")))
    disk.change(Change("W", 7, 0, b"words"))
    names = bytes(tmp_path / "store" / "new") + b"\0" + bytes(tmp_path / "store" / "name")
    disk.change(Change("R", 0, 0, names))
    disk.left_at(tmp_path / "left", None)
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "left").iterdir()] == [
        ("name", b"")
    ]

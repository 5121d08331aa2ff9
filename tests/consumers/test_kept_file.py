"""A file that is always whole: cut off at any moment, and where there is no room."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from consumers.kept_file import put_in_place
from tests.faults.disk.cuts import Disk
from tests.faults.disk.preloaded import on_disk
from tests.faults.disk.record import changes
from tests.structure.checkout import ROOT

BEFORE, AFTER = b"before", b"after" * 2000
PUT = """
import sys
from pathlib import Path
from consumers.kept_file import put_in_place
put_in_place(Path(sys.argv[1]), "after" * 2000)
"""


def test_a_power_cut_at_any_moment_leaves_the_one_or_the_other_whole(tmp_path: Path) -> None:
    disk_root, log = tmp_path / "disk", tmp_path / "log"
    folder = disk_root / "sending"
    folder.mkdir(parents=True)
    (folder / "kept").write_bytes(BEFORE)
    disk = Disk(disk_root)
    command = [sys.executable, "-c", PUT, str(folder / "kept")]
    subprocess.run(command, cwd=ROOT, env=on_disk(disk_root, log), check=True)
    done, ends = list(changes(log)), []
    for number, change in enumerate(done):
        disk.change(change)
        for seed in range(5):
            left = tmp_path / f"left-{number}-{seed}"
            disk.left_at(left, Random(seed) if seed else None)
            ends.append((left / "sending" / "kept").read_bytes())
    assert set(ends) == {BEFORE, AFTER}
    assert ends[-1] == AFTER
    assert (done[-1].what, done[-1].inode) == ("S", folder.stat().st_ino)


def test_what_cannot_be_put_there_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with pytest.raises(OSError, match="directory"):
        put_in_place(tmp_path / "kept", "words")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]

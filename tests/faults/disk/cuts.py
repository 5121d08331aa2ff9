"""A disk after a power cut: what was synced is there, and of what was not, any part or none.

Of each file what was written since its last sync is on the disk by chance, piece by piece of 4 KiB and in any order, cuts
and lengthenings of the file among them. Names are there at once (made, renamed, deleted): what a lost name would do is not
tried here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.disk.record import Change

PIECE = 4096


@dataclass(slots=True)
class _File:
    synced: bytearray
    pending: list[Change] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.synced, change)
        self.pending.clear()

    def after_cut(self, rng: Random | None) -> bytes:
        """Without chance, nothing of what was not synced."""
        left = bytearray(self.synced)
        if rng is not None:
            keep = rng.random()
            for piece in _pieces(self.pending):
                if rng.random() < keep:
                    _apply(left, piece)
        return bytes(left)


class Disk:
    """A folder as the disk has it, change by change. `honest`: a sync does what it says."""

    def __init__(self, folder: Path, *, honest: bool = True) -> None:
        """As it is now, all of it synced."""
        self._honest = honest
        self._folder = folder
        self._files: dict[int, _File] = {}
        self._names: dict[Path, int | None] = {}
        for path in folder.rglob("*"):
            if path.is_dir():
                self._names[path] = None
            elif path.is_file():
                inode = path.stat().st_ino
                self._names[path] = inode
                self._files[inode] = _File(bytearray(path.read_bytes()))

    def change(self, change: Change) -> None:
        if change.what in "WT":
            self._files.setdefault(change.inode, _File(bytearray())).pending.append(change)
        elif change.what == "S":
            if self._honest and change.inode in self._files:
                self._files[change.inode].sync()
        else:
            self._name(change)

    def _name(self, change: Change) -> None:
        one, other = change.paths
        if change.what == "C":
            if self._names.get(one) != change.inode:
                self._files[change.inode] = _File(bytearray())
            self._names[one] = change.inode
        elif change.what == "D":
            self._names[one] = None
        elif change.what == "L":
            self._names[other] = self._names[one]
        elif change.what == "R":
            self._names[other] = self._names.pop(one)
        else:
            self._names.pop(one, None)

    def written(self, path: Path) -> bytes:
        """What a program reads there while there is power."""
        inode = self._names.get(path)
        if inode is None:
            return b""
        file = self._files[inode]
        read = bytearray(file.synced)
        for change in file.pending:
            _apply(read, change)
        return bytes(read)

    def left_at(self, folder: Path, rng: Random | None) -> None:
        """Lay what a cut now leaves under another folder."""
        cut = {inode: file.after_cut(rng) for inode, file in self._files.items()}
        for path, inode in sorted(self._names.items()):
            there = folder / path.relative_to(self._folder)
            if inode is None:
                there.mkdir(parents=True, exist_ok=True)
            else:
                there.parent.mkdir(parents=True, exist_ok=True)
                there.touch(mode=0o600)
                there.write_bytes(cut[inode])


def _pieces(pending: Sequence[Change]) -> Iterator[Change]:
    """A write as the pieces of it that may come to the disk one without another."""
    for change in pending:
        if change.what == "T":
            yield change
            continue
        at, end = change.at, change.at + len(change.data)
        while at < end:
            upto = min(end, (at // PIECE + 1) * PIECE)
            yield Change("W", change.inode, at, change.data[at - change.at : upto - change.at])
            at = upto


def _apply(content: bytearray, change: Change) -> None:
    if change.what == "T":
        del content[change.at :]
        content.extend(bytes(change.at - len(content)))
        return
    end = change.at + len(change.data)
    content.extend(bytes(max(0, change.at - len(content))))
    content[change.at : end] = change.data

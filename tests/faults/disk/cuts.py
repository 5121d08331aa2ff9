"""A disk after a power cut: what was synced is there, and of what was not, any part or none.

Of each file what was written since its last sync is on the disk by chance, piece by piece of 4 KiB and in any order, cuts
and lengthenings of the file among them. So is each name that was made, changed or taken away since its directory was synced.
A sync of a file takes its own name along, as on ext4, XFS and btrfs, where PostgreSQL counts on it; `strict`: it does not,
which is all that POSIX promises. The way down to a file that is there is always there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.disk.record import Change

PIECE = 4096


@dataclass(slots=True, eq=False)
class _File:
    synced: bytearray
    pending: list[Change] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.synced, change)
        self.pending.clear()

    def read(self) -> bytes:
        """As a program reads it while there is power."""
        whole = bytearray(self.synced)
        for change in self.pending:
            _apply(whole, change)
        return bytes(whole)

    def after_cut(self, rng: Random | None) -> bytes:
        """Without chance, nothing of what was not synced."""
        left = bytearray(self.synced)
        if rng is not None:
            keep = rng.random()
            for piece in _pieces(self.pending):
                if rng.random() < keep:
                    _apply(left, piece)
        return bytes(left)


@dataclass(slots=True, eq=False)
class _Folder:
    """A directory; what is in it is said by the names."""


@dataclass(frozen=True, slots=True, eq=False)
class _Naming:
    """What one call did to names, all of it or nothing: each path with what it names from then on, if anything."""

    names: dict[Path, _File | _Folder | None]

    def done_to(self, names: dict[Path, _File | _Folder]) -> None:
        for path, named in self.names.items():
            if named is None:
                names.pop(path, None)
            else:
                names[path] = named


class Disk:
    """A folder as the disk has it, change by change. `honest`: a sync does what it says."""

    def __init__(self, folder: Path, *, honest: bool = True, strict: bool = False) -> None:
        """As it is now, all of it synced."""
        self._honest = honest
        self._strict = strict
        self._folder = folder
        self._inodes: dict[int, _File | _Folder] = {}
        self._now: dict[Path, _File | _Folder] = {}
        """The names as a program sees them while there is power."""
        self._kept: dict[Path, _File | _Folder] = {}
        self._unsure: list[_Naming] = []
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir():
                self._now[path] = self._inodes[path.stat().st_ino] = _Folder()
            elif path.is_file():
                content = _File(bytearray(path.read_bytes()))
                self._now[path] = self._inodes[path.stat().st_ino] = content
        self._kept |= self._now

    def change(self, change: Change) -> None:
        if change.what in "WT":
            file = self._inodes.setdefault(change.inode, _File(bytearray()))
            if isinstance(file, _File):
                file.pending.append(change)
        elif change.what != "S":
            self._name(change)
        elif self._honest and change.inode in self._inodes:
            self._sync(self._inodes[change.inode])

    def _name(self, change: Change) -> None:
        one, other = change.paths
        names: dict[Path, _File | _Folder | None]
        if change.what in "CD":
            known = self._now.get(one)
            if known is not None and self._inodes.get(change.inode) is known:
                return
            made = _File(bytearray()) if change.what == "C" else _Folder()
            self._inodes[change.inode] = made
            names = {one: made}
        elif change.what == "L":
            names = {other: self._now[one]}
        elif change.what == "R":
            names = {other: self._now[one], one: None}
        else:
            names = {one: None}
        naming = _Naming(names)
        naming.done_to(self._now)
        self._unsure.append(naming)

    def _sync(self, synced: _File | _Folder) -> None:
        if isinstance(synced, _File):
            synced.sync()
            if not self._strict:
                self._keep(lambda naming: synced in naming.names.values())
        else:
            self._keep(lambda naming: self._now.get(next(iter(naming.names)).parent) is synced)

    def _keep(self, wanted: Callable[[_Naming], bool]) -> None:
        """These are on the disk from now on, and what was done before to any name of theirs."""
        touched: set[Path] = set()
        kept, unsure = [], []
        for naming in reversed(self._unsure):
            if wanted(naming) or not touched.isdisjoint(naming.names):
                touched.update(naming.names)
                kept.append(naming)
            else:
                unsure.append(naming)
        for naming in reversed(kept):
            naming.done_to(self._kept)
        self._unsure = unsure[::-1]

    def written(self, path: Path) -> bytes:
        """What a program reads there while there is power."""
        file = self._now.get(path)
        return file.read() if isinstance(file, _File) else b""

    def left_at(self, folder: Path, rng: Random | None) -> None:
        """Lay what a cut now leaves under another folder."""
        cut: dict[int, bytes] = {}
        for path, named in sorted(self._names_after_cut(rng).items()):
            there = folder / path.relative_to(self._folder)
            if isinstance(named, _Folder):
                there.mkdir(parents=True, exist_ok=True)
            else:
                there.parent.mkdir(parents=True, exist_ok=True)
                there.touch(mode=0o600)
                if id(named) not in cut:
                    cut[id(named)] = named.after_cut(rng)
                there.write_bytes(cut[id(named)])

    def _names_after_cut(self, rng: Random | None) -> dict[Path, _File | _Folder]:
        names = dict(self._kept)
        if rng is not None:
            keep = rng.random()
            for naming in self._unsure:
                if rng.random() < keep:
                    naming.done_to(names)
        return names


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

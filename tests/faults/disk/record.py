"""What `disk.c` wrote down of a run: every change of the files under a folder, in the order it was made."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

_HEAD = Struct("=c7xQQQ")


@dataclass(frozen=True, slots=True)
class Change:
    """`what`: Created, Written, Truncated (or lengthened, to `at`), Synced, Unlinked, Renamed, Linked, Directory made.

    A sync of a directory is one of the names in it.
    """

    what: str
    inode: int
    at: int
    data: bytes

    @property
    def paths(self) -> tuple[Path, Path]:
        """Of names: the one, and the other where there are two."""
        one, _, other = self.data.decode().partition("\0")
        return Path(one), Path(other)


def changes(log: Path) -> Iterator[Change]:
    data, at = log.read_bytes(), 0
    while at < len(data):
        what, inode, place, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        yield Change(what.decode(), inode, place, data[at : at + size])
        at += size

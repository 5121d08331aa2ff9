"""The Merkle tree hash of RFC 6962 over rows that arrive one after another."""

import hashlib
from collections.abc import Sequence

HASH = 32
"""Bytes of every hash of the tree."""


class MerkleTree:
    """Holds one hash for each power of two of the leaves so far, never the leaves."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Empty, or going on from where `size` and `peaks` of another one were taken."""
        heights = [height for height in reversed(range(size.bit_length())) if size >> height & 1]
        self._peaks = list(zip(heights, peaks, strict=True))
        self._size = size

    @property
    def size(self) -> int:
        return self._size

    @property
    def peaks(self) -> list[bytes]:
        return [node for _, node in self._peaks]

    def add(self, leaf: bytes) -> bytes:
        """The leaf's own hash."""
        hashed = leaf_hash(leaf)
        height, node = 0, hashed
        while self._peaks and self._peaks[-1][0] == height:
            _, left = self._peaks.pop()
            height, node = height + 1, _inner(left, node)
        self._peaks.append((height, node))
        self._size += 1
        return hashed

    def root(self) -> bytes:
        """The tree hash; of no leaves, the hash of nothing."""
        if not self._peaks:
            return hashlib.sha256().digest()
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = _inner(left, node)
        return node


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def _inner(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()

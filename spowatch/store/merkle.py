"""The Merkle tree hash of RFC 6962 over rows that arrive one after another."""

import hashlib


class MerkleTree:
    """Holds one hash for each power of two of the leaves so far, never the leaves."""

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        height, node = 0, hashlib.sha256(b"\x00" + leaf).digest()
        while self._peaks and self._peaks[-1][0] == height:
            _, left = self._peaks.pop()
            height, node = height + 1, _inner(left, node)
        self._peaks.append((height, node))

    def root(self) -> str:
        """The tree hash in hexadecimal; of no leaves, the hash of nothing."""
        if not self._peaks:
            return hashlib.sha256().hexdigest()
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = _inner(left, node)
        return node.hex()


def _inner(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()

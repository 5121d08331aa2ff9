"""The Merkle tree against the recursive definition of RFC 6962 section 2.1."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from spowatch.store.merkle import MerkleTree


def by_definition(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = by_definition(leaves[:split]), by_definition(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_rows_added_one_by_one_give_the_hash_of_the_whole_tree(leaves: list[bytes]) -> None:
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root() == by_definition(leaves)


@given(st.lists(st.binary(max_size=8), max_size=40), st.lists(st.binary(max_size=8), max_size=40))
def test_a_tree_goes_on_from_where_another_was_left(
    before: list[bytes], after: list[bytes]
) -> None:
    left = MerkleTree()
    for leaf in before:
        left.add(leaf)
    resumed = MerkleTree(left.size, left.peaks)
    for leaf in after:
        resumed.add(leaf)
    assert (resumed.size, resumed.root()) == (len(before + after), by_definition(before + after))

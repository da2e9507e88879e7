"""The tree against a few lines that say the same as RFC 9162 does, recursively."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.ledger import ProofError, merkle
from waybill.ledger.hashing import position
from waybill.ledger.nodes import count

LEAVES = [merkle.leaf_hash(bytes([index % 256, index // 256])) for index in range(300)]


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:middle]) + tree_hash(leaves[middle:])).digest()


def node(level: int, index: int) -> bytes:
    return tree_hash(LEAVES[index << level : (index + 1) << level])


sizes = st.integers(1, len(LEAVES))


@given(sizes)
def test_the_root_is_the_tree_hash(size: int) -> None:
    assert merkle.tree_root(node, size) == tree_hash(LEAVES[:size])


@given(sizes, st.data())
@settings(max_examples=60)
def test_inclusion_proofs_hold_and_nothing_near_them_does(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    root, path = tree_hash(LEAVES[:size]), merkle.inclusion_path(node, index, size)
    merkle.verify_inclusion(LEAVES[index], index, size, path, root)
    wrong = bytes(32)
    refused = [
        (LEAVES[index], index, size, [*path, wrong], root),
        (LEAVES[index], index, size, path, wrong),
        (wrong, index, size, path, root),
        (LEAVES[index], (index + 1) % size, size, path, root) if size > 1 else (wrong, 0, 1, path, root),
        *((LEAVES[index], index, size, [*path[:step], wrong, *path[step + 1 :]], root) for step in range(len(path))),
        *((LEAVES[index], index, size, path[:step] + path[step + 1 :], root) for step in range(len(path))),
    ]
    for case in refused:
        with pytest.raises(ProofError):
            merkle.verify_inclusion(*case)


@given(sizes, st.data())
@settings(max_examples=60)
def test_consistency_proofs_hold_and_nothing_near_them_does(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    old_root, root, path = tree_hash(LEAVES[:old]), tree_hash(LEAVES[:size]), merkle.consistency_path(node, old, size)
    merkle.verify_consistency(old, size, path, old_root, root)
    wrong = bytes(32)
    refused = [
        (old, size, [*path, wrong], old_root, root),
        (old, size, path, wrong, root),
        (old, size, path, old_root, wrong),
        *((old, size, [*path[:step], wrong, *path[step + 1 :]], old_root, root) for step in range(len(path))),
        *((old, size, path[:step] + path[step + 1 :], old_root, root) for step in range(len(path))),
    ]
    for case in refused:
        with pytest.raises(ProofError):
            merkle.verify_consistency(*case)


def test_a_proof_from_nothing_is_refused() -> None:
    with pytest.raises(ProofError, match="proves nothing"):
        merkle.verify_consistency(0, 5, [], merkle.EMPTY_ROOT, tree_hash(LEAVES[:5]))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_what_is_not_32_bytes_is_no_hash(length: int) -> None:
    with pytest.raises(ProofError, match="wrong length"):
        merkle.verify_inclusion(LEAVES[0], 0, 2, [bytes(length)], tree_hash(LEAVES[:2]))
    with pytest.raises(ProofError, match="wrong length"):
        merkle.verify_consistency(1, 1, [], bytes(length), bytes(length))


def test_an_entry_outside_the_tree_has_no_proof() -> None:
    for index in (-1, 5):
        with pytest.raises(ValueError, match="no entry"):
            merkle.inclusion_path(node, index, 5)
        with pytest.raises(ProofError, match="cannot be"):
            merkle.verify_inclusion(LEAVES[0], index, 5, [], LEAVES[0])


@given(st.integers(0, 300))
def test_nodes_stand_in_the_order_in_which_they_are_complete(size: int) -> None:
    expected = []
    for leaf in range(size):
        level = 0
        expected.append((0, leaf))
        while (leaf >> level) & 1:
            level += 1
            expected.append((level, leaf >> level))
    assert [position(level, index) for level, index in expected] == list(range(len(expected)))
    assert count(size) == len(expected)

"""The Merkle tree of RFC 9162 section 2.1 (the tree of RFC 6962) with SHA-256: hashes, proofs and their verification.

A node is named by its level (leaves are level 0) and its index within the level, counted from the left; only nodes
of perfect subtrees have names. Every function that needs nodes takes a function that returns one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from waybill.ledger.errors import ProofError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without entries."""

MOST_STEPS = 63
"""No proof in a tree that anybody can build is longer (c2sp.org/tlog-witness allows as many lines)."""

NodeAt = Callable[[int, int], bytes]
"""Returns the node at a level and an index."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry as a leaf of the tree."""
    return hashlib.sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Return the hashes of entries as leaves of the tree."""
    sha256 = hashlib.sha256
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def next_level(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the parents of ``hashes``, an even number of neighbours of which the first is a left child."""
    sha256 = hashlib.sha256
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(hashes[::2], hashes[1::2], strict=True)]


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a perfect subtree with ``hashes`` as its leaves; their number is a power of two."""
    while len(hashes) > 1:
        hashes = next_level(hashes)
    return hashes[0]


def subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the largest perfect subtrees that together span the leaves from ``start`` to before ``end``."""
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def join(roots: Iterable[bytes]) -> bytes:
    """Return the root over the roots of neighbouring subtrees that grow smaller to the right."""
    *left, root = roots
    for sibling in reversed(left):
        root = node_hash(sibling, root)
    return root


def range_root(node: NodeAt, start: int, end: int) -> bytes:
    """Return the root of the subtree over the leaves from ``start`` to before ``end``."""
    return join(node(level, index) for level, index in subtrees(start, end)) if start < end else EMPTY_ROOT


def tree_root(node: NodeAt, size: int) -> bytes:
    """Return the root of the tree over the first ``size`` entries."""
    return range_root(node, 0, size)


def inclusion_path(node: NodeAt, index: int, size: int) -> list[bytes]:
    """Return the proof that entry ``index`` is in the tree of ``size`` entries (RFC 9162 section 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"no entry {index} in a tree of {size}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _left_part(end - start)
        if index < middle:
            path.append(range_root(node, middle, end))
            end = middle
        else:
            path.append(range_root(node, start, middle))
            start = middle
    return path[::-1]


def consistency_path(node: NodeAt, old: int, size: int) -> list[bytes]:
    """Return the proof that the tree of ``size`` entries begins with that of ``old`` (RFC 9162 section 2.1.4.1).

    The proof from nothing, and of a tree with itself, is empty.
    """
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {size} does not contain one of {old}")
    if old in {0, size}:
        return []
    path, start, end, whole = [], 0, size, True
    while old != end:
        middle = start + _left_part(end - start)
        if old <= middle:
            path.append(range_root(node, middle, end))
            end = middle
        else:
            path.append(range_root(node, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(range_root(node, start, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf hash is at ``index`` of the tree of ``size`` with ``root`` (RFC 9162 section 2.1.3.2)."""
    _need_hashes(leaf, root, *path)
    if not 0 <= index < size:
        raise ProofError(f"entry {index} cannot be in a tree of {size} entries")
    first, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise ProofError("the inclusion proof is too long", expected=f"a proof for a tree of {size} entries")
        if first & 1 or first == last:
            found = node_hash(step, found)
            while first & 1 == 0 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, step)
        first, last = first >> 1, last >> 1
    if last or found != root:
        raise ProofError(f"the inclusion proof of entry {index} does not lead to the root")


def verify_consistency(old: int, size: int, path: Sequence[bytes], old_root: bytes, root: bytes) -> None:
    """Check that the tree of ``size`` with ``root`` begins with that of ``old`` (RFC 9162 section 2.1.4.2).

    A proof from size 0 says nothing and is refused.
    """
    if old == 0:
        raise ProofError("a consistency proof from an empty tree proves nothing")
    verify_subtree_consistency((0, old), size, path, old_root, root)


def verify_subtree_inclusion(
    leaf: bytes, index: int, subtree: tuple[int, int], path: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf is in a subtree, from its first to before its second number.

    (draft-ietf-plants-merkle-tree-certs section 4.3)
    """
    start, end = _need_subtree(*subtree)
    verify_inclusion(leaf, index - start, end - start, path, root)


def verify_subtree_consistency(
    subtree: tuple[int, int], size: int, path: Sequence[bytes], subtree_root: bytes, root: bytes
) -> None:
    """Check that a tree has a subtree, given by its ends (draft-ietf-plants-merkle-tree-certs section 4.4.3).

    For a subtree that starts at 0 this is the consistency proof of RFC 9162.
    """
    start, end = _need_subtree(*subtree)
    if end > size:
        raise ProofError(f"a tree of {size} entries has no subtree that ends at {end}")
    if start == end:
        if path or subtree_root != EMPTY_ROOT:
            raise ProofError("an empty subtree has the empty root and no proof")
        return
    _need_hashes(subtree_root, root, *path)
    if (subtree_root, root) != _roots_by_consistency(start, end, size, path, subtree_root):
        raise ProofError(f"the tree of {size} entries is not an extension of what was there before")


def _roots_by_consistency(start: int, end: int, size: int, path: Sequence[bytes], given: bytes) -> tuple[bytes, bytes]:
    """Return the root of the subtree and of the tree as the proof has them."""
    first, last, tree = start, end - 1, size - 1
    at_the_edge = last == tree
    while first != last and (at_the_edge or last & 1):
        first, last, tree = first >> 1, last >> 1, tree >> 1
    steps = iter(path)
    small = large = given if first == last else next(steps, b"")
    for step in steps:
        if tree == 0:
            raise ProofError("the consistency proof is too long")
        if last & 1 or last == tree:
            if first < last:
                small = node_hash(step, small)
            large = node_hash(step, large)
            while last & 1 == 0:
                first, last, tree = first >> 1, last >> 1, tree >> 1
        else:
            large = node_hash(large, step)
        first, last, tree = first >> 1, last >> 1, tree >> 1
    if tree:
        raise ProofError("the consistency proof is too short")
    return small, large


def _left_part(size: int) -> int:
    """Return the largest power of two below ``size``: how many leaves its left subtree has."""
    return 1 << ((size - 1).bit_length() - 1)


def _need_subtree(start: int, end: int) -> tuple[int, int]:
    width = 1 << max(0, end - start - 1).bit_length()
    if not 0 <= start <= end or start % width:
        raise ProofError(f"the entries from {start} to before {end} are no subtree")
    return start, end


def _need_hashes(*hashes: bytes) -> None:
    if any(len(found) != HASH_BYTES for found in hashes):
        raise ProofError("a hash has the wrong length", expected=f"{HASH_BYTES} bytes")
    if len(hashes) - 2 > MOST_STEPS:
        raise ProofError("the proof is too long", expected=f"at most {MOST_STEPS} hashes")

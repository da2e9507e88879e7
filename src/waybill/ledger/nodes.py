"""All nodes of the log's tree in one flat file, so that a proof is a few reads and no hashing.

A node is written as soon as both its children are: after each leaf the nodes it completes, upwards. The file only
grows, takes 64 bytes an entry, and can be rebuilt from the tiles; so whatever is wrong with it costs time, not proof.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from waybill.durable import FILE_MODE, write_at
from waybill.ledger import merkle
from waybill.ledger.hashing import Hashing, position
from waybill.ledger.merkle import HASH_BYTES, node_hash
from waybill.ledger.tiles import LEVELS, TILE_BYTES, WIDTH, hashes
from waybill.model.errors import DamagedError


def count(size: int) -> int:
    """Return how many nodes a tree of ``size`` entries has that are roots of perfect subtrees."""
    return 2 * size - size.bit_count()


_LEAVES_AT = [position(0, leaf) * HASH_BYTES for leaf in range(WIDTH)]
"""Where the leaves of a full tile stand after its first."""


@dataclass(frozen=True, slots=True)
class Tree:
    """How many entries, and the roots of the perfect subtrees that together span them."""

    size: int
    peaks: list[bytes]

    @property
    def root(self) -> bytes:
        """The root over all entries."""
        return merkle.join(self.peaks) if self.peaks else merkle.EMPTY_ROOT


class Nodes:
    """The file, open for a tree of ``size`` entries; what stands after that in the file does not count."""

    def __init__(self, path: Path, hashing: Hashing) -> None:
        self.path = path
        self._hashing = hashing
        self._tree = Tree(0, [])
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)

    def load(self, size: int) -> bool:
        """Take the first ``size`` entries for the tree; returns whether the file has that many."""
        if os.fstat(self._file).st_size < count(size) * HASH_BYTES:
            return False
        self._tree = Tree(size, [self.node(level, index) for level, index in merkle.subtrees(0, size)])
        return True

    def clear(self) -> None:
        """Begin anew with an empty tree."""
        os.ftruncate(self._file, 0)
        self._tree = Tree(0, [])

    def node(self, level: int, index: int) -> bytes:
        """Return a node."""
        found = os.pread(self._file, HASH_BYTES, position(level, index) * HASH_BYTES)
        if len(found) != HASH_BYTES:
            raise DamagedError(
                "the file of nodes is too short", where=str(self.path), advice="remove it: it is rebuilt"
            )
        return found

    def run(self, index: int, leaves: int) -> bytes:
        """Return the hashes of up to 256 leaves from ``index`` on, a multiple of 256."""
        found = os.pread(self._file, count(leaves) * HASH_BYTES, position(0, index) * HASH_BYTES)
        return b"".join([found[at : at + HASH_BYTES] for at in _LEAVES_AT[:leaves]])

    @property
    def size(self) -> int:
        """How many entries the tree has."""
        return self._tree.size

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return self._tree.root

    def write(self, parts: Iterable[bytes]) -> Tree:
        """Write what hashes of new leaves add, each part within a tile; the tree has them once ``grow`` is called."""
        growth = _Growth(self._tree)
        for leaves in parts:
            if len(leaves) == TILE_BYTES:
                growth.add_full(self._hashing.nodes(leaves))
            else:
                growth.add(hashes(leaves))
        write_at(self._file, count(self.size) * HASH_BYTES, [b"".join(growth.new)])
        return Tree(growth.size, growth.peaks)

    def grow(self, tree: Tree) -> None:
        """Take leaves that ``write`` wrote into the tree."""
        self._tree = tree

    def sync(self) -> None:
        """Make the file durable. If that fails the file is removed: it might lie after a power failure."""
        try:
            os.fdatasync(self._file)
        except OSError:
            self.path.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        """Give the file up."""
        os.close(self._file)


class _Growth:
    """The nodes that new leaves add to a tree, as they will stand in the file."""

    def __init__(self, tree: Tree) -> None:
        self.new: list[bytes] = []
        self.size = tree.size
        self.peaks = tree.peaks.copy()

    def add(self, leaves: Iterable[bytes]) -> None:
        """Add leaves one by one."""
        for leaf in leaves:
            self.new.append(leaf)
            self._join(leaf, 0)

    def add_full(self, nodes: bytes) -> None:
        """Add all nodes over a full tile, in their order: much quicker than leaves one by one."""
        self.new.append(nodes)
        self._join(nodes[-HASH_BYTES:], LEVELS)

    def _join(self, root: bytes, level: int) -> None:
        """Join a perfect subtree with those on its left that are as high."""
        full = self.size >> level
        while full & 1:
            root = node_hash(self.peaks.pop(), root)
            self.new.append(root)
            full >>= 1
        self.peaks.append(root)
        self.size += 1 << level

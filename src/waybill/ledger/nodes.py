"""All nodes of the log's tree in one flat file, so that a proof is a few reads and no hashing.

A node is written as soon as both its children are: after each leaf the nodes it completes, upwards. The file only
grows, takes 64 bytes an entry, and can be rebuilt from the tiles; so whatever is wrong with it costs time, not proof.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from waybill.durable import FILE_MODE, write_at
from waybill.ledger import merkle
from waybill.ledger.merkle import HASH_BYTES, next_level, node_hash
from waybill.ledger.tiles import LEVELS, WIDTH
from waybill.model.errors import DamagedError


def position(level: int, index: int) -> int:
    """Return how many nodes stand before the node at ``level`` and ``index``."""
    last_leaf = ((index + 1) << level) - 1
    return 2 * last_leaf - last_leaf.bit_count() + level


def count(size: int) -> int:
    """Return how many nodes a tree of ``size`` entries has that are roots of perfect subtrees."""
    return 2 * size - size.bit_count()


_LEAVES_AT = [position(0, leaf) * HASH_BYTES for leaf in range(WIDTH)]
"""Where the leaves of a full tile stand after its first."""

_BY_LEVEL = [(level, index) for level in range(LEVELS + 1) for index in range(WIDTH >> level)]
_IN_ORDER = itemgetter(*sorted(range(len(_BY_LEVEL)), key=lambda at: position(*_BY_LEVEL[at])))
"""Takes the nodes over a full tile, level after level, and returns them as they stand in the file."""


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

    def __init__(self, path: Path) -> None:
        self.path = path
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

    def write(self, leaves: Sequence[bytes]) -> Tree:
        """Write what hashes of new leaves add; the tree has them only once ``grow`` is called."""
        growth = _Growth(self._tree)
        place = min(-self.size % WIDTH, len(leaves))
        growth.add(leaves[:place])
        while place + WIDTH <= len(leaves):
            growth.add_full(leaves[place : place + WIDTH])
            place += WIDTH
        growth.add(leaves[place:])
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

    def add(self, leaves: Sequence[bytes]) -> None:
        """Add leaves one by one."""
        for leaf in leaves:
            self.new.append(leaf)
            self._join(leaf, 0)

    def add_full(self, leaves: Sequence[bytes]) -> None:
        """Add the leaves of a full tile, level by level: much quicker than one by one."""
        row, nodes = leaves, [*leaves]
        while len(row) > 1:
            row = next_level(row)
            nodes += row
        self.new.append(b"".join(_IN_ORDER(nodes)))
        self._join(row[0], LEVELS)

    def _join(self, root: bytes, level: int) -> None:
        """Join a perfect subtree with those on its left that are as high."""
        full = self.size >> level
        while full & 1:
            root = node_hash(self.peaks.pop(), root)
            self.new.append(root)
            full >>= 1
        self.peaks.append(root)
        self.size += 1 << level

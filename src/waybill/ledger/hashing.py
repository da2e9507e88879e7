"""Hashing many entries and nodes at a time: as plain Python, or compiled where that is installed and worth its start.

Hashes stand end to end in one run of bytes here, as they do in tiles.
"""

from __future__ import annotations

import importlib.util
from operator import itemgetter
from typing import Protocol

from waybill.ledger import merkle, tiles
from waybill.ledger.errors import ProofError
from waybill.ledger.merkle import next_level
from waybill.ledger.tiles import LEVELS, WIDTH, Bundle

NO_BUNDLE = "an entry bundle ends within an entry, or has more than 256"

WORTH = 2_000_000
"""From so many entries on, making ready the compiled form takes less time than it saves."""


def position(level: int, index: int) -> int:
    """Return how many nodes stand before the node at ``level`` and ``index`` where all nodes of a tree stand in order.

    A node stands there as soon as both its children do: after each leaf the nodes it completes, upwards.
    """
    last_leaf = ((index + 1) << level) - 1
    return 2 * last_leaf - last_leaf.bit_count() + level


class Hashing(Protocol):
    """Makes hashes. Must pickle."""

    def leaves(self, bundle: Bundle) -> bytes:
        """Return the hashes of a bundle's entries; raise ``ProofError`` if it ends within one or has too many."""

    def nodes(self, leaves: bytes) -> bytes:
        """Return all nodes over the leaves of a full tile, these included, in their order."""

    def root(self, hashes: bytes) -> bytes:
        """Return the root of a perfect subtree over one, two, four … up to 256 hashes."""


_BY_LEVEL = [(level, index) for level in range(LEVELS + 1) for index in range(WIDTH >> level)]
_IN_ORDER = itemgetter(*sorted(range(len(_BY_LEVEL)), key=lambda at: position(*_BY_LEVEL[at])))
"""Takes the nodes over a full tile, level after level, and returns them in their order."""


class Plain:
    """With the standard library alone."""

    def leaves(self, bundle: Bundle) -> bytes:
        """Return the hashes of a bundle's entries."""
        if len(bundle.entries) > WIDTH:
            raise ProofError(NO_BUNDLE)
        return b"".join(merkle.leaf_hashes(bundle.entries))

    def nodes(self, leaves: bytes) -> bytes:
        """Return all nodes over the leaves of a full tile."""
        row = tiles.hashes(leaves)
        nodes = [*row]
        while len(row) > 1:
            row = next_level(row)
            nodes += row
        return b"".join(_IN_ORDER(nodes))

    def root(self, hashes: bytes) -> bytes:
        """Return the root of a perfect subtree."""
        return merkle.perfect_root(tiles.hashes(hashes))


PLAIN: Hashing = Plain()


def compiled() -> Hashing | None:
    """Return the compiled form, made ready, or nothing where the extra ``compiled`` is not installed."""
    if importlib.util.find_spec("numba") is None:
        return None
    from waybill.ledger.compiled import Compiled

    return Compiled()


def quickest(entries: int) -> Hashing:
    """Return what takes the least time for so many entries here, start included."""
    return (compiled() if entries >= WORTH else None) or PLAIN

"""A small tree of its own over the members of a batch, whose root is what the log's entry commits to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from waybill.ledger import merkle
from waybill.ledger.disclosure import Member
from waybill.ledger.merkle import EMPTY_ROOT, leaf_hash, next_level


class BatchTree:
    """The tree of RFC 9162 over hashes of members, in their order."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        row = list(leaves)
        self.size = len(row)
        self._levels = [row]
        while len(row) > 1:
            row = next_level(row[: len(row) // 2 * 2])
            self._levels.append(row)

    @classmethod
    def over(cls, members: Sequence[bytes]) -> BatchTree:
        """Return the tree over members themselves."""
        return cls(map(leaf_hash, members))

    @property
    def root(self) -> bytes:
        """The root over all members."""
        return merkle.tree_root(self._node, self.size) if self.size else EMPTY_ROOT

    def member(self, id: bytes, index: int) -> Member:
        """Return the proof that ``id`` is the member at ``index``."""
        return Member(id, index, self.size, tuple(merkle.inclusion_path(self._node, index, self.size)))

    def _node(self, level: int, index: int) -> bytes:
        return self._levels[level][index]

"""A tile's nodes twice: as what lies below gives them and as the tile has them; and who is wrong where they differ."""

from __future__ import annotations

from dataclasses import dataclass

from waybill.ledger import merkle, tiles
from waybill.ledger.hashing import PLAIN, Hashing
from waybill.ledger.merkle import HASH_BYTES
from waybill.ledger.source import Source
from waybill.ledger.tiles import ENTRIES, LEVELS, WIDTH
from waybill.model.errors import InputError

Nodes = bytes
"""Hashes, end to end."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was signed: the file, the first entry concerned, and what is wrong."""

    file: str
    index: int | None
    what: str

    def __str__(self) -> str:
        place = self.file if self.index is None else f"{self.file}, entry {self.index}"
        return f"{place}: {self.what}"


@dataclass(frozen=True, slots=True)
class Row:
    """The nodes of one tile. ``below`` and ``stored`` are nothing where they cannot be had."""

    level: int
    index: int
    width: int
    below: Nodes | None
    stored: Nodes | None

    @classmethod
    def lowest(cls, source: Source, index: int, size: int, hashing: Hashing) -> Row:
        """Read a bundle and the tile of level 0 over it, in a log of ``size`` entries."""
        width = tiles.width_at(0, index, size)
        try:
            below = source.leaves(index, width, hashing)
        except InputError:
            below = None
        return cls(0, index, width, below, stored(source, 0, index, size))

    @classmethod
    def upper(cls, source: Source, level: int, index: int, size: int, roots: list[bytes | None]) -> Row:
        """Read a tile over tiles whose roots are known, as far as they are, in a log of ``size`` entries."""
        part = [root for root in roots[index * WIDTH : (index + 1) * WIDTH] if root is not None]
        width = tiles.width_at(level, index, size)
        below = b"".join(part) if len(part) == width else None
        return cls(level, index, width, below, stored(source, level, index, size))

    @property
    def choices(self) -> list[Nodes]:
        """The nodes this tile may truly have."""
        known = [nodes for nodes in (self.below, self.stored) if nodes is not None]
        return known[:1] if self.below == self.stored else known

    def settle(self, judge: bytes | None, hashing: Hashing) -> tuple[bytes | None, list[Fault]]:
        """Return the root of a full tile as it should be, and what is wrong; ``judge`` is what the tile above says."""
        roots = [hashing.root(nodes) for nodes in self.choices]
        if not roots:
            return judge, self.faults(None)
        chosen = roots.index(judge) if judge in roots else 0
        return roots[chosen], self.faults(self.choices[chosen])

    def faults(self, truth: Nodes | None) -> list[Fault]:
        """Return what is wrong if the tile should have the nodes ``truth``; nothing if that cannot be told."""
        start = self.index * WIDTH
        found = []
        if self.stored is None:
            found.append(Fault(self._tile, start << self._shift, "the tile is missing or has the wrong length"))
        elif truth is not None and self.stored != truth:
            place = start + _difference(self.stored, truth)
            found.append(Fault(self._tile, place << self._shift, "the hash in the tile is not the one that was signed"))
        if self.below is None and self.level == 0:
            found.append(Fault(self._bundle, start, "the entry bundle is missing or has the wrong length"))
        elif self.below is not None and truth is not None and self.below != truth:
            place = start + _difference(self.below, truth)
            if self.level == 0:
                found.append(Fault(self._bundle, place, "the entry is not the one that was signed"))
            else:
                file = tiles.path(self.level - 1, place)
                found.append(Fault(file, place << self._shift, "the tile and what lies below are not what was signed"))
        return found

    @property
    def _shift(self) -> int:
        return LEVELS * self.level

    @property
    def _tile(self) -> str:
        return tiles.path(self.level, self.index, self.width)

    @property
    def _bundle(self) -> str:
        return tiles.path(ENTRIES, self.index, self.width)


def stored(source: Source, level: int, index: int, size: int) -> Nodes | None:
    """Return the nodes of a tile in a log of ``size`` entries, or nothing if it cannot be read."""
    width = tiles.width_at(level, index, size)
    try:
        return source.tile(level, index, width) if width else None
    except InputError:
        return None


def edge_root(rows: list[Row], chosen: tuple[Nodes, ...], size: int) -> bytes:
    """Return the root of the tree of ``size`` entries if the partial tiles ``rows`` have the nodes ``chosen``."""
    by_level = {row.level: nodes for row, nodes in zip(rows, chosen, strict=True)}

    def node(level: int, index: int) -> bytes:
        tile_level, above = divmod(level, LEVELS)
        start = (index << above) % WIDTH
        return PLAIN.root(by_level[tile_level][start * HASH_BYTES :][: HASH_BYTES << above])

    return merkle.tree_root(node, size)


def _difference(found: Nodes, truth: Nodes) -> int:
    """Return the number of the first hash that differs."""
    return next(at for at, (one, other) in enumerate(zip(found, truth, strict=True)) if one != other) // HASH_BYTES

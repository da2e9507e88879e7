"""Where a tiled log keeps what: paths and encodings of c2sp.org/tlog-tiles.

A tile holds up to 256 neighbouring nodes of every eighth level of the tree, an entry bundle the entries below a tile
of level 0. Those on the right edge are partial and have their width in their name.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from waybill.ledger.errors import ProofError
from waybill.ledger.merkle import HASH_BYTES

WIDTH = 256
"""Nodes of a full tile, entries of a full bundle."""

LEVELS = 8
"""Levels of the tree between the nodes of a tile and those of the tile above."""

MOST_ENTRY_BYTES = 0xFFFF
"""An entry's length is two bytes in a bundle."""

TILE_BYTES = WIDTH * HASH_BYTES

ENTRIES = "entries"
"""What stands for a level in the path of an entry bundle."""


class _Lengths(dict[int, bytes]):
    """Lengths as they stand in a bundle, each made once."""

    def __missing__(self, length: int) -> bytes:
        made = self[length] = length.to_bytes(2, "big")
        return made


_LENGTHS = _Lengths()


def path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile (or, for level ``ENTRIES``, of a bundle) below the log's folder or address."""
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{partial}"


def width_at(level: int, index: int, size: int) -> int:
    """Return how many nodes the tile has in a tree of ``size`` entries, 0 to 256."""
    return max(0, min(WIDTH, (size >> (LEVELS * level)) - index * WIDTH))


def encode(entries: Sequence[bytes]) -> bytes:
    """Return entries as they stand in a bundle: each after its length in two bytes, big-endian."""
    lengths = map(_LENGTHS.__getitem__, map(len, entries))
    return b"".join(chain.from_iterable(zip(lengths, entries, strict=True)))


def decode(bundle: bytes) -> list[bytes]:
    """Return the entries of a bundle; raise ``ProofError`` if it ends within one."""
    entries, position, end = [], 0, len(bundle)
    while position < end - 1:
        start = position + 2
        position = start + (bundle[position] << 8) + bundle[position + 1]
        entries.append(bundle[start:position])
    if position != end:
        raise ProofError("an entry bundle ends within an entry")
    return entries


class Bundle:
    """Entries of one bundle, as they stand in it or each by itself; the other form is made when first asked for."""

    __slots__ = ("_content", "_entries")

    def __init__(self, content: bytes | None = None, entries: Sequence[bytes] = ()) -> None:
        self._content = content
        self._entries = entries if content is None else None

    @property
    def content(self) -> bytes:
        """The entries as they stand in the bundle."""
        if self._content is None:
            self._content = encode(self._entries or ())
        return self._content

    @property
    def entries(self) -> Sequence[bytes]:
        """The entries; raises ``ProofError`` if the content ends within one."""
        if self._entries is None:
            self._entries = decode(self._content or b"")
        return self._entries


def hashes(tile: bytes) -> list[bytes]:
    """Return the nodes of a tile."""
    return [tile[start : start + HASH_BYTES] for start in range(0, len(tile), HASH_BYTES)]

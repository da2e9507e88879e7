"""The map column ``fields`` of a table as flat arrays: each distinct text once, each entry a few numbers.

What is stored is read in this form already; what was just collected is brought into it here. Chunks keep their own
distinct texts, one behind the other: to join them would cost more than to look at some of them twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers: TypeAlias = npt.NDArray[np.signedinteger[Any]]

Places: TypeAlias = npt.NDArray[np.int32] | npt.NDArray[np.int64]
"""Places of entries, or of rows."""

_LONG = 400
"""Bytes on average beyond which texts of several chunks are not compared: so long, hardly two are equal."""


class Entries:
    """All entries of the maps of some rows."""

    def __init__(self, fields: pa.ChunkedArray | pa.Array) -> None:
        chunks = fields.chunks if isinstance(fields, pa.ChunkedArray) else [fields]
        maps = [_sound(chunk) for chunk in chunks if len(chunk)]
        keys, items = [_children(one, one.keys) for one in maps], [_children(one, one.items) for one in maps]
        self.numbers: dict[str, int] = {}
        """The number of each name."""
        self.names = _joined([self._numbered(part) for part in keys])
        """The number of the name of each entry."""
        self.texts: pa.Array = pa.concat_arrays([pa.array([], pa.string()), *(part.dictionary for part in items)])
        """Texts; of one chunk no two are equal."""
        self.chunks = sum(len(part.dictionary) > 0 for part in items)
        """How many chunks have texts of their own."""
        before = np.cumsum([0, *(len(part.dictionary) for part in items)])
        self.values = _joined([_moved(part, first) for part, first in zip(items, before.tolist(), strict=False)])
        """The number of the text of each entry; -1 is null."""
        self.has_nulls = any(part.null_count for part in items)
        self.starts: npt.NDArray[np.int64] = np.cumsum(np.concatenate([np.zeros(1, np.int64), *map(_lengths, maps)]))
        """Where the entries of each row start, and the number of all."""

    def _numbered(self, keys: pa.DictionaryArray) -> Numbers:
        names = self.numbers
        table = np.array([names.setdefault(name, len(names)) for name in keys.dictionary.to_pylist()], np.int32)
        numbers: Numbers = table[keys.indices.to_numpy()]
        return numbers

    def of_rows(self, rows: Places) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return the entries of some rows, and for each of them the place of its row among these."""
        starts = self.starts[rows]
        lengths = self.starts[rows + 1] - starts
        before = np.cumsum(lengths) - lengths
        places = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)
        entries = np.repeat((starts - before).astype(np.int32), lengths) + np.arange(len(places), dtype=np.int32)
        return entries, places

    def rows_of(self, entries: Places) -> npt.NDArray[np.int64]:
        """Return the rows of some entries."""
        return np.searchsorted(self.starts, entries, side="right") - 1

    def distinct(self, entries: Places) -> tuple[pa.Array, Numbers]:
        """Return the texts of some entries, and for each entry the number of its own; one beyond is null.

        Short texts are distinct; of long ones a chunk may repeat another's.
        """
        values = self.values[entries]
        numbers = pa.array(values, mask=values < 0 if self.has_nulls else None).dictionary_encode()
        texts = self.texts.take(numbers.dictionary)
        if self.chunks > 1 and texts.nbytes < _LONG * len(texts):
            again = texts.dictionary_encode()
            numbers = pa.DictionaryArray.from_arrays(again.indices.take(numbers.indices), again.dictionary)
            texts = again.dictionary
        return texts, numbers.indices.fill_null(len(texts)).to_numpy()


def _sound(maps: pa.MapArray) -> pa.MapArray:
    """Return maps of which those that are null have no entries."""
    if not maps.null_count or not _lengths(maps)[maps.is_null().to_numpy(zero_copy_only=False)].any():
        return maps
    return maps.take(pa.array(np.arange(len(maps))))


def _lengths(maps: pa.MapArray) -> Numbers:
    lengths: Numbers = np.diff(maps.offsets.to_numpy())
    return lengths


def _children(maps: pa.MapArray, children: pa.Array) -> pa.DictionaryArray:
    """Return the names or texts of maps, which may be a slice of more, with each distinct one once."""
    first, last = maps.offsets[0].as_py(), maps.offsets[-1].as_py()
    own = children.slice(first, last - first)
    if not pa.types.is_dictionary(own.type):
        return own.dictionary_encode()
    if own.dictionary.null_count:
        return own.dictionary_decode().dictionary_encode()
    if len(own.dictionary) > len(own):  # of much more than these
        numbers = own.indices.dictionary_encode()
        return pa.DictionaryArray.from_arrays(numbers.indices, own.dictionary.take(numbers.dictionary))
    return own


def _moved(texts: pa.DictionaryArray, first: int) -> Numbers:
    """Return the numbers of texts where ``first`` other distinct ones stand before; -1 is null."""
    indices = texts.indices.fill_null(-1 - first) if texts.null_count else texts.indices
    numbers: Numbers = indices.to_numpy()
    return numbers + np.int32(first) if first else numbers


def _joined(parts: Sequence[Numbers]) -> Numbers:
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.int32), *parts])

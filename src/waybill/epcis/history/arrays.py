"""Words as numbers, and the arrays that everything here is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.int64]
Amounts = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

NONE = -1
"""The code of nothing."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Words as numbers into a list."""

    codes: Numbers
    words: Sequence[str]

    def among(self, words: Sequence[str]) -> Mask:
        """Return which entries are one of these words."""
        wanted = np.array([word in words for word in self.words] + [False])
        return wanted[self.codes]  # NONE takes the last one

    def each(self, function: Callable[[str], Any], default: Any, kind: Any = np.float64) -> npt.NDArray[Any]:
        """Return what a function makes of each entry; it is asked once for each word."""
        made = np.array([function(word) for word in self.words] + [default], dtype=kind)
        return np.asarray(made[self.codes])

    def word(self, place: int) -> str:
        """Return the word of an entry; empty where nothing was said."""
        code = int(self.codes[place])
        return self.words[code] if code >= 0 else ""

    def take(self, places: Any) -> Coded:
        """Return some of the entries."""
        return Coded(self.codes[places], self.words)


def grouped(keys: Numbers) -> Iterator[Numbers]:
    """Yield the places of equal keys, in the order of keys, and within a group as they stand."""
    order = np.argsort(keys, kind="stable")
    if len(order):
        yield from np.split(order, np.flatnonzero(np.diff(keys[order])) + 1)


def coded(column: Any) -> Coded:
    """Return a column of text of an Arrow table as codes."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], pa.string())
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    codes = pc.fill_null(array.indices.cast(pa.int64()), NONE).to_numpy(zero_copy_only=False)
    return Coded(np.asarray(codes, dtype=np.int64), array.dictionary.to_pylist())

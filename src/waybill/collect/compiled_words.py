"""Eight bytes at a time, for functions that numba compiles (extra ``compiled``).

They are one number, of which arithmetic tells whether a byte of it is a certain one, or less than one: where logs are
read, nearly all of them are none that matter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

NOTHING = np.uint64(0)
ONES, HIGHS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)


def eight(byte: int) -> Any:
    """Return eight times the same byte, to look for."""
    return np.uint64(ONES * np.uint64(byte))


def _word_at(context: Any, data: Any, at: Any) -> Any:
    """Return the eight bytes at a place as one number."""

    def written(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        place = builder.gep(arguments[0], [arguments[1]])
        return builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(data, at), written


def _zeros(context: Any, word: Any) -> Any:
    """Return how many of the lowest bits of a number that is not 0 are 0."""

    def written(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(word), written


word_at: Any = intrinsic(_word_at)
zeros: Any = intrinsic(_zeros)


@njit(forceinline=True)
def read(data: Any, at: Any, end: Any) -> Any:  # pragma: no cover  compiled
    """Return eight bytes, those from the end on as 0."""
    if at + 8 <= end:
        return word_at(data, at)
    word = NOTHING
    for place in range(at, end):
        word |= np.uint64(data[place]) << np.uint64(8 * (place - at))
    return word


@njit(forceinline=True)
def bytes_of(word: Any, ones: Any) -> Any:  # pragma: no cover  compiled
    """Mark the bytes of a word that are that of ``ones``: the lowest mark is certain, higher ones are not."""
    other = word ^ ones
    return (other - ONES) & ~other & HIGHS

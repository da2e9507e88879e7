"""Runs: stretches of letters and digits that hold a digit. All numbers and codes begin with one.

Compiled, a run is found from its first digit on: eight bytes without one cost a single comparison. Without numba the
same runs come from NumPy. A run that reaches farther back than any shape does is cut there: it has no shape either way.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from waybill.content.compiled import IS_COMPILED, compiled
from waybill.content.patterns import LONGEST

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

DIGIT, LETTER = 1, 2

CLASS = np.zeros(256, np.uint8)
"""Digits, letters, and all else."""
CLASS[48:58] = DIGIT
CLASS[65:91] = CLASS[97:123] = LETTER

_AT_A_TIME = 1 << 18
"""Bytes whose runs stay in the processor's cache until they are matched."""

_HIGH, _OF_DIGITS = np.uint64(0xF0F0F0F0F0F0F0F0), np.uint64(0x3030303030303030)
_ONES, _TOPS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)


def find_runs(data: Bytes) -> Iterator[Places]:
    """Yield the runs of the data in their order, some at a time: start, end, whether it has letters.

    What is yielded is good until the next is asked for.
    """
    if not IS_COMPILED:
        yield plain_runs(data)
        return
    words = data[: len(data) // 8 * 8].view(np.uint64)
    found, at = np.empty((_AT_A_TIME // 2 + 1, 3), np.int64), 0
    while at < len(data):
        count, at = _find(data, words, at, min(at + _AT_A_TIME, len(data)), found)
        yield found[:count]


@compiled
def _next_digit(data: Bytes, words: npt.NDArray[np.uint64], at: int, end: int) -> int:
    """Return the place of the next digit, or one at or after ``end`` that none stands before."""
    while at < end:
        if at & 7 == 0:
            word = at >> 3
            while word < len(words):
                odd = (words[word] & _HIGH) ^ _OF_DIGITS
                if ((odd - _ONES) & ~odd) & _TOPS:  # a byte of 0x30 to 0x3F
                    break
                word += 1
            at = max(at, word << 3)
        if at >= end or CLASS[data[at]] == DIGIT:
            break
        at += 1
    return at


@compiled
def _find(data: Bytes, words: npt.NDArray[np.uint64], at: int, end: int, found: Places) -> tuple[int, int]:
    """Put the runs whose first digit stands before ``end`` into ``found``; return how many, and where they end."""
    count, at = 0, _next_digit(data, words, at, end)
    while at < end:
        begun, has_letter = at, 0
        while begun > 0 and at - begun <= LONGEST and CLASS[data[begun - 1]] == LETTER:
            begun -= 1
            has_letter = 1
        while at < len(data) and CLASS[data[at]] != 0:
            has_letter |= CLASS[data[at]] >> 1
            at += 1
        found[count, 0], found[count, 1], found[count, 2] = begun, at, has_letter
        count += 1
        at = _next_digit(data, words, at, end)
    return count, at


def plain_runs(data: Bytes) -> Places:
    """Return the same runs by NumPy."""
    is_part = np.concatenate([[False], CLASS[data] != 0, [False]])
    edges = np.flatnonzero(is_part[1:] != is_part[:-1])
    starts, ends, digits = edges[::2], edges[1::2], np.flatnonzero(CLASS[data] == DIGIT)
    before, through = np.searchsorted(digits, starts), np.searchsorted(digits, ends)
    chosen = before < through
    starts, ends, before, through = starts[chosen], ends[chosen], before[chosen], through[chosen]
    has_letters = through - before < ends - starts
    starts = np.maximum(starts, digits[before] - LONGEST - 1)
    return np.stack([starts, ends, has_letters.astype(np.int64)], axis=1)

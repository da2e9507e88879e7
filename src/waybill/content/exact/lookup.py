"""Values of bytes looked up among hashes, for numba."""

from __future__ import annotations

import numpy as np

from waybill.content.compiled import compiled
from waybill.content.exact.layout import Arrays
from waybill.content.runs import CLASS, Bytes, Places
from waybill.content.siphash import LONGEST_VALUE, folded, hash_text
from waybill.content.tokens import email

_PARTS = 6
"""Groups that a number may be written in."""
_JOINTS = np.zeros(256, np.bool_)
_JOINTS[[ord(letter) for letter in " -./_"]] = True


@compiled
def look_up(value: np.uint64, arrays: Arrays) -> int:
    """Return the place of a hash, or -1."""
    low = value & np.uint64(len(arrays.seen) * 64 - 1)
    if (arrays.seen[low >> np.uint64(6)] >> (low & np.uint64(63))) & np.uint64(1) == 0:
        return -1
    count = len(arrays.buckets) - 1
    shift = 64
    while count > 1:
        shift, count = shift - 1, count >> 1
    bucket = value >> np.uint64(shift)
    first, last = int(arrays.buckets[bucket]), int(arrays.buckets[bucket + np.uint64(1)])
    while first < last:
        middle = (first + last) >> 1
        if arrays.hashes[middle] < value:
            first = middle + 1
        else:
            last = middle
    return first if first < len(arrays.hashes) and arrays.hashes[first] == value else -1


@compiled
def _note(place: int, start: int, end: int, arrays: Arrays, found: Places, count: int) -> int:
    """Put the rows that have a value into ``found`` (row, start, end, column); return how many there are now."""
    for at in range(arrays.starts[place], arrays.starts[place + 1]):
        if count < len(found):
            found[count, 0], found[count, 3] = arrays.rows[at], arrays.columns[at]
            found[count, 1], found[count, 2] = start, end
        count += 1
    return count


@compiled
def find_searched(data: Bytes, runs: Places, arrays: Arrays, low: np.uint64, high: np.uint64, found: Places) -> int:
    """Put what begins at runs, joined with those after them, into ``found``; return how many that are.

    A run marked 2 is the ``@`` of an e-mail address. Returns more than there is room for where there are more.
    """
    text, state = np.empty(LONGEST_VALUE, np.uint8), np.empty(4, np.uint64)
    longest, count = 0, 0
    for size in range(LONGEST_VALUE + 1):
        if arrays.lengths[0, size]:
            longest = size
    for run in range(len(runs)):
        start, end = runs[run, 0], runs[run, 1]
        if runs[run, 2] == 2:
            start, end = email(data, start)
        if end - start > longest + _PARTS or end < 0:
            continue
        size, parts, following = folded(data, start, end, text), 1, run + 1
        while True:
            if arrays.lengths[0, size]:
                place = look_up(hash_text(text, size, low, high, state), arrays)
                if place >= 0:
                    count = _note(place, start, end, arrays, found, count)
            if parts == _PARTS or following >= len(runs) or runs[following, 0] != end + 1 or not _JOINTS[data[end]]:
                break
            begun, end = runs[following, 0], runs[following, 1]
            if size + end - begun > longest:
                break
            for at in range(begun, end):
                code = data[at]
                text[size] = code - 32 if 97 <= code <= 122 else code
                size += 1
            parts, following = parts + 1, following + 1
    return count


@compiled
def _column_of(place: int, row: int, arrays: Arrays) -> int:
    """Return the column in which a row has a value, or -1."""
    for at in range(arrays.starts[place], arrays.starts[place + 1]):
        if int(arrays.rows[at]) == row:
            return int(arrays.columns[at])
    return -1


@compiled
def near_row(data: Bytes, row: int, span: Places, within: int, arrays: Arrays, low: np.uint64, high: np.uint64) -> int:
    """Return the columns (as bits) of which a row has values near a span; the span grows over them."""
    text, state, mask = np.empty(LONGEST_VALUE, np.uint8), np.empty(4, np.uint64), 0
    longest = 0
    for size in range(LONGEST_VALUE + 1):
        if arrays.lengths[1, size]:
            longest = size
    first, last = max(0, span[1] - within), min(len(data), span[0] + within)
    for start in range(first, last):
        code = data[start]
        begins = code >= 0xC0 or (CLASS[code] != 0 and (start == 0 or CLASS[data[start - 1]] == 0))
        size, end = 0, start
        while begins and end < last and size < longest and code != 10:
            code = data[end]
            end += 1
            if CLASS[code] == 0 and code < 128:
                continue
            text[size] = code - 32 if 97 <= code <= 122 else code
            size += 1
            is_end = (
                end == len(data) or data[end] >= 0xC0 or (data[end] < 128 and (code >= 128 or CLASS[data[end]] == 0))
            )
            if is_end and arrays.lengths[1, size]:
                place = look_up(hash_text(text, size, low, high, state), arrays)
                column = _column_of(place, row, arrays) if place >= 0 else -1
                if column >= 0:
                    mask |= 1 << column
                    span[0], span[1] = min(span[0], start), max(span[1], end)
    return mask

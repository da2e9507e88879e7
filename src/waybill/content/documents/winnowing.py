"""Fingerprints of a text: of every window of 32 runs of 24 bytes, the one whose hash is least (winnowing).

Two texts that share 55 bytes in a row share a fingerprint, wherever those bytes stand; about one in 16 is kept. Case,
white space and invisible characters make no difference, so that a text may be wrapped, indented or pasted elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from waybill.content.compiled import IS_COMPILED, compiled

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

GRAM = 24
"""Bytes that are hashed together; eight characters of Chinese."""

WINDOW = 32
"""Runs of which at least one is kept; a power of two."""

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX_ONE, _MIX_TWO = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_ONE, _SHIFT = np.uint64(1), np.uint64(33)
_LEADING = np.uint64(pow(int(_BASE), GRAM, 1 << 64))
"""What the byte that leaves a run is multiplied with."""

_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[65:91] += 32

_INVISIBLE = (
    b"\xc2\xa0",
    b"\xc2\xad",
    b"\xe3\x80\x80",
    b"\xe2\x80\x8b",
    b"\xe2\x80\x8c",
    b"\xe2\x80\x8d",
    b"\xef\xbb\xbf",
)
"""No-break space, soft hyphen, ideographic space, zero-width space and joiners, byte order mark."""


class Prints(NamedTuple):
    """Fingerprints in the order of their places; both arrays are equally long."""

    values: Hashes
    places: Places
    """Where each run begins, in bytes of the text as ``normalised`` gives it."""


def normalised(data: bytes) -> tuple[Bytes, Places | None]:
    """Return a text without what makes no difference, and where each byte of it came from.

    Places are None where nothing was left out.
    """
    text = np.frombuffer(data, np.uint8)
    keep = text > 32
    for mark in _INVISIBLE:
        at = data.find(mark)
        while at >= 0:
            keep[at : at + len(mark)] = False
            at = data.find(mark, at + len(mark))
    if keep.all():
        return _LOWER[text], None
    places = np.flatnonzero(keep)
    return _LOWER[text[places]], places


def fingerprints(text: Bytes) -> Prints:
    """Return the fingerprints of a normalised text; none where it is shorter than a window of runs."""
    count = len(text) - GRAM + 1
    if count < WINDOW:
        return Prints(np.empty(0, np.uint64), np.empty(0, np.int64))
    if IS_COMPILED:
        values, places = np.empty(count, np.uint64), np.empty(count, np.int64)
        found = _winnow(text, values, places)
        return Prints(values[:found].copy(), places[:found].copy())
    return _winnow_arrays(text)


@compiled
def _winnow(text: Bytes, values: Hashes, places: Places) -> int:
    """Fill in the fingerprints in one pass; return how many there are."""
    recent = np.empty(WINDOW, np.uint64)
    rolling, least, at, found = np.uint64(0), np.uint64(0), -1, 0
    for end in range(len(text)):
        rolling = rolling * _BASE + np.uint64(text[end]) + _ONE
        if end >= GRAM:
            rolling -= (np.uint64(text[end - GRAM]) + _ONE) * _LEADING
        place = end - GRAM + 1
        if place < 0:
            continue
        value = (rolling ^ (rolling >> _SHIFT)) * _MIX_ONE
        value = (value ^ (value >> _SHIFT)) * _MIX_TWO
        recent[place % WINDOW] = value
        if at < 0 or value <= least:
            least, at = value, place
        elif at <= place - WINDOW:
            at = place - WINDOW + 1
            least = recent[at % WINDOW]
            for other in range(at + 1, place + 1):
                if recent[other % WINDOW] <= least:
                    least, at = recent[other % WINDOW], other
        if place >= WINDOW - 1 and (found == 0 or places[found - 1] != at):
            values[found], places[found] = least, at
            found += 1
    return found


def _winnow_arrays(text: Bytes) -> Prints:
    """Return the same fingerprints by operations on whole arrays, for where nothing compiles."""
    wide = text.astype(np.uint64) + _ONE
    count = len(text) - GRAM + 1
    rolling = np.zeros(count, np.uint64)
    for offset in range(GRAM):
        rolling = rolling * _BASE + wide[offset : offset + count]
    value = (rolling ^ (rolling >> _SHIFT)) * _MIX_ONE
    value = (value ^ (value >> _SHIFT)) * _MIX_TWO
    least = np.arange(count)
    span = 1
    while span < WINDOW:  # the last place of the least value in windows of 2, 4, 8, 16 and 32 runs
        earlier, later = least[:-span], least[span:]
        least = np.where(value[later] <= value[earlier], later, earlier)
        span *= 2
    places = least[np.flatnonzero(np.diff(least, prepend=-1))]
    return Prints(value[places], places)

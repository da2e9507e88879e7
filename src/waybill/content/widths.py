"""A second view of text that hides what it says: full-width letters and digits, characters that nobody sees.

``１３９０``, or ``1390`` with zero-width spaces in it, is the same number to a reader. Stretches with such characters
are written anew in plain ASCII, with a map back to the bytes they came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

UNSEEN = tuple(chr(code) for code in (0x00AD, 0x200B, 0x200C, 0x200D, 0x2060))
"""Soft hyphen, zero-width space, non-joiner and joiner, word joiner."""

TELLING = (*(chr(0xFF10 + digit) for digit in range(10)), "＠", *UNSEEN)
"""Characters that make a second look worth while; full-width punctuation alone, common in Chinese, does not."""

AROUND = 256
"""Bytes before and after such a character that are looked at again."""

_WIDE = re.compile(
    rb"\xef\xbc[\x81-\xbf]|\xef\xbd[\x80-\x9e]|\xe3\x80\x80|\xc2[\xa0\xad]|\xe2\x80[\x8b-\x8d]|\xe2\x81\xa0"
)
_SPACES = frozenset({"\u3000", "\u00a0"})


class View(NamedTuple):
    """A stretch in plain ASCII."""

    text: bytes
    places: npt.NDArray[np.int64]
    """For each byte of the text, and one past its end, where it comes from."""


def views(data: bytes, at: npt.NDArray[np.int64]) -> Iterator[View]:
    """Yield the stretches around some places (sorted), those that touch as one."""
    gaps = np.flatnonzero(np.diff(at) > 2 * AROUND)
    for first, last in zip(np.concatenate([[0], gaps + 1]), np.concatenate([gaps, [len(at) - 1]]), strict=True):
        yield _view(data, max(0, int(at[first]) - AROUND), min(len(data), int(at[last]) + AROUND))


def _view(data: bytes, start: int, end: int) -> View:
    """Return the view of one stretch."""
    piece = np.frombuffer(data, np.uint8)[start:end].copy()
    kept = np.ones(len(piece), np.bool_)
    for found in _WIDE.finditer(data, start, end):
        letter, place = found[0].decode(), found.start() - start
        kept[place : found.end() - start] = False
        if letter not in UNSEEN:
            kept[place] = True
            piece[place] = 32 if letter in _SPACES else ord(letter) - 0xFEE0
    places = np.concatenate([np.flatnonzero(kept), [len(piece)]]) + start
    return View(piece[kept].tobytes(), places)

"""Looking for the records of a registered table in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from waybill.content.exact.layout import read
from waybill.content.exact.lookup import find_searched, near_row
from waybill.content.literals import finder
from waybill.content.runs import Places, find_runs
from waybill.content.siphash import key_of

LEAST, WITHIN = 2, 400
"""Columns of a record that must be found, and bytes in which they must stand."""

_ROOM = 1 << 12


@dataclass(frozen=True, slots=True)
class ExactMatch:
    """A record of the table that was found."""

    row: int
    start: int
    end: int
    """In bytes, around all its values."""
    columns: tuple[str, ...]


class ExactTable:
    """A registered table. Raises InputError for another key than it was registered with, and DamagedError."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._header, self._arrays = read(path, key)
        self._key = key_of(key)
        self._at = finder([b"@"])

    @property
    def rows(self) -> int:
        """How many records it has."""
        return int(self._header["rows"])

    def scan(self, data: bytes, *, least: int = LEAST, within: int = WITHIN) -> list[ExactMatch]:
        """Return the records of which at least so many columns stand within so many bytes, in the order of places."""
        events = self._searched(data)
        events = events[np.lexsort((events[:, 1], events[:, 0]))]
        view, found, at = np.frombuffer(data, np.uint8), [], 0
        while at < len(events):
            row, start = events[at, 0], events[at, 1]
            last = at + int(np.searchsorted(events[at:, 0], row, side="right"))
            last = at + int(np.searchsorted(events[at:last, 1], start + within, side="right"))
            own = events[at:last]
            mask, span = int(np.bitwise_or.reduce(1 << own[:, 3])), np.array([start, own[:, 2].max()], np.int64)
            if mask.bit_count() < least:
                with np.errstate(over="ignore"):
                    mask |= int(near_row(view, int(row), span, within, self._arrays, self._key.low, self._key.high))
            if mask.bit_count() >= least:
                names = tuple(name for n, name in enumerate(self._header["columns"]) if mask >> n & 1)
                found.append(ExactMatch(int(row), int(span[0]), int(span[1]), names))
            at = last
        return sorted(found, key=lambda one: (one.start, one.row))

    def share(self, matches: list[ExactMatch]) -> float:
        """Return the share of all records that were found."""
        return len({one.row for one in matches}) / self.rows if self.rows else 0.0

    def _searched(self, data: bytes) -> Places:
        """Return rows, starts, ends and columns of all searched values."""
        view, parts, room = np.frombuffer(data, np.uint8), [], np.empty((_ROOM, 4), np.int64)
        with np.errstate(over="ignore"):
            for runs in chain(find_runs(view), [_addresses(self._at.find(data)[:, 1] - 1)]):
                asked = (view, runs, self._arrays, self._key.low, self._key.high)
                while (count := find_searched(*asked, room)) > len(room):
                    room = np.empty((count, 4), np.int64)
                parts.append(room[:count].copy())
        return np.concatenate(parts)


def _addresses(signs: npt.NDArray[np.int64]) -> Places:
    """Return the signs of e-mail addresses as runs that are to be widened."""
    return np.stack([signs, signs + 1, np.full(len(signs), 2)], axis=1)

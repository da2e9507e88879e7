"""Finds fixed letters in bytes: by Hyperscan where it is installed (extra ``content``), else by Aho-Corasick.

Only literals are asked for: what stands around them is judged afterwards (``anchored``). A regular expression with
digit classes or long repeats would make Hyperscan several times slower and would not be the same in both engines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import BytesAhoCorasick, MatchKind

Places = npt.NDArray[np.int64]


class Finder(Protocol):
    """Finds every occurrence of some literals (none empty, none with a zero byte), also where they overlap."""

    def find(self, data: bytes) -> Places:
        """Return rows of the number of a literal and where it ends, ordered by end and number."""


class Plain:
    """By Aho-Corasick."""

    def __init__(self, literals: Sequence[bytes]) -> None:
        self._automaton = BytesAhoCorasick(literals, matchkind=MatchKind.Standard)

    def find(self, data: bytes) -> Places:
        """Return rows of the number of a literal and where it ends, ordered by end and number."""
        return _ordered([(n, end) for n, _, end in self._automaton.find_matches_as_indexes(data, overlapping=True)])


class Hyperscan:
    """By Hyperscan."""

    def __init__(self, literals: Sequence[bytes]) -> None:
        import hyperscan

        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        numbers = list(range(len(literals)))
        self._database.compile(expressions=list(literals), ids=numbers, elements=len(numbers), literal=True)
        self._database.scratch = hyperscan.Scratch(self._database)

    def find(self, data: bytes) -> Places:
        """Return rows of the number of a literal and where it ends, ordered by end and number."""
        found: list[int] = []
        add = found.extend

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add((number, end))

        self._database.scan(data, match_event_handler=note)
        return _ordered(np.array(found, np.int64).reshape(-1, 2))


def finder(literals: Sequence[bytes]) -> Finder:
    """Return the faster of the two that can be had."""
    try:
        return Hyperscan(literals)
    except ImportError:
        return Plain(literals)


def _ordered(found: object) -> Places:
    rows = np.array(found, np.int64).reshape(-1, 2)
    return rows[np.lexsort((rows[:, 0], rows[:, 1]))]

"""Numbers of batches that came, and those that did not: a gap is a batch that is late, or lost on its way."""

from __future__ import annotations

from collections.abc import Iterable

MOST_GAPS = 1_000
"""Gaps that are kept apart; where there are more, the lowest are joined with what lies between."""

Gap = tuple[int, int]
"""First and last number that are missing."""


class Sequences:
    """Which numbers from 1 on came."""

    def __init__(self, highest: int = 0, missing: Iterable[Gap] = (), *, behind: bool = False) -> None:
        """Go on from what was written down; where that may be a little behind, the first number opens no gap."""
        self.highest = highest
        self._behind = behind
        self._missing = [(first, last) for first, last in missing]

    @property
    def missing(self) -> tuple[Gap, ...]:
        """The numbers below the highest that did not come, lowest first."""
        return tuple(self._missing)

    def add(self, number: int) -> None:
        """Note that a number came; one may come again."""
        if number > self.highest:
            if number > self.highest + 1 and not self._behind:
                self._missing.append((self.highest + 1, number - 1))
            self.highest, self._behind = number, False
        else:
            self._missing = [rest for gap in self._missing for rest in _without(gap, number)]
        while len(self._missing) > MOST_GAPS:
            (first, _), (_, last) = self._missing[:2]
            self._missing[:2] = [(first, last)]


def _without(gap: Gap, number: int) -> list[Gap]:
    first, last = gap
    if not first <= number <= last:
        return [gap]
    return [(low, high) for low, high in ((first, number - 1), (number + 1, last)) if low <= high]

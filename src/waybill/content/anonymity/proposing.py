"""Which columns to write how coarsely, and how many rows to leave out, so that what is asked for is reached.

Two ways are gone, and the one that keeps more is proposed: from the columns as they stand, always the step that hides
the most rows for what it costs (as in Datafly; Sweeney, 2002); and from no column at all. Each ends by writing columns
as finely as is still allowed, so that none could be one step finer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from waybill.content.anonymity.classes import Classes, Column, Wanted, classes, exposed
from waybill.content.anonymity.coarsening import Step, ladder
from waybill.model.findings import Text


class Coarser(msgspec.Struct, frozen=True):
    """What to do to a column."""

    column: str
    text: Text


class Proposal(msgspec.Struct, frozen=True):
    """What would reach what is asked for."""

    columns: tuple[Coarser, ...]
    left_out: int
    """Rows to leave out besides."""
    k: int
    """The size of the smallest class that is left."""


def propose(
    quasi_identifiers: Sequence[Column], sensitive: Sequence[Column], wanted: Wanted, most_left_out: int
) -> Proposal | None:
    """Return what to do, leaving out at most so many rows; None where nothing would help."""
    search = _Search([ladder(one, wanted.k) for one in quasi_identifiers], sensitive, wanted)
    coarsest = [len(steps) - 1 for steps in search.ladders]
    if search.at_risk(coarsest) > most_left_out:
        return None
    ends = [search.finest(start, most_left_out) for start in (search.coarsened(most_left_out), coarsest)]
    at = max(ends, key=search.bits)
    found, bad = search.tried(at)
    steps = [steps[place] for steps, place in zip(search.ladders, at, strict=True)]
    told = [Coarser(one.name, step.text) for one, step in zip(quasi_identifiers, steps, strict=True) if step.text.en]
    return Proposal(tuple(told), int(found.sizes[bad].sum()), int(found.sizes[~bad].min(initial=len(found.of_row))))


class _Search(NamedTuple):
    """Ways to write each column, and what they are tried for; a place is the number of a step for each column."""

    ladders: Sequence[Sequence[Step]]
    sensitive: Sequence[Column]
    wanted: Wanted

    def tried(self, at: Sequence[int]) -> tuple[Classes, npt.NDArray[np.bool_]]:
        """Return the classes at a place, and which of them are not as they are asked to be."""
        found = classes([steps[place].numbers for steps, place in zip(self.ladders, at, strict=True)])
        return found, exposed(found, self.sensitive, self.wanted)

    def at_risk(self, at: Sequence[int]) -> int:
        """Return how many rows are in such classes."""
        found, bad = self.tried(at)
        return int(found.sizes[bad].sum())

    def bits(self, at: Sequence[int]) -> float:
        """Return how much the values of all columns then say."""
        return sum(steps[place].bits for steps, place in zip(self.ladders, at, strict=True))

    def beside(self, at: Sequence[int], by: int) -> list[list[int]]:
        """Return the places at which one column is a step coarser (1) or finer (-1)."""
        moved = ([one + by * (own == number) for own, one in enumerate(at)] for number in range(len(at)))
        return [one for one in moved if all(0 <= p < len(steps) for p, steps in zip(one, self.ladders, strict=True))]

    def coarsened(self, most: int) -> list[int]:
        """Return a place at which at most so many rows are at risk, from the columns as they stand."""
        at = [0] * len(self.ladders)
        left = self.at_risk(at)
        while left > most and (coarser := self.beside(at, 1)):
            tried = [(self.at_risk(one), self.bits(at) - self.bits(one), one) for one in coarser]
            left, _, at = max(tried, key=lambda entry: ((left - entry[0]) / entry[1], -entry[1]))
        return at

    def finest(self, at: list[int], most: int) -> list[int]:
        """Return a place from which no column can be a step finer with at most so many rows at risk."""
        while finer := [one for one in self.beside(at, -1) if self.at_risk(one) <= most]:
            at = max(finer, key=self.bits)
        return at

"""Incidents by week, for tests of calendars alone: never those in which the public has an interest.

A table of such disclosures by week would tell, week by week, that somebody spoke; no function here makes one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from waybill.trends.incidents import Incident

Values = npt.NDArray[np.float64]

DAYS = 7


@dataclass(frozen=True, slots=True)
class Weeks:
    """Counts of successive weeks, from Monday to Sunday."""

    first: date
    """Monday of the first."""
    counts: Values

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def mondays(self) -> list[date]:
        """The first day of each week."""
        return [self.first + timedelta(days=DAYS * number) for number in range(len(self.counts))]

    @property
    def last_day(self) -> date:
        """The Sunday of the last week."""
        return self.first + timedelta(days=DAYS * len(self.counts) - 1)

    def share_in(self, days: frozenset[int]) -> Values:
        """Return of each week the share of its days that are among these (ordinals)."""
        start = self.first.toordinal()
        found = np.zeros(len(self.counts))
        for day in days:
            week = (day - start) // DAYS
            if 0 <= week < len(found):
                found[week] += 1 / DAYS
        return found


def weekly(incidents: Iterable[Incident], first: date, last: date) -> Weeks:
    """Return counts of the whole weeks between two days, of incidents whose day is known.

    Incidents in which the public has an interest are left out, always.
    """
    begin = first + timedelta(days=-first.weekday() % DAYS)
    length = max(0, (last - begin).days + 1) // DAYS
    start = begin.toordinal()
    days = [one.occurred.toordinal() for one in incidents if one.day is not None and not one.public_interest]
    weeks = np.array([(day - start) // DAYS for day in days], dtype=np.int64)
    inside = weeks[(weeks >= 0) & (weeks < length)]
    return Weeks(begin, np.bincount(inside, minlength=length).astype(float))

"""How complete the newest weeks are: the delay from an incident to its record, from data that end today.

Only delays that are over by now are seen, and of recent incidents only short ones. The estimator walks from the longest
delay to the shortest: of all records that could have had a delay of at most d and were seen so far, which share had
exactly d (the reverse hazard; Lagakos, Barraj and de Gruttola, Biometrika 75, 1988, 515)?
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from waybill.trends.incidents import Incident
from waybill.trends.weeks import DAYS, Values, Weeks

LEAST_COMPLETE = 0.1
"""Weeks of which less is known than this share are left out: their counts say nothing yet."""

LONGEST_WEEKS = 260
"""Delays are followed for five years; whatever comes later is not counted on."""

LEAST_RECORDS = 50
"""Records that a distribution of delays must rest on."""


@dataclass(frozen=True, slots=True)
class Delays:
    """What share of incidents is on record after so many weeks."""

    shares: Values
    """By delay in weeks, rising to 1."""
    records: int
    """How many records it rests on."""

    def complete(self, weeks: Values) -> Values:
        """Return the share on record so many weeks later (fractions between the whole weeks)."""
        grid = np.arange(len(self.shares)) + 1.0
        return np.interp(weeks, np.r_[0.0, grid], np.r_[0.0, self.shares])


def estimate(days: Values, delays: Values, now: int) -> Delays | None:
    """Return the distribution of delays; None if too few are known.

    ``days`` are when incidents happened and ``now`` is when the data end, all as ordinals; ``delays`` in days.
    """
    weeks = (delays // DAYS).astype(np.int64)
    horizon = ((now - days) // DAYS).astype(np.int64)
    fits = (delays >= 0) & (weeks <= horizon) & (weeks < LONGEST_WEEKS)
    weeks, horizon = weeks[fits], horizon[fits]
    if len(weeks) < LEAST_RECORDS:
        return None
    length = int(weeks.max()) + 1
    exact = np.bincount(weeks, minlength=length).astype(float)
    # At risk at d: delay <= d, and happened early enough that d could have been seen.
    shorter = np.cumsum(exact)
    too_late = np.bincount(np.minimum(horizon, length), minlength=length + 1)[:length].astype(float)
    at_risk = shorter - np.r_[0.0, np.cumsum(too_late)[:-1]]
    hazard = np.divide(exact, at_risk, out=np.zeros(length), where=at_risk > 0)
    shares = np.ones(length)
    for delay in range(length - 2, -1, -1):
        shares[delay] = shares[delay + 1] * (1 - hazard[delay + 1])
    return Delays(shares, len(weeks))


def delays_of(incidents: Iterable[Incident], now: date) -> Delays | None:
    """Return the delays from the day of an incident to its record, where both are known by the day."""
    known = [(one.occurred.toordinal(), one.coded_at.toordinal()) for one in incidents if one.day and one.coded_at]
    if not known:
        return None
    days, coded = np.array(known, dtype=float).T
    return estimate(days, coded - days, now.toordinal())


def completeness(weeks: Weeks, delays: Delays, now: date) -> Values:
    """Return how complete each week is on a day, at its middle."""
    middles = np.array([(now - monday).days - DAYS / 2 for monday in weeks.mondays])
    return delays.complete(np.maximum(middles, 0.0) / DAYS)

"""Weekly counts whose effects are known: ten years with a season, a moving holiday, and disturbances that die away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from waybill.trends.weeks import Weeks

Values = npt.NDArray[np.float64]

WEEKS, YEAR = 520, 52
FIRST = date(2010, 1, 4)
CONGRESS, CAMPAIGNS = 0.66, 1.19
"""Ratios that are claimed in print."""

_OWN, _SHARED, _PERSISTENCE = 0.1, 0.2, 0.7
"""Variance of a week's own disturbance, deviation of the shared one, and what of that is left after a week."""


@dataclass(frozen=True, slots=True)
class World:
    """Windows of weeks: two weeks each March, six campaigns of twelve weeks, and a holiday that moves."""

    congress: Values
    campaigns: Values
    holiday: Values


def world(random: np.random.Generator) -> World:
    """Return the windows, the holiday drawn anew."""
    week = np.arange(WEEKS) % YEAR
    congress = np.isin(week, (9, 10)).astype(float)
    campaigns, holiday = np.zeros(WEEKS), np.zeros(WEEKS)
    for start in (30, 95, 160, 240, 330, 420):
        campaigns[start : start + 12] = 1
    for year, start in enumerate(random.integers(3, 7, WEEKS // YEAR)):
        holiday[year * YEAR + start : year * YEAR + start + 2] = 1
    return World(congress, campaigns, holiday)


def counts(
    random: np.random.Generator, here: World, mean: float, congress: float = 1.0, campaigns: float = 1.0
) -> Weeks:
    """Return counts of a mean a week, times a ratio inside each window."""
    disturbed = np.zeros(WEEKS)
    drawn = random.normal(size=WEEKS)
    disturbed[0] = drawn[0] * _SHARED
    for week in range(1, WEEKS):
        disturbed[week] = _PERSISTENCE * disturbed[week - 1] + drawn[week] * _SHARED * np.sqrt(1 - _PERSISTENCE**2)
    time = np.arange(WEEKS)
    level = np.log(mean) + 0.3 * time / WEEKS + 0.15 * np.sin(2 * np.pi * time / YEAR) - 0.5 * here.holiday
    effects = np.log(congress) * here.congress + np.log(campaigns) * here.campaigns
    expected = np.exp(level + effects + disturbed) * random.gamma(1 / _OWN, _OWN, WEEKS)
    return Weeks(FIRST, random.poisson(expected).astype(float))

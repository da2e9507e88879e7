"""How counts go with a calendar: the ratio, how sure it is, what could have been seen at all, and whether to say so.

The word is association: a calendar falls where it falls, and nothing here can tell it from whatever else falls there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from math import erf, exp, log, sqrt

import numpy as np

from waybill.model.errors import UsageError
from waybill.trends.calendars import Calendar
from waybill.trends.delays import LEAST_COMPLETE, completeness, delays_of
from waybill.trends.incidents import Incident
from waybill.trends.poisson import baseline, fit, independent
from waybill.trends.shifting import LEVEL, turned
from waybill.trends.weeks import Values, Weeks, weekly

CLAIMS = (0.66, 1.19)
"""Ratios that are claimed in print: 34 % fewer while a congress sits, 19 % more during campaigns."""

POWER = 0.8
"""Chance of seeing an effect that there is, below which nothing is said about it."""

LEAST_INCIDENTS, LEAST_WEEKS, LEAST_WINDOW = 30, 52, 2.0
"""What a test must rest on: incidents of known day, weeks, and weeks within and outside the calendar."""

RECENT = timedelta(weeks=52)
"""The newest weeks, which are never compared without their delay."""

_SURE, _NORMAL_POWER = 1.959964, 0.841621


class Verdict(StrEnum):
    """What may be said."""

    ASSOCIATED = "associated"
    NOT_SHOWN = "not-shown"
    """As large as could be seen, but no rarer than by chance among all tests of the report."""
    TOO_SMALL = "too-small"
    """Smaller than what these data can show: nothing is said."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How weekly counts went with a window of weeks."""

    weeks: Weeks
    window: Values
    """Of each week the share of its days inside."""
    mean: Values
    """What the model without the window expects, week by week."""
    ratio: float
    low: float
    high: float
    p: float
    smallest: float
    """Ratio above 1 that would be seen four times in five; below 1, its inverse."""
    powers: tuple[tuple[float, float], ...]
    """Of each claimed ratio the chance to see it."""

    @property
    def incidents(self) -> int:
        """How many were counted."""
        return int(self.weeks.counts.sum())

    @property
    def inside(self) -> float:
        """How many of them in weeks of the window, those at its ends by the share of their days."""
        return float(self.weeks.counts @ self.window)

    @property
    def can_test(self) -> bool:
        """Whether some claimed ratio could be seen four times in five."""
        return any(power >= POWER for _, power in self.powers)

    def verdict(self, q: float) -> Verdict:
        """Return what may be said: nothing below the smallest effect that could be seen."""
        if abs(log(self.ratio)) < log(self.smallest):
            return Verdict.TOO_SMALL
        return Verdict.ASSOCIATED if q <= LEVEL else Verdict.NOT_SHOWN


@dataclass(frozen=True, slots=True)
class Effect:
    """How incidents went with a calendar."""

    calendar: Calendar
    found: Measured
    q: float
    """The p-value after Benjamini and Hochberg, over all tests of a report; of a single test the p-value itself."""
    delayed: bool
    """Whether the newest weeks were set right for what is not on record yet."""
    left_out: int
    """Newest weeks that are too incomplete to be counted."""
    local: int
    """Incidents of the calendar's own country among those counted; all, where it is of no country."""

    @property
    def verdict(self) -> Verdict:
        """What may be said."""
        return self.found.verdict(self.q)


def effect(
    incidents: Sequence[Incident],
    calendar: Calendar,
    since: date,
    until: date,
    *,
    known: date | None = None,
    beside: Iterable[Calendar] = (),
    claims: Sequence[float] = CLAIMS,
) -> Effect:
    """Return how incidents went with a calendar, days from ``since`` to ``until``, other calendars held constant.

    ``known`` is the day on which the data end, up to which delays are counted; ``until`` if it is not given. Raises
    UsageError where there is too little to say anything.
    """
    weeks = weekly(incidents, since, until)
    offset, left_out, delayed = _completeness(incidents, weeks, known or until)
    kept = len(weeks) - left_out
    weeks, offset = Weeks(weeks.first, weeks.counts[:kept]), offset[:kept]
    window = weeks.share_in(calendar.days)
    _check(weeks, window)
    others = [share for one in beside if (share := weeks.share_in(one.days)).any()]
    found = measure(weeks, window, others, offset, claims)
    local = [one for one in incidents if not calendar.jurisdiction or calendar.jurisdiction in one.countries]
    counted = int(weekly(local, since, until).counts[:kept].sum())
    return Effect(calendar, found, found.p, delayed, left_out, counted)


def measure(
    weeks: Weeks,
    window: Values,
    beside: Sequence[Values] = (),
    offset: Values | None = None,
    claims: Sequence[float] = CLAIMS,
    *,
    yearly_levels: bool = True,
) -> Measured:
    """Return how weekly counts went with a window; ``offset`` is the logarithm of what each week is a share of.

    Raises UsageError for a window that is nothing but level, season and what is held constant beside it.
    """
    design = independent(np.column_stack([baseline(weeks, yearly_levels=yearly_levels), *beside]))
    if independent(np.column_stack([design, window])).shape == design.shape:
        raise UsageError(
            "the calendar cannot be told from the level of its years, the season or what is held constant",
            where=f"{weeks.first} to {weeks.last_day}",
            expected="a calendar that begins and ends within years, at various times of them",
        )
    without = fit(design, weeks.counts, offset)
    with_it = fit(np.column_stack([design, window]), weeks.counts, offset)
    shift = turned(window, design, weeks.counts, without.mean)
    change, error = float(with_it.coefficients[-1]), with_it.error(-1)
    spread = max(error * sqrt(shift.information), 1.0)  # of a score: 1 if counts were Poisson and independent
    scale = sqrt(max(shift.information, 1e-12))
    return Measured(
        weeks=weeks,
        window=window,
        mean=without.mean,
        ratio=_exp(change),
        low=_exp(change - _SURE * error),
        high=_exp(change + _SURE * error),
        p=shift.p,
        smallest=_exp((shift.critical + _NORMAL_POWER * spread) / scale),
        powers=tuple((claim, _power(abs(log(claim)) * scale, shift.critical, spread)) for claim in claims),
    )


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Return p-values after Benjamini and Hochberg (1995): the share of false findings if each up to it were told."""
    order = sorted(range(len(p_values)), key=lambda one: p_values[one])
    found = [1.0] * len(p_values)
    least = 1.0
    for rank in range(len(order), 0, -1):
        place = order[rank - 1]
        least = min(least, p_values[place] * len(p_values) / rank)
        found[place] = least
    return found


def together(effects: Sequence[Effect]) -> list[Effect]:
    """Return the effects of one report, each judged among all of them."""
    return [replace(one, q=q) for one, q in zip(effects, adjusted([one.found.p for one in effects]), strict=True)]


def _completeness(incidents: Sequence[Incident], weeks: Weeks, known: date) -> tuple[Values, int, bool]:
    """Return the logarithm of how complete each week is, how many of the newest to leave out, and whether delays serve.

    Without known delays the whole of the recent year is left out: nobody can say how complete it is.
    """
    delays = delays_of(incidents, known)
    if delays is None:
        recent = sum(monday > known - RECENT for monday in weeks.mondays)
        return np.zeros(len(weeks)), recent, False
    shares = completeness(weeks, delays, known)
    told = np.flatnonzero(shares >= LEAST_COMPLETE)
    kept = int(told[-1]) + 1 if len(told) else 0
    return np.log(np.maximum(shares, LEAST_COMPLETE)), len(weeks) - kept, True


def _check(weeks: Weeks, window: Values) -> None:
    """Raise UsageError where there is too little to say anything."""
    if len(weeks) < LEAST_WEEKS or weeks.counts.sum() < LEAST_INCIDENTS:
        raise UsageError(
            "there are too few incidents to test a calendar",
            where=f"{int(weeks.counts.sum())} of known day in {len(weeks)} whole weeks",
            expected=f"at least {LEAST_INCIDENTS} in {LEAST_WEEKS} weeks",
            advice="no claim about a calendar can be tested on them; gather more, or ask about fewer conditions",
        )
    if window.sum() < LEAST_WINDOW or (1 - window).sum() < LEAST_WINDOW:
        raise UsageError(
            "the calendar says nothing of these weeks: it holds hardly any of them, or all",
            where=f"{weeks.first} to {weeks.last_day}",
            expected=f"at least {LEAST_WINDOW:g} weeks inside and outside",
        )


def _power(expected: float, critical: float, spread: float) -> float:
    """Return the chance that a score of this expectation lies beyond the critical one, to either side."""
    return _normal((expected - critical) / spread) + _normal((-expected - critical) / spread)


def _normal(value: float) -> float:
    return 0.5 * (1 + erf(value / sqrt(2)))


def _exp(value: float) -> float:
    return exp(min(max(value, -20.0), 20.0))

"""The test of a calendar: how often does the same calendar, turned around the series, fit as well?

All turns of a calendar have its shape: as many windows, as long, as far apart. So the share of turns whose statistic is
at least as large is a p-value that holds whatever the weeks' dependence is, where errors from models of it do not: on
real data long windows fool every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waybill.trends.weeks import Values

LEVEL = 0.05
"""Share of turns that may fit as well by chance."""

_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Turned:
    """What turning a calendar around its series says."""

    p: float
    """Share of turns that fit at least as well as the calendar where it stands, itself among them."""
    score: float
    """Its own efficient score."""
    critical: float
    """Scores beyond this are those of one turn in twenty."""
    information: float
    """What the series tells of the logarithm of a ratio, if counts were Poisson: the score of a ratio of e, squared."""


def turned(window: Values, design: Values, counts: Values, mean: Values) -> Turned:
    """Return what turning a window says, beside a fitted model without it."""
    found, information = scores(turns(window), design, counts, mean)
    sizes = np.abs(found)
    p = np.count_nonzero(sizes >= sizes[0] * (1 - _TIE)) / len(sizes)
    return Turned(float(p), float(found[0]), float(np.quantile(sizes[1:], 1 - LEVEL)), float(information[0]))


def turns(window: Values) -> Values:
    """Return a window turned by each number of weeks, a row each; the first is the window itself."""
    size = len(window)
    found: Values = window[(np.arange(size)[None, :] - np.arange(size)[:, None]) % size]
    return found


def scores(windows: Values, design: Values, counts: Values, mean: Values) -> tuple[Values, Values]:
    """Return the efficient score of each window beside a fitted model without it, and its information.

    Each window is first freed of what the design explains of it, weighted by the mean, so that a window that is
    nothing but season scores nothing.
    """
    weighted = design * mean[:, None]
    explained = np.linalg.solve(design.T @ weighted, weighted.T @ windows.T)
    free = windows.T - design @ explained
    information: Values = np.einsum("tw,tw,t->w", free, free, mean)
    tells = information > _TIE * mean.sum()
    return np.where(tells, (free.T @ (counts - mean)) / np.sqrt(np.where(tells, information, 1.0)), 0.0), information

"""Mean models of weekly counts, and how uncertain they are when weeks resemble each other.

The mean is log-linear: level, trend, season, and whatever is asked about. Estimates are those of a Poisson model
(statsmodels), which are right whatever the variance is; their variance is Zeger's sandwich (Biometrika 75, 1988, 621):
beside Poisson noise each week carries a disturbance of its own and one that dies away over weeks. How large both are is
read off the residuals' autocovariances, which are set right for what fitting took out of them: without that, intervals
over long campaigns are too narrow.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from waybill.trends.weeks import DAYS, Values, Weeks

YEAR_DAYS = 365.25
WAVES = 2
"""Pairs of sine and cosine that the season is made of."""

LAGS = 12
"""Weeks over which residuals are compared."""

PERSISTENCE = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9)
"""What of a disturbance may be left after a week; the best of these is taken."""

LEAST_MEAN = 1e-6


@dataclass(frozen=True)
class Fit:
    """A fitted mean model."""

    design: Values
    counts: Values
    mean: Values
    coefficients: Values

    @cached_property
    def bread(self) -> Values:
        """The inverse of the information: the variance if counts were Poisson and independent."""
        return np.asarray(np.linalg.inv((self.design.T * self.mean) @ self.design), dtype=np.float64)

    @cached_property
    def variance(self) -> Values:
        """Zeger's sandwich."""
        own, shared, persistence = self._disturbances()
        weighted = self.design.T * self.mean
        meat = (
            weighted @ self.design + own * weighted @ weighted.T + shared * _dying(weighted, persistence) @ weighted.T
        )
        return np.asarray(self.bread @ meat @ self.bread, dtype=np.float64)

    def error(self, column: int) -> float:
        """Return the standard error of a coefficient."""
        return float(np.sqrt(self.variance[column, column]))

    def _disturbances(self) -> tuple[float, float, float]:
        """Return the variance of a week's own disturbance, of the shared one, and how long that one lasts.

        Residuals are M times the disturbances, M = I - mean·X·bread·X'; so the sums of their products at each lag are
        those of M·S·M', which is linear in both variances for a given persistence: non-negative least squares.
        """
        from scipy.optimize import nnls

        size = len(self.mean)
        lags = range(min(LAGS, size - 1) + 1)
        left = np.eye(size) - (self.design * self.mean[:, None]) @ self.bread @ self.design.T
        scaled = left * self.mean
        residual = (self.counts - self.mean)[:, None]
        seen = _products(residual, residual, lags) - _products(scaled, left, lags)
        own = _products(scaled, scaled, lags)
        best = (np.inf, 0.0, 0.0, PERSISTENCE[0])
        for persistence in PERSISTENCE:
            shared = _products(_dying(scaled, persistence), scaled, lags)
            (one, other), rest = nnls(np.column_stack([own, shared]), seen)
            best = min(best, (float(rest), float(one), float(other), persistence))
        return best[1:]


def fit(design: Values, counts: Values, offset: Values | None = None) -> Fit:
    """Fit a Poisson mean model; ``offset`` is the logarithm of what each week is a share of."""
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a season without incidents has no finite effect; its error says so
        result = GLM(counts, design, family=Poisson(), offset=offset).fit()
    return Fit(design, counts, np.maximum(result.fittedvalues, LEAST_MEAN), np.asarray(result.params))


def baseline(weeks: Weeks, *, yearly_levels: bool = True) -> Values:
    """Return the columns of what is controlled for: level by year or trend, season, and the turn of the year.

    Dates of which only the year or month is known are often written as the first of January: that week is set apart.
    """
    mondays = weeks.mondays
    columns = [np.ones(len(mondays))]
    years = np.array([_year(one) for one in mondays])
    several = sorted(set(years))
    if yearly_levels and len(several) > 1:
        columns += [(years == year).astype(float) for year in several[1:]]
    elif len(mondays) > 1:
        columns.append(np.arange(len(mondays)) / len(mondays))
    if len(several) > 1:
        angle = 2 * np.pi * np.array([one.timetuple().tm_yday for one in mondays]) / YEAR_DAYS
        columns += [wave(number * angle) for number in range(1, WAVES + 1) for wave in (np.sin, np.cos)]
        turn = np.array([float((one.month, one.day) >= (12, 26) or (one.month, one.day) == (1, 1)) for one in mondays])
        columns.append(turn)
    return independent(np.column_stack(columns))


def _year(monday: date) -> int:
    """Return the year that most of a week lies in."""
    return date.fromordinal(monday.toordinal() + DAYS // 2).year


def independent(columns: Values) -> Values:
    """Return the columns that add something to those before them."""
    kept: list[int] = []
    for number in range(columns.shape[1]):
        if np.linalg.matrix_rank(columns[:, [*kept, number]]) > len(kept):
            kept.append(number)
    return columns[:, kept]


def _dying(rows: Values, persistence: float) -> Values:
    """Return rows times the matrix of ``persistence`` to the power of how many weeks lie between, by recursion."""
    forward, backward = rows.T.copy(), rows.T.copy()
    for week in range(1, len(forward)):
        forward[week] += persistence * forward[week - 1]
        backward[-1 - week] += persistence * backward[-week]
    found: Values = (forward + backward).T - rows
    return found


def _products(one: Values, other: Values, lags: range) -> Values:
    """Return the sums of the products of rows that lie so many weeks apart."""
    size = len(one)
    return np.array([np.einsum("ij,ij->", one[: size - lag], other[lag:]) for lag in lags])

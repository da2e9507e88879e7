"""Exact intervals of 95 % for shares and rates (Clopper and Pearson 1934; Garwood 1936).

Counts in reports are small, and an approximation is worst where it matters most: at none and at few. So the tails of
the binomial and of the Poisson distribution are summed as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count as count_from
from math import exp, lgamma, log, sqrt

LEVEL = 0.95
"""How often such intervals hold what is true."""

_TAIL = (1 - LEVEL) / 2
_ENOUGH = 1e-16
"""Terms smaller than this share of the sum change nothing."""

Interval = tuple[float, float]


def share_interval(part: int, total: int) -> Interval:
    """Return the interval of a share of which ``part`` of ``total`` were seen (``0 <= part <= total``)."""
    if total == 0:
        return 0.0, 1.0
    low = _where(lambda share: 1 - _binomial(part - 1, total, share), _TAIL, 0.0, 1.0) if part else 0.0
    high = _where(lambda share: 1 - _binomial(part, total, share), 1 - _TAIL, 0.0, 1.0) if part < total else 1.0
    return low, high


def count_interval(count: int) -> Interval:
    """Return the interval of the mean of a Poisson count."""
    most = count + 10 * sqrt(count) + 20
    low = _where(lambda mean: 1 - _poisson(count - 1, mean), _TAIL, 0.0, most) if count else 0.0
    return low, _where(lambda mean: 1 - _poisson(count, mean), 1 - _TAIL, 0.0, most)


def ratio_interval(before: int, days_before: float, after: int, days_after: float) -> Interval:
    """Return the interval of the rate after over the rate before, given how many there were in all.

    Of ``before + after`` events each fell after with a chance that depends on the ratio alone (Przyborowski and
    Wilenski 1940). The upper end is infinite if there was none before.
    """
    low, high = share_interval(after, before + after)
    scale = days_before / days_after
    return scale * low / (1 - low), scale * high / (1 - high) if high < 1 else float("inf")


def _where(rises: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Return where a function that rises from ``low`` to ``high`` meets the target, by halving."""
    for _ in range(60):
        middle = (low + high) / 2
        if rises(middle) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _poisson(count: int, mean: float) -> float:
    """Return the chance of at most ``count`` events."""
    if mean <= 0:
        return 1.0

    def chance(k: int) -> float:
        return exp(k * log(mean) - mean - lgamma(k + 1))

    if count <= mean:
        return _summed(chance(count), (k / mean for k in range(count, 0, -1)))
    return 1 - _summed(chance(count + 1), (mean / k for k in count_from(count + 2)))


def _binomial(part: int, total: int, share: float) -> float:
    """Return the chance of at most ``part`` of ``total``."""
    if share <= 0 or part >= total:
        return 1.0
    if share >= 1:
        return 0.0
    odds = share / (1 - share)

    def chance(k: int) -> float:
        ways = lgamma(total + 1) - lgamma(k + 1) - lgamma(total - k + 1)
        return exp(ways + k * log(share) + (total - k) * log(1 - share))

    if part <= total * share:
        return _summed(chance(part), (k / (total - k + 1) / odds for k in range(part, 0, -1)))
    return 1 - _summed(chance(part + 1), ((total - k + 1) / k * odds for k in range(part + 2, total + 1)))


def _summed(term: float, factors: Iterable[float]) -> float:
    """Return the sum of a term and of those that follow from it by the factors, which make them ever smaller."""
    total = term
    for factor in factors:
        term *= factor
        total += term
        if term <= total * _ENOUGH:
            break
    return total

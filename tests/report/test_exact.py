"""Intervals are the textbook's, and hold the tails they promise."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.report.exact import count_interval, ratio_interval, share_interval


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904), (100, 81.3640, 121.6268)],
)
def test_counts_have_the_intervals_of_garwood(count: int, low: float, high: float) -> None:
    assert count_interval(count) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("part", "total", "low", "high"),
    [(0, 10, 0.0, 0.3085), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0), (1, 2, 0.0126, 0.9874), (0, 0, 0.0, 1.0)],
)
def test_shares_have_the_intervals_of_clopper_and_pearson(part: int, total: int, low: float, high: float) -> None:
    assert share_interval(part, total) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 60), st.data())
def test_each_end_of_a_share_leaves_a_fortieth_outside(total: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, total))
    low, high = share_interval(part, total)

    def at_least(least: int, share: float) -> float:
        return sum(math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(least, total + 1))

    assert part == 0 or at_least(part, low) == pytest.approx(0.025, rel=1e-6)
    assert part == total or 1 - at_least(part + 1, high) == pytest.approx(0.025, rel=1e-6)


@given(st.integers(0, 100))
def test_each_end_of_a_count_leaves_a_fortieth_outside(count: int) -> None:
    low, high = count_interval(count)

    def at_most(most: int, mean: float) -> float:
        return math.exp(-mean) * sum(mean**k / math.factorial(k) for k in range(most + 1))

    assert at_most(count, high) == pytest.approx(0.025, rel=1e-6)
    assert count == 0 or 1 - at_most(count - 1, low) == pytest.approx(0.025, rel=1e-6)


@given(st.integers(0, 10**4))
def test_a_count_lies_in_its_interval_however_large(count: int) -> None:
    low, high = count_interval(count)
    assert low <= count <= high
    assert count < 1000 or high - low == pytest.approx(2 * 1.96 * math.sqrt(count), rel=0.02)


def test_a_ratio_compares_rates_and_not_counts() -> None:
    low, high = ratio_interval(10, 10, 10, 100)
    assert low < 0.1 < high < 1
    assert ratio_interval(0, 10, 4, 10)[1] == math.inf
    assert ratio_interval(4, 10, 0, 10)[0] == 0.0


@given(st.integers(0, 50), st.integers(0, 50).filter(bool), st.integers(1, 90), st.integers(1, 90))
def test_turning_before_and_after_round_turns_the_ratio_over(
    before: int, after: int, days_before: int, days_after: int
) -> None:
    low, high = ratio_interval(before, days_before, after, days_after)
    turned_low, turned_high = ratio_interval(after, days_after, before, days_before)
    assert turned_high == pytest.approx(1 / low if low else math.inf)
    assert turned_low == pytest.approx(1 / high if high else math.inf)

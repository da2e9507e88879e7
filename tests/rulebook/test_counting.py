"""Counts that laws ask for: exact, told with the next threshold, and not fooled by affiliates or New Year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from waybill.rulebook import load_rulebook
from waybill.rulebook.counting import CATEGORIES, Count, Entry, counts, since_january, thresholds, twelve_months

BOOK = load_rulebook()
TODAY = date(2026, 11, 22)
REGIMES = {kind.regime: BOOK.regime(kind.regime, TODAY, TODAY) for kind in CATEGORIES.values()}


def entry(day: date, first: int, last: int, **other: object) -> Entry:
    """Return an export of the persons from ``first`` to before ``last``."""
    given = {"exporter": "shop", "recipient": "parent", "category": "personal", "exempt": False} | other
    return Entry(day=day, persons=BitMap(range(first, last)), **given)  # type: ignore[arg-type]


def only(entries: list[Entry], day: date = TODAY) -> Count:
    """Return the one count there is."""
    (count,) = counts(entries, REGIMES, day)
    return count


def test_the_thresholds_are_those_of_the_rules() -> None:
    assert thresholds(REGIMES["cn-data"], "persons_this_year") == [100_000, 1_000_000]
    assert thresholds(REGIMES["cn-data"], "sensitive_persons_this_year") == [1, 10_000]
    assert thresholds(REGIMES["us-data"], "us_genomic_persons") == [101], "more than 100"


@pytest.mark.parametrize(
    ("persons", "threshold", "distance"),
    [(99_999, 100_000, 1), (100_000, 1_000_000, 900_000), (999_999, 1_000_000, 1), (1_000_000, None, None)],
)
def test_a_count_tells_how_far_the_next_threshold_is(persons: int, threshold: int | None, distance: int | None) -> None:
    count = only([entry(date(2026, 3, 1), 0, persons)])
    assert (count.persons, count.threshold, count.distance) == (persons, threshold, distance)


def test_exempt_exports_and_those_of_last_year_do_not_count() -> None:
    entries = [
        entry(date(2025, 12, 31), 0, 50),
        entry(date(2026, 1, 1), 100, 110),
        entry(date(2026, 2, 1), 200, 300, exempt=True),
        entry(TODAY + timedelta(days=1), 400, 500),
    ]
    assert only(entries).persons == 10


def test_a_person_counts_once_over_all_recipients() -> None:
    entries = [entry(date(2026, 1, 5), 0, 60), entry(date(2026, 6, 5), 40, 100, recipient="other")]
    assert only(entries).persons == 100


def test_a_pair_counts_over_twelve_months_and_each_pair_alone() -> None:
    entries = [
        entry(date(2025, 11, 22), 0, 50, category="us-genomic"),
        entry(date(2025, 11, 23), 50, 100, category="us-genomic"),
        entry(TODAY, 90, 110, category="us-genomic", exempt=True),
        entry(TODAY, 500, 520, category="us-genomic", recipient="other"),
    ]
    found = {count.recipient: count for count in counts(entries, REGIMES, TODAY)}
    assert (found["parent"].persons, found["parent"].distance) == (60, 41)
    assert found["other"].persons == 20


def test_affiliates_count_as_one_where_they_belong_together() -> None:
    entries = [entry(date(2026, 2, 1), 0, 60_000), entry(date(2026, 3, 1), 50_000, 110_000, exporter="sister")]
    assert {count.persons for count in counts(entries, REGIMES, TODAY)} == {60_000}
    assert len(since_january(entries, ["shop", "sister"], "personal", TODAY)) == 110_000


def test_splitting_over_new_year_is_seen() -> None:
    entries = [entry(date(2025, 12, 20), 0, 60_000), entry(date(2026, 1, 10), 60_000, 120_000)]
    count = only(entries, date(2026, 1, 31))
    assert (count.persons, count.across_new_year, count.split) == (60_000, 120_000, True)
    whole = [entry(date(2025, 12, 20), 0, 110_000), entry(date(2026, 1, 10), 0, 60_000)]
    assert not only(whole, date(2026, 1, 31)).split, "last year reached it openly"


def test_the_crossing_is_forecast_at_the_pace_of_ninety_days() -> None:
    steady = [entry(TODAY - timedelta(days=number), number * 100, number * 100 + 100) for number in range(300)]
    count = only(steady)
    assert count.crossing is None, "not before the year ends: 100 a day"
    quick = [entry(TODAY - timedelta(days=number), number * 1_000, number * 1_000 + 1_000) for number in range(90)]
    assert only(quick).crossing == TODAY + timedelta(days=10)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dates(date(2025, 1, 1), date(2026, 12, 31)), st.integers(0, 40), st.integers(0, 40), st.booleans()
        ),
        max_size=12,
    ),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
def test_counts_are_those_of_plain_sets(rows: list[tuple[date, int, int, bool]], day: date) -> None:
    entries = [entry(when, first, first + many, exempt=exempt) for when, first, many, exempt in rows]
    year, months = set[int](), set[int]()
    for when, first, many, exempt in rows:
        persons = set(range(first, first + many))
        if when.year == day.year and when <= day and not exempt:
            year |= persons
        if day.replace(year=day.year - 1) < when <= day:
            months |= persons
    assert set(since_january(entries, ["shop"], "personal", day)) == year
    assert set(twelve_months(entries, "shop", "parent", "personal", day)) == months
    again = [*entries, *entries]
    assert since_january(again, ["shop"], "personal", day) == since_january(entries, ["shop"], "personal", day)

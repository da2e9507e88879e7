"""Calendars held against counts: right on average, silent where nothing can be seen, honest about what comes late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from bench.trends_simulator import CAMPAIGNS, CONGRESS, counts, world
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trends.invented import START, incident, years_of

from waybill.model.errors import RuleError, UsageError
from waybill.trends.calendars import built_in, calendar, parse, step
from waybill.trends.delays import estimate
from waybill.trends.effects import Verdict, adjusted, effect, measure
from waybill.trends.incidents import Incident, Precision
from waybill.trends.poisson import baseline, fit
from waybill.trends.remarks import remarks
from waybill.trends.shifting import turned, turns
from waybill.trends.weeks import Weeks, weekly

SINCE, UNTIL = START, START + timedelta(weeks=312)
EVERY = tuple((START + timedelta(weeks=52 * year + 20), START + timedelta(weeks=52 * year + 24)) for year in range(6))
WINDOWS = replace(step("windows", START, UNTIL), spans=EVERY)


def thinned(incidents: list[Incident], share: float) -> list[Incident]:
    """Return incidents of which in the windows only so many are left."""
    random, days = np.random.default_rng(3), WINDOWS.days
    return [one for one in incidents if one.occurred.toordinal() not in days or random.random() < share]


def test_an_effect_that_is_there_is_told() -> None:
    found = effect(thinned(years_of(20.0), 0.5), WINDOWS, SINCE, UNTIL)
    assert found.verdict is Verdict.ASSOCIATED
    assert found.found.low < 0.5 < found.found.high and found.found.can_test


def test_nothing_is_said_of_what_could_not_be_seen() -> None:
    found = effect(years_of(1.0), calendar("npc-sessions"), SINCE, UNTIL)
    assert found.verdict is Verdict.TOO_SMALL and not found.found.can_test
    said = " ".join(text.en for text in remarks(found))
    assert "cannot be tested" in said and "no cause" in said and "0 are of CN" in said
    assert all(text.zh for text in remarks(found))


def test_intervals_hold_what_is_true() -> None:
    random, held = np.random.default_rng(4), []
    for _ in range(8):
        here = world(random)
        weeks = counts(random, here, 10.0, CONGRESS, CAMPAIGNS)
        found = measure(weeks, here.campaigns, [here.congress, here.holiday], yearly_levels=False)
        held.append(found.low < CAMPAIGNS < found.high)
    assert sum(held) >= 6


def test_turning_keeps_the_shape_of_a_calendar() -> None:
    window = np.array([1.0, 0.5, 0, 0, 1.0])
    turned_windows = turns(window)
    assert (turned_windows[0] == window).all() and len({tuple(row) for row in turned_windows}) == 5
    assert (np.sort(turned_windows, axis=1) == np.sort(window)).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_p_value_is_a_share_of_turns(seed: int) -> None:
    random = np.random.default_rng(seed)
    weeks = Weeks(START, random.poisson(5.0, 110).astype(float))
    window = (random.random(110) < 0.2).astype(float)
    design = baseline(weeks)
    mean = fit(design, weeks.counts).mean
    found = turned(window, design, weeks.counts, mean)
    assert 1 / 110 <= found.p <= 1 and round(found.p * 110, 6) == round(found.p * 110)


def test_a_season_is_no_effect() -> None:
    many = [
        incident(day * 9 + number, occurred=START + timedelta(days=day), coded_at=START + timedelta(days=day))
        for day in range(312 * 7)
        for number in range(round(2 + 2 * np.sin(2 * np.pi * day / 365.25)))
    ]
    summers = [date(year, 3, 1) for year in range(2012, 2018)]
    window = replace(step("spring", START, UNTIL), spans=tuple((one, one + timedelta(days=60)) for one in summers))
    inside = sum(one.occurred.toordinal() in window.days for one in many) / len(many)
    assert inside > 0.25, "there are many in spring"
    assert effect(many, window, SINCE, UNTIL).verdict is not Verdict.ASSOCIATED


def test_many_tests_are_judged_together() -> None:
    assert adjusted([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.5])
    assert adjusted([]) == []


@given(st.lists(st.floats(0, 1), max_size=20))
def test_judging_together_never_helps_a_single_test(p_values: list[float]) -> None:
    found = adjusted(p_values)
    assert all(q >= p - 1e-12 for p, q in zip(p_values, found, strict=True))
    order = sorted(range(len(found)), key=lambda one: p_values[one])
    assert all(found[one] <= found[other] + 1e-12 for one, other in pairwise(order))


def test_delays_are_found_though_the_longest_are_not_seen_yet() -> None:
    random = np.random.default_rng(6)
    days, size = random.integers(0, 1400, 40_000).astype(float), 1400
    delay = np.floor(random.exponential(150, len(days)))
    seen = days + delay <= size
    found = estimate(days[seen], delay[seen], size)
    assert found is not None
    for weeks in (4, 13, 26, 52):
        assert found.complete(np.array([float(weeks)]))[0] == pytest.approx(1 - np.exp(-weeks * 7 / 150), abs=0.03)
    assert float(np.mean(delay[seen] < 182)) > 1 - np.exp(-182 / 150) + 0.005, "ignoring the cut is biased"


def test_too_few_delays_say_nothing() -> None:
    assert estimate(np.arange(10.0), np.ones(10), 100) is None


def test_the_recent_year_is_left_out_where_nobody_knows_delays() -> None:
    without = [replace_coded(one) for one in years_of(5.0)]
    found = effect(without, WINDOWS, SINCE, UNTIL)
    assert not found.delayed and found.left_out in (51, 52)
    assert "recent year" in " ".join(text.en for text in remarks(found))
    known = effect(years_of(5.0), WINDOWS, SINCE, UNTIL)
    assert known.delayed and known.left_out < 5


def test_a_span_that_ends_before_the_data_is_complete() -> None:
    """What is asked about ends in 2016, what is known in 2017: nothing is missing there, and nothing is set right."""
    asked = date(2016, 1, 1)
    found = effect(years_of(5.0), WINDOWS, SINCE, asked, known=UNTIL)
    assert found.left_out == 0 and len(found.found.weeks) > 200
    assert found.found.mean[-20:].mean() == pytest.approx(found.found.mean.mean(), rel=0.3)


def test_a_calendar_that_is_nothing_but_a_season_is_refused() -> None:
    weeks = Weeks(START, np.full(520, 5.0))
    with pytest.raises(UsageError, match="cannot be told"):
        measure(weeks, baseline(weeks)[:, 1])
    window = weeks.share_in(WINDOWS.days)
    with pytest.raises(UsageError, match="cannot be told"):
        measure(weeks, window, [window])


def replace_coded(one: Incident) -> Incident:
    return incident(int(one.id[2:]), occurred=one.occurred, coded_at=None)


def test_a_calendar_of_the_newest_weeks_is_not_fooled_by_delay() -> None:
    """What is not on record yet looks like a fall: with delays of half a year the last weeks are nearly empty."""
    random = np.random.default_rng(8)
    end = START + timedelta(weeks=208)
    many = []
    for number, day in enumerate(np.sort(random.integers(0, 208 * 7, 5000))):
        happened = START + timedelta(days=int(day))
        coded = happened + timedelta(days=int(random.exponential(100)))
        if coded <= end:
            many.append(incident(number, occurred=happened, coded_at=coded))
    newest = replace(step("newest", START, end), spans=((end - timedelta(weeks=12), end),))
    found = effect(many, newest, START, end)
    assert found.verdict is not Verdict.ASSOCIATED and 0.6 < found.found.ratio < 1.6


@pytest.mark.parametrize("count", [0, 12])
def test_too_few_incidents_get_a_clear_answer(count: int) -> None:
    few = [incident(number, occurred=START + timedelta(days=70 * number)) for number in range(count)]
    with pytest.raises(UsageError, match="too few") as raised:
        effect(few, WINDOWS, SINCE, UNTIL)
    assert "no claim" in raised.value.advice


def test_a_calendar_that_says_nothing_of_these_weeks_is_refused() -> None:
    elsewhere = replace(WINDOWS, spans=((date(1990, 1, 1), date(1990, 2, 1)),))
    with pytest.raises(UsageError, match="nothing of these weeks"):
        effect(years_of(3.0), elsewhere, SINCE, UNTIL)


def test_disclosures_of_public_interest_are_never_counted_by_week() -> None:
    plain, spoken = incident(1), incident(2, public_interest=True)
    month = incident(3, precision=Precision.MONTH, occurred=date(2020, 3, 1))
    weeks = weekly([plain, spoken, month], date(2020, 1, 1), date(2020, 12, 31))
    assert weeks.counts.sum() == 1


HEAD = 'title = "t"\nkind = "political"\nsource = "s"\n'


@pytest.mark.parametrize(
    "said",
    [
        "", "title = 1", HEAD, HEAD + "spans = []", HEAD + "[spans]\n", HEAD + "spans = [[2020-01-05, 2020-01-01]]",
        HEAD + "spans = [[2020-01-05]]", HEAD + 'spans = ["2020"]', HEAD + "spans = 7",
        HEAD.replace("political", "cosmic") + "spans = [[2020-01-05, 2020-01-06]]", "\x00", "é=",
    ],
)  # fmt: skip
def test_a_calendar_that_cannot_be_read_or_is_empty_is_refused(said: str) -> None:
    with pytest.raises(RuleError):
        parse("yours", said.encode())


def test_calendars_of_yours_are_files(tmp_path: Path) -> None:
    path = tmp_path / "audit-weeks.toml"
    path.write_text(HEAD + "spans = [[2020-01-05, 2020-01-06]]\n", encoding="utf-8")
    assert calendar(str(path)).name == "audit-weeks" and len(calendar(str(path)).days) == 2
    with pytest.raises(UsageError):
        calendar("no-such-calendar")


@pytest.mark.parametrize("name", built_in())
def test_calendars_of_the_package_are_sound(name: str) -> None:
    found = calendar(name)
    assert found.title.zh and found.source
    assert all(first.year == last.year and (last - first).days < 20 for first, last in found.spans)


def test_no_detector_reads_a_calendar() -> None:
    """Nobody is watched more closely in a week of politics: below this room nothing knows calendars of policy."""
    root = Path(__file__).parents[2] / "src" / "waybill"
    own = {root / "trends", root / "flow", root / "cli", root / "console"}
    known = [
        path
        for path in root.rglob("*.py")
        if not own & set(path.parents)
        and ("waybill.trends" in (text := path.read_text("utf-8")) or "npc-sessions" in text)
    ]
    assert [path for path in known if path.name != "settings.py"] == []
    users = [
        str(path.relative_to(root))
        for path in (root / "flow").rglob("*.py")
        if "trends.calendars" in path.read_text("utf-8")
    ]
    assert users == ["flow/trends/pages.py"], "pages of trends alone hold calendars against counts"

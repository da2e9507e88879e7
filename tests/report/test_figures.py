"""Figures say what they rest on, and are unknown where they rest on nothing."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.model.words import AssetKind, Channel, Intent, Outcome, Severity
from waybill.report import Control, Day, Lane, Ran, Row, figures, lane_of
from waybill.report.figures import MOST_BARS
from waybill.report.summary import told
from waybill.report.wording import CHANNELS, OUTCOMES

from .samples import DAY, finding, report, row, scope


def leak(number: int, day: int, transfers: int = 1, outcome: str = "success") -> Row:
    """Return an unauthorised move of so many transfers on a day counted from the first."""
    moment = DAY + timedelta(days=day)
    ids = tuple(f"{number:016x}{part:016x}" for part in range(transfers))
    return row(number, finding=finding(number, time=moment, last_time=moment, transfers=ids, outcome=outcome))


def days(*numbers: int) -> tuple[Day, ...]:
    """Return days with logs, counted from the first."""
    return tuple(Day(DAY.date() + timedelta(days=number), 100) for number in numbers)


def test_a_share_counts_only_what_is_known() -> None:
    rows = [
        *(row(number, intent=Intent.ACCIDENT) for number in range(3)),
        row(3, intent=Intent.DELIBERATE),
        *(row(number) for number in range(4, 10)),
    ]
    found = figures(report(rows))
    assert (found.accidents.part, found.accidents.known, found.accidents.total) == (3, 4, 10)
    assert (found.deliberate.part, found.deliberate.known) == (1, 4)
    assert found.accidents.interval == pytest.approx((0.1941, 0.9937), abs=1e-4)
    assert found.old_systems.known == 0


def test_every_figure_is_told_with_what_it_rests_on() -> None:
    for sample in (report(0), report(9), report(9, scope=scope(marks_old=True)), report([row(1, old_system=True)])):
        for name, one in told(sample, figures(sample)).items():
            assert all((name.en, name.zh, one.value.en, one.value.zh, one.rests_on.en, one.rests_on.zh))


def test_what_is_set_aside_counts_in_no_figure() -> None:
    rows = [row(1), row(2, state="false_positive"), row(3, state="excepted"), row(4, state="resolved")]
    found = figures(report(rows))
    assert (found.findings, found.aside, sum(found.severities.values()), sum(found.lanes.values())) == (2, 2, 2, 2)


def test_a_control_is_judged_by_days_with_logs_and_by_findings_not_by_bursts() -> None:
    control = Control(DAY.date() + timedelta(days=10), "lock")
    rows = [leak(1, 2, transfers=500), leak(2, 4), leak(3, 12)]
    (change,) = figures(report(rows, days=days(*range(10), *range(10, 40, 2)), controls=(control,))).changes
    assert (change.before.transfers, change.before.findings, change.before.days) == (501, 2, 10)
    assert (change.after.transfers, change.after.findings, change.after.days) == (1, 1, 15)
    assert change.ratio == pytest.approx((1 / 15) / (2 / 10))
    low, high = change.interval
    assert low < 1 / 3 < 1 < high, "three findings prove nothing"


def test_attempts_that_were_stopped_are_told_apart() -> None:
    rows = [leak(1, 2), leak(2, 20, outcome=Outcome.BLOCKED), leak(3, 21, transfers=3, outcome=Outcome.FAILURE)]
    found = figures(report(rows, days=days(*range(40)), controls=(Control(DAY.date() + timedelta(days=10), "lock"),)))
    assert (found.unauthorised, found.stopped) == (1, 4)
    assert (found.changes[0].before.findings, found.changes[0].after.findings) == (1, 0)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"scope": scope(controlled=False)}, "nothing-controlled"),
        ({"scope": scope(detectors=(Ran(name="sigma"),))}, "nothing-controlled"),
        ({"scope": scope(detectors=(Ran(name="unauthorised", ran=False),))}, "nothing-controlled"),
        ({"days": days(*range(6), *range(10, 40))}, "too-few-days"),
        ({"rows": ()}, "none-either-side"),
        ({}, ""),
    ],
)
def test_a_change_is_unknown_where_nothing_supports_it(changed: dict[str, object], why: str) -> None:
    control = Control(DAY.date() + timedelta(days=10), "lock")
    sample = report([leak(1, 2), leak(2, 12)], days=days(*range(40)), controls=(control,))
    (change,) = figures(msgspec.structs.replace(sample, **changed)).changes
    assert change.unknown == why
    assert (change.ratio is None) == bool(why)


@given(st.lists(st.integers(0, 3000), max_size=40), st.lists(st.integers(0, 3000), max_size=40))
def test_bars_hold_every_finding_and_every_day_with_logs_once(found: list[int], logs: list[int]) -> None:
    bars = figures(report([leak(number, day) for number, day in enumerate(found)], days=days(*sorted(set(logs))))).bars
    assert sum(bar.grave + bar.other for bar in bars) == len(found)
    assert sum(bar.logs for bar in bars) == len(set(logs))
    assert len(bars) <= MOST_BARS
    assert all(after.begin - before.begin == timedelta(days=before.days) for before, after in pairwise(bars))


def test_severities_and_lanes_that_do_not_occur_are_told_as_none() -> None:
    found = figures(report(0))
    assert list(found.severities.items()) == [(severity, 0) for severity in reversed(Severity)]
    assert list(found.lanes) == list(Lane)
    assert found.bars[0].begin == date(2026, 3, 2), "days with logs and no finding are drawn too"


def test_reasons_come_most_frequent_first_with_distinct_transfers() -> None:
    rows = [
        row(1, finding=finding(1, rule_id="b", transfers=("aa" * 16,))),
        row(2, finding=finding(2, rule_id="a", transfers=("bb" * 16, "cc" * 16))),
        row(3, finding=finding(3, rule_id="b", transfers=("aa" * 16,))),
    ]
    reasons = figures(report(rows)).reasons
    assert [(one.rule_id, one.findings, one.transfers) for one in reasons] == [("b", 2, 1), ("a", 1, 2)]


def test_the_asset_decides_the_lane_then_the_detector_then_the_channel() -> None:
    assert lane_of("material", "behaviour", "web") is Lane.MATERIALS
    assert lane_of("", "behaviour", "web") is Lane.TECHNOLOGY
    assert lane_of("", "sigma", "freight") is Lane.MATERIALS
    assert lane_of("never heard of", "sigma", "neither") is Lane.DATA


def test_every_kind_and_channel_has_a_lane_and_a_name() -> None:
    from waybill.report.lanes import BY_CHANNEL, BY_KIND

    assert set(BY_KIND) == set(AssetKind)
    assert set(BY_CHANNEL) == set(Channel) == set(CHANNELS)
    assert set(OUTCOMES) < set(Outcome)

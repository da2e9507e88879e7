"""A control is judged by unauthorised transfers per thousand, with the same statistics as calendars, or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from waybill.flow.trends.effectiveness import effectiveness
from waybill.model.errors import UsageError
from waybill.model.findings import Finding, Position, Text
from waybill.model.words import Severity
from waybill.report import Control, Day, Lane, Report, Row
from waybill.trends.effects import Verdict

START = date(2025, 1, 6)
SINCE = Control(START + timedelta(weeks=52), "USB ports locked")


def row(day: date, number: int, state: str = "new", detector: str = "unauthorised") -> Row:
    time = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    finding = Finding(
        id=f"{number:032x}", detector=detector, rule_id="r", title=Text("t", "t"), severity=Severity.HIGH, score=50.0,
        time=time, last_time=time, subject="", asset="plans", channel="usb", outcome="success",
        source=Position("log", "a.log", 1), transfers=(f"{number:032x}",), sentence=Text("s", "s"),
    )  # fmt: skip
    return Row(finding=finding, lane=Lane.DATA, asset="plans", state=state)


def report(before: float, after: float, weeks: int = 104, transfers: int = 800) -> Report:
    """Return a report of so many unauthorised transfers a week on either side, and ever more transfers."""
    random = np.random.default_rng(1)
    rows, days = [], []
    for day in range(7 * weeks):
        when = START + timedelta(days=day)
        days.append(Day(when, transfers + day))
        mean = (before if when < SINCE.day else after) * (1 + day / transfers) / 7
        rows += [row(when, 1000 * day + number) for number in range(int(random.poisson(mean)))]
    rows.append(row(START, 7, state="false_positive"))
    rows.append(row(START, 8, detector="sigma"))
    return made(rows, days)


def made(rows: list[Row], days: list[Day]) -> Report:
    blank: dict[str, Any] = dict.fromkeys(Report.__struct_fields__)
    return msgspec.structs.replace(Report(**blank), rows=tuple(rows), days=tuple(days))


def test_a_control_that_works_is_told_with_its_interval() -> None:
    found = effectiveness(report(30, 8), SINCE)
    assert found.verdict is Verdict.ASSOCIATED and found.found.high < 1
    assert found.found.low < 8 / 30 < found.found.high
    assert found.before > found.after > 0 and sum(found.transfers) > 500_000


def test_more_transfers_are_no_more_leaks() -> None:
    found = effectiveness(report(20, 20), SINCE)
    assert found.verdict is not Verdict.ASSOCIATED and 0.8 < found.after / found.before < 1.25


@pytest.mark.parametrize(("weeks", "mean"), [(54, 20), (104, 0.02), (0, 1)])
def test_too_little_gets_a_clear_answer(weeks: int, mean: float) -> None:
    with pytest.raises(UsageError):
        effectiveness(report(mean, mean, weeks), SINCE)

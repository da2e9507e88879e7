"""How exposures stand: by grade, week by week, and what nobody could look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.control import close_database
from waybill.findings.queries import StoredFinding
from waybill.findings.states import FindingState
from waybill.flow.installation import Installation
from waybill.flow.surveys import exposures
from waybill.flow.surveys.surveying import look_and_keep, surveyed, things_of
from waybill.model.findings import Finding, Position, Text
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import AssetKind, Grade, Severity

NOW = datetime(2026, 3, 4, tzinfo=UTC)
PLANS = Asset(id="plans", name="Plans", kind=AssetKind.DATA, grade=Grade.CORE)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    yield Installation.open(tmp_path / "data", create=True)
    close_database()


def exposure(opened: datetime, closed: datetime | None = None, asset: str = "", rule: str = "x") -> StoredFinding:
    finding = Finding(
        id="0" * 32, detector="exposure", rule_id=rule, title=Text("", ""), severity=Severity.HIGH, score=1.0,
        time=opened, last_time=opened, subject="", asset=asset, channel="", outcome="", transfers=(),
        source=Position("", "", 0), sentence=Text("", ""),
    )  # fmt: skip
    state = FindingState.NEW if closed is None else FindingState.RESOLVED
    return StoredFinding(finding, state, None, opened, closed or opened)


def test_by_the_grade_of_what_lies_behind() -> None:
    register = RegisterSnapshot(assets=(PLANS,))
    found = [exposure(NOW), exposure(NOW, asset="plans"), exposure(NOW, closed=NOW, asset="plans")]
    assert [(one.grade, len(one.items)) for one in exposures.groups(found, register)] == [(Grade.CORE, 1), (None, 1)]


@given(st.lists(st.tuples(st.integers(0, 400), st.none() | st.integers(0, 400)), max_size=8))
def test_weeks_add_up(spans: list[tuple[int, int | None]]) -> None:
    first = NOW - timedelta(days=400)
    found = [
        exposure(first + timedelta(days=begin), None if last is None else first + timedelta(days=max(begin, last)))
        for begin, last in spans
    ]
    weeks = exposures.weeks(found, NOW.date())
    assert all(one.first.weekday() == 0 and one.open >= 0 for one in weeks)
    assert [one.open - other.open for other, one in pairwise(weeks)] == [one.opened - one.closed for one in weeks[1:]]
    assert (weeks[-1].open if weeks else 0) == sum(last is None for _, last in spans)
    assert len(weeks) <= exposures.WEEKS


def test_what_changed_since() -> None:
    old, fresh = exposure(NOW - timedelta(days=9)), exposure(NOW)
    gone = exposure(NOW - timedelta(days=9), NOW)
    told = exposures.changes([old, fresh, gone], NOW - timedelta(days=1))
    assert (told.opened, told.closed) == ([fresh], [gone])


def test_each_target_remembers_its_last_survey(installation: Installation, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.json"
    systems = [{"host": "a", "name": "Windows XP", "version": "SP3"}, {"host": "b", "name": "Odd OS", "version": "1"}]
    inventory.write_bytes(msgspec.json.encode(systems))
    for _ in range(2):
        look_and_keep(installation, "crypto", things_of("crypto", [str(inventory)]))
    (one,) = surveyed()
    assert (one.family, one.target, one.kinds) == ("crypto", str(inventory), {"System": 2})
    assert [gap.why for gap in one.gaps] == ["nothing is known here of Odd OS 1"]
    look_and_keep(installation, "storage", things_of("storage", [str(tmp_path)]))
    assert [one.family for one in surveyed()] == ["crypto", "storage"]
    told = exposures.old_systems(exposures.found(), surveyed())
    assert (told.old, told.all, told.share) == (1, 2, 0.5)
    assert exposures.weeks(exposures.found(), date.today())[-1].open == len(exposures.found())

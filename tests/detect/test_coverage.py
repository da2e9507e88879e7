"""Sources that fall silent are told, resting ones are not; assets that nobody watches are told, rare ones once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.detect.coverage import SilentSourceDetector, UnwatchedAssetDetector
from waybill.detect.coverage.activity import Activity
from waybill.detect.coverage.senders import sender_of
from waybill.model import transfers
from waybill.model.findings import Finding
from waybill.model.protocols import Detector, Result, State, Tables
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import AssetKind, Grade, Severity

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
REGISTER = RegisterSnapshot(
    assets=(
        Asset(id="core", name="Core", kind=AssetKind.DATA, grade=Grade.CORE, patterns=("/core/*",)),
        Asset(id="important", name="Important", kind=AssetKind.DATA, grade=Grade.IMPORTANT, patterns=("/important/*",)),
        Asset(id="prices", name="Prices", kind=AssetKind.DATA, grade=Grade.GENERAL, public_interest=True),
        Asset(id="menu", name="Menu", kind=AssetKind.DATA, grade=Grade.GENERAL),
    )
)

Row = tuple[datetime, str, str, str]
"""Time, source, file, asset."""


def table(rows: Sequence[Row], *, recorded: datetime | None = None) -> pa.Table:
    """Return transfers with the columns that both detectors read."""
    records: list[dict[str, Any]] = [
        {
            "time": time,
            "recorded_at": recorded or time,
            "source": source,
            "asset": asset or None,
            "origin": origin,
            "position": number,
        }
        for number, (time, source, origin, asset) in enumerate(rows)
    ]
    fields = [transfers.SCHEMA.field(name) for name in SilentSourceDetector.columns]
    return pa.Table.from_pylist(records, schema=pa.schema(fields))


def ask(
    detector: Detector,
    rows: Sequence[Row],
    state: State | None = None,
    now: datetime | None = None,
    register: RegisterSnapshot = REGISTER,
) -> Result:
    """Feed the rows as one window, then ask."""
    state = state or {}
    if rows:
        state = detector.run(Tables(table(rows), register), state).state
    return detector.run(Tables(table([]), register, now), state)


def always(moment: datetime) -> bool:
    return True


def office(moment: datetime) -> bool:
    return moment.weekday() < 5 and 1 <= moment.hour < 10


def hourly(
    when: Callable[[datetime], bool],
    source: str,
    weeks: float = 6,
    *,
    origin: str = "log",
    asset: str = "",
    start: datetime = MONDAY,
) -> list[Row]:
    """Return a row for each hour in which the source sends."""
    hours = (start + n * HOUR for n in range(int(weeks * 168)))
    return [(hour, source, origin, asset) for hour in hours if when(hour)]


def names(found: Iterable[Finding]) -> list[str]:
    return [finding.source.name for finding in found]


def test_a_source_that_always_sends_is_told_within_a_day_and_not_within_hours() -> None:
    rows = hourly(always, "firewall", asset="/core/a") + hourly(always, "proxy", 8)
    last = MONDAY + 6 * WEEK - HOUR
    early = [row for row in rows if row[0] <= last + 5 * HOUR]
    assert ask(SilentSourceDetector(), early).findings == []
    (finding,) = ask(SilentSourceDetector(), [row for row in rows if row[0] <= last + DAY]).findings
    assert (finding.source.name, finding.time, finding.asset) == ("firewall", last, "core")
    assert finding.severity is Severity.HIGH and finding.transfers == ()
    assert "firewall" in finding.sentence.en and "firewall" in finding.sentence.zh
    assert "at most 1 hour" in finding.sentence.en


def test_nights_and_weekends_are_no_silence() -> None:
    rows = hourly(office, "mail") + hourly(always, "firewall", 6.5)
    for hours in range(0, 74, 3):  # the last week ends on Friday; Monday's first hour is still to come
        until = MONDAY + 5 * WEEK + 5 * DAY + hours * HOUR
        assert ask(SilentSourceDetector(), [row for row in rows if row[0] <= until]).findings == [], until


def test_a_source_of_office_hours_is_told_after_days_on_which_others_worked() -> None:
    rows = hourly(office, "mail", 6) + hourly(office, "badges", 8) + hourly(office, "print", 8)
    found = ask(SilentSourceDetector(), [row for row in rows if row[0] < MONDAY + 6 * WEEK + 3 * DAY])
    assert names(found.findings) == ["mail"]


def test_holidays_are_no_silence_where_all_rest_and_end_some_day() -> None:
    holiday = (MONDAY + 6 * WEEK, MONDAY + 6 * WEEK + 9 * DAY)

    def working(moment: datetime) -> bool:
        return office(moment) and not holiday[0] <= moment < holiday[1]

    rows = [row for name in ("mail", "badges", "print") for row in hourly(working, name, 9)]
    rows += hourly(always, "firewall", 9)
    for day in range(10):
        until = holiday[0] + day * DAY
        assert ask(SilentSourceDetector(), [row for row in rows if row[0] < until]).findings == [], day
    alone = hourly(working, "mail", 6) + hourly(always, "firewall", 9)
    assert ask(SilentSourceDetector(), [row for row in alone if row[0] < holiday[1]]).findings == []
    assert names(ask(SilentSourceDetector(), alone).findings) == ["mail"]


def test_it_recovers_by_itself_and_is_told_once() -> None:
    detector = SilentSourceDetector()
    first = ask(detector, hourly(always, "firewall", 6) + hourly(always, "proxy", 6.5))
    (finding,) = first.findings
    again = ask(detector, [], first.state)
    assert (again.findings, again.over) == ([], ())
    sending = [row for name in ("firewall", "proxy") for row in hourly(always, name, 0.1, start=MONDAY + 6.5 * WEEK)]
    back = ask(detector, sending, first.state)
    assert (back.findings, back.over) == ([], (finding.id,))
    assert ask(detector, [], back.state).over == ()


def test_all_silent_is_only_seen_by_a_clock() -> None:
    rows = hourly(always, "firewall", 6)
    end = MONDAY + 6 * WEEK
    result = ask(SilentSourceDetector(), rows)
    assert result.findings == []
    detector, state = SilentSourceDetector(), result.state
    found: list[Finding] = []
    for minutes in range(0, 24 * 60, 30):
        result = detector.run(Tables(table([]), REGISTER, end + timedelta(minutes=minutes)), state)
        state, found = result.state, found + result.findings
    assert names(found) == ["firewall"]


def test_time_in_which_nobody_watched_is_no_silence() -> None:
    detector = SilentSourceDetector()
    end = MONDAY + 6 * WEEK
    result = ask(detector, hourly(always, "firewall", 6), now=end)
    for later in (3 * DAY, 3 * DAY + HOUR, 3 * DAY + 5 * HOUR):  # the watcher was stopped for days
        result = ask(detector, [], result.state, end + later)
        assert result.findings == [], later
    for hour in range(30):
        result = ask(detector, [], result.state, end + 3 * DAY + (6 + hour) * HOUR)
        if result.findings:
            break
    assert names(result.findings) == ["firewall"] and hour > 5


def test_one_sender_of_several_is_told_and_a_silent_source_once() -> None:
    rows = [row for host in "abc" for row in hourly(always, "audit", 6, origin=f"host-{host}/audit.log")]
    more = [
        row for host in "ab" for row in hourly(always, "audit", 1, origin=f"host-{host}/audit.log", start=rows[-1][0])
    ]
    (finding,) = ask(SilentSourceDetector(), rows + more).findings
    assert finding.rule_id == "silent-source.sender" and "host-c/audit.log" in finding.sentence.en
    (finding,) = ask(SilentSourceDetector(), rows + hourly(always, "proxy", 8)).findings
    assert finding.rule_id == "silent-source.source"


def test_an_agent_that_falls_silent_is_told_however_its_batches_are_numbered() -> None:
    rows = [
        (time, source, f"token/agent-{name}/{number}", asset)
        for name, weeks in (("a", 7), ("b", 7), ("c", 6))
        for number, (time, source, _, asset) in enumerate(hourly(always, "erp", weeks), 1)
    ]
    result = ask(SilentSourceDetector(), rows)
    (finding,) = result.findings
    assert finding.rule_id == "silent-source.sender" and "token/agent-c" in finding.sentence.en
    assert len(result.state) < 10, "a batch is no sender"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("app-2026-03-02.log", "app-2026-04-11.log"),
        ("app.log", "app.log.3"),
        ("app.log.1.gz", "app.log-20260302"),
        ("aws/123456789012/2026/03/02/trail.json.gz", "aws/123456789012/2026/11/30/trail.json.gz"),
        ("h1/audit_20260302T0915Z.json", "h1/audit_20260302T0920Z.json"),
        ("1_CloudTrail_eu-west-1_20260302T0915Z_QteRPJNqjrkVuQtT.json", "1_CloudTrail_eu-west-1_20260302T0920Z_1.json"),
    ],
)
def test_dates_and_rotation_do_not_make_another_sender(one: str, other: str) -> None:
    assert sender_of(one) == sender_of(other)


def test_hosts_and_accounts_are_senders_of_their_own() -> None:
    origins = (
        "host-1/a.log",
        "host-2/a.log",
        "aws/123456789012/t.json",
        "aws/210987654321/t.json",
        "db07.csv",
        "db08.csv",
    )
    assert len({sender_of(origin) for origin in origins}) == len(origins)


def test_a_clock_that_is_ahead_makes_nobody_silent() -> None:
    rows = hourly(always, "firewall", 6) + hourly(always, "proxy", 6)
    detector = SilentSourceDetector()
    state = detector.run(Tables(table(rows), REGISTER), {}).state
    future = table([(MONDAY + 7 * WEEK, "proxy", "log", "")], recorded=MONDAY + 6 * WEEK)
    state = detector.run(Tables(future, REGISTER), state).state
    assert detector.run(Tables(table([]), REGISTER), state).findings == []


@settings(deadline=None, max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_windows_in_any_order_teach_the_same(chance: random.Random, parts: int) -> None:
    rows = hourly(office, "mail", 3, asset="/core/x") + hourly(always, "firewall", 3.2, origin="f/2026-01-05.log")
    whole, shuffled = table(rows), list(range(len(rows)))
    chance.shuffle(shuffled)
    for made in (SilentSourceDetector, UnwatchedAssetDetector):
        detector, state = made(), dict[str, Any]()
        for part in range(parts):
            window = whole.take(pa.array(shuffled[part::parts], pa.int64()))
            state = dict(detector.run(Tables(window, REGISTER), state).state)
        expected = detector.run(Tables(whole, REGISTER), {}).state
        assert state == expected


@given(st.lists(st.integers(0, 80), min_size=1), st.lists(st.integers(0, 80), min_size=1))
def test_activity_is_a_set_of_slots_in_a_window(one: list[int], other: list[int]) -> None:
    both = Activity.of(one, 50).joined(Activity.of(other, 50), 50)
    newest = max(*one, *other)
    assert both.slots(50).tolist() == sorted({slot for slot in [*one, *other] if newest - slot < 50})
    assert Activity.restored(both.stored()) == both


def test_a_year_of_irregular_sources_has_few_false_findings() -> None:
    """Random sources of all rates, bursts, office hours and ten days of holidays: judged every day for 40 weeks."""
    chance = random.Random(7)
    holidays = {date for start in (42, 270) for date in range(start, start + 9)}

    def rare(rate: float) -> Callable[[datetime], bool]:
        return lambda moment: chance.random() < rate

    def bursts(moment: datetime) -> bool:
        return moment.timetuple().tm_yday // 3 % 3 == 0 and chance.random() < 0.5

    def people(rate: float) -> Callable[[datetime], bool]:
        return lambda m: office(m) and m.timetuple().tm_yday not in holidays and chance.random() < rate

    kinds = {f"rare-{rate}": rare(rate) for rate in (0.003, 0.01, 0.03, 0.1, 0.3, 0.7)}
    kinds |= {f"people-{rate}": people(rate) for rate in (0.05, 0.2, 0.6, 0.95)} | {"bursts": bursts, "always": always}
    rows = sorted(row for name, when in kinds.items() for row in hourly(when, name, 44))
    detector, state, told = SilentSourceDetector(), dict[str, Any](), list[str]()
    for day in range(44 * 7):
        until = MONDAY + (day + 1) * DAY
        fresh = [row for row in rows if until - DAY <= row[0] < until]
        result = ask(detector, fresh, state)
        state, told = dict(result.state), told + names(result.findings)
    assert len(told) <= 3, told


COVERED = hourly(office, "mail", 12)


def test_an_important_asset_that_nobody_tells_about_is_a_finding() -> None:
    told = [(MONDAY + 11 * WEEK, "mail", "log", "/core/a"), (MONDAY + 3 * WEEK, "mail", "log", "/important/b")]
    result = ask(UnwatchedAssetDetector(days=30), [*COVERED, *told])
    assert {finding.asset: finding.source.name for finding in result.findings} == {
        "important": "mail",
        "prices": "register",
    }
    assert ask(UnwatchedAssetDetector(days=30), [], result.state).findings == []
    back = ask(UnwatchedAssetDetector(days=30), [(MONDAY + 12 * WEEK, "mail", "log", "/important/b")], result.state)
    assert (back.findings, len(back.over)) == ([], 1)


def test_a_rarely_used_asset_is_told_once_in_a_year() -> None:
    detector, state, told = UnwatchedAssetDetector(days=30), dict[str, Any](), 0
    for week in range(52):
        rows = hourly(office, "mail", 1, start=MONDAY + week * WEEK)
        rows += [(row[0], "mail", "log", "prices") for row in rows[:1]]
        rows += [(rows[0][0], "mail", "log", asset) for asset in ("/important/b",) if week % 9 == 0]
        rows += [(rows[0][0], "mail", "log", "/core/a")]
        result = ask(detector, rows, state)
        state, told = dict(result.state), told + len(result.findings)
    assert told == 1


def test_a_few_days_of_logs_say_nothing_about_coverage() -> None:
    assert ask(UnwatchedAssetDetector(), hourly(office, "mail", 1)).findings == []
    stray = [(datetime(1999, 1, 1, tzinfo=UTC), "mail", "log", ""), *hourly(office, "mail", 1)]
    assert ask(UnwatchedAssetDetector(), stray).findings == []
    assert ask(UnwatchedAssetDetector(days=30), []).findings == []


def test_an_asset_that_leaves_the_register_is_forgotten() -> None:
    result = ask(UnwatchedAssetDetector(days=10), COVERED)
    assert {f.asset for f in result.findings} == {"core", "important", "prices"}
    rest = ask(UnwatchedAssetDetector(days=10), [], result.state, register=RegisterSnapshot())
    assert len(rest.over) == 3 and rest.findings == []

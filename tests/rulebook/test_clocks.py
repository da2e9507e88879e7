"""Until when an incident must be reported: over daylight saving, months, weekends, and with facts unknown."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.model.errors import RuleError, UsageError
from waybill.rulebook import load_rulebook
from waybill.rulebook.calendars import end_of
from waybill.rulebook.clocks import Clock, clocks
from waybill.rulebook.facts import Value, read_facts, vocabulary
from waybill.rulebook.grading import grade
from waybill.rulebook.instruments import Unit
from waybill.rulebook.reading import read_instrument

BOOK = load_rulebook()
TODAY = date(2026, 11, 22)
AWARE = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
CHINA: dict[str, Value] = {"cn_operator": True, "ciio": False, "state_organ": False}


def running(facts: dict[str, Value], aware: datetime = AWARE, **met: datetime) -> dict[str, Clock]:
    """Return the clocks that surely run, by the id of their deadline."""
    found = clocks(BOOK, facts, {"aware": aware, **met}, known=TODAY)
    return {one.id: one for one in found if one.certain}


@pytest.mark.parametrize(
    ("facts", "deadline", "hours"),
    [
        ({"ciio": True}, "cn-incident-reporting/4-ciio", 1),
        ({"state_organ": True}, "cn-incident-reporting/4-organ", 2),
        ({}, "cn-incident-reporting/4-other", 4),
    ],
)
def test_china_counts_hours_by_who_runs_the_network(facts: dict[str, Value], deadline: str, hours: int) -> None:
    found = running({**CHINA, "incident_grade": "larger", **facts})
    first = [one for one in found.values() if one.id.startswith("cn-incident-reporting/4")]
    assert [one.id for one in first] == [deadline]
    assert first[0].due_at == AWARE + timedelta(hours=hours)
    assert not first[0].verified


@pytest.mark.parametrize(
    ("persons", "expected"),
    [(999_999, None), (1_000_000, "larger"), (9_999_999, "larger"), (10_000_000, "major"),
     (99_999_999, "major"), (100_000_000, "especially-major")],
)  # fmt: skip
def test_persons_grade_the_incident(persons: int, expected: str | None) -> None:
    assert grade(BOOK, "incident_grade", {"persons_affected": persons}, TODAY, TODAY).value == expected


def test_a_grade_that_a_person_gave_is_raised_and_never_lowered() -> None:
    raised = grade(BOOK, "incident_grade", {"incident_grade": "general", "persons_affected": 10**7}, TODAY, TODAY)
    assert raised.value == "major"
    assert [one.value for one in raised.by] == ["major"]
    kept = grade(BOOK, "incident_grade", {"incident_grade": "major", "persons_affected": 10**6}, TODAY, TODAY)
    assert (kept.value, kept.by) == ("major", ())


def test_nobody_reports_what_is_general() -> None:
    assert not [id for id in running({**CHINA, "incident_grade": "general"}) if id.startswith("cn-incident-reporting")]


def test_before_its_first_day_no_law_runs() -> None:
    before = datetime(2025, 10, 31, 23, 59, tzinfo=ZoneInfo("Asia/Shanghai"))
    facts: dict[str, Value] = {**CHINA, "incident_grade": "major"}
    assert "cn-incident-reporting/4-other" not in running(facts, before)
    assert "cn-incident-reporting/4-other" in running(facts, before + timedelta(minutes=1))


def test_what_is_unknown_leaves_no_clock_out() -> None:
    """With nothing known every deadline of the day may run, and each says what to ask."""
    found = clocks(BOOK, {}, {"aware": AWARE}, known=TODAY)
    assert {one.id for one in found} == set(BOOK.deadlines)
    assert all(one.questions and not one.certain and set(one.questions) <= set(vocabulary()) for one in found)


@given(st.dictionaries(st.sampled_from(sorted(CHINA | {"personal_data_breach": True})), st.booleans()))
def test_an_answer_never_brings_a_clock(facts: dict[str, bool]) -> None:
    """Knowing more only takes clocks away, or makes them sure."""
    less = {one.id for one in clocks(BOOK, {}, {"aware": AWARE}, known=TODAY)}
    more = {one.id for one in clocks(BOOK, dict(facts), {"aware": AWARE}, known=TODAY)}
    assert more <= less


def test_at_once_is_due_when_it_is_known_and_comes_first() -> None:
    found = clocks(BOOK, {**CHINA, "personal_data_breach": True}, {"aware": AWARE}, known=TODAY)
    assert found[0].due_at == AWARE
    authority = running({**CHINA, "personal_data_breach": True})["cn-pipl/57-authority"]
    assert (authority.unit, authority.due_at, authority.verified) == (Unit.AT_ONCE, AWARE, True)
    assert [field.id for field in authority.form] == ["kinds", "measures", "contact"]


def test_the_final_report_begins_when_handling_ended() -> None:
    facts: dict[str, Value] = {**CHINA, "incident_grade": "larger"}
    waiting = running(facts)["cn-incident-reporting/8"]
    assert (waiting.started_at, waiting.due_at) == (None, None)
    handled = datetime(2026, 11, 30, 18, tzinfo=ZoneInfo("Asia/Shanghai"))
    due = running(facts, handled=handled)["cn-incident-reporting/8"].due_at
    assert due == datetime(2026, 12, 30, 23, 59, 59, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_report_that_follows_another_begins_when_that_was_sent() -> None:
    facts: dict[str, Value] = {"nis2_entity": True, "nis2_significant": True}
    sent = datetime(2027, 1, 31, 12, tzinfo=ZoneInfo("Europe/Brussels"))
    found = clocks(BOOK, facts, {"aware": AWARE, "eu-nis2/23-4-b": sent}, known=TODAY)
    final = next(one for one in found if one.id == "eu-nis2/23-4-d")
    assert final.due_at == datetime(2027, 2, 28, 23, 59, 59, tzinfo=ZoneInfo("Europe/Brussels"))


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 10, 24)], ids=["put forward", "put back"])
def test_72_hours_are_72_hours_over_daylight_saving(day: date) -> None:
    aware = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    found = clocks(BOOK, {"eu_breach": True, "eu_processor": False, "eu_risk_unlikely": False}, {"aware": aware},
                   known=TODAY, zones={"eu-gdpr": "Europe/Berlin"})  # fmt: skip
    due = next(one.due_at for one in found if one.id == "eu-gdpr/33")
    assert due is not None
    assert due - aware.astimezone(UTC) == timedelta(hours=72)
    assert due.astimezone(ZoneInfo("Europe/Berlin")).hour == (13 if day.month == 3 else 11)


def test_a_day_ends_where_the_law_holds() -> None:
    """17:00 in London is the next day in Shanghai; a day put back is 25 hours long and ends at its own midnight."""
    start = datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert end_of(start, 30, Unit.DAYS, "Asia/Shanghai") == datetime(2026, 12, 23, 15, 59, 59, tzinfo=UTC)
    assert end_of(start, 30, Unit.DAYS, "UTC") == datetime(2026, 12, 22, 23, 59, 59, tzinfo=UTC)
    before = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)  # 00:30 on the 25th in Berlin
    assert end_of(before, 1, Unit.DAYS, "Europe/Berlin") == datetime(2026, 10, 26, 22, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "length", "country", "last"),
    [
        (date(2026, 11, 20), 4, "", date(2026, 11, 26)),
        (date(2026, 11, 20), 4, "US", date(2026, 11, 27)),  # Thanksgiving on the 26th
        (date(2026, 11, 21), 1, "US", date(2026, 11, 23)),
        (date(2026, 2, 13), 2, "CN", date(2026, 2, 24)),  # the 14th, a Saturday, is worked before the holidays
    ],
)
def test_working_days_leave_out_weekends_and_holidays(start: date, length: int, country: str, last: date) -> None:
    begun = datetime(start.year, start.month, start.day, 12, tzinfo=UTC)
    assert end_of(begun, length, Unit.WORKING_DAYS, "UTC", country).date() == last


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)),
    st.integers(1, 90),
    st.sampled_from([unit for unit in Unit if unit is not Unit.AT_ONCE]),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia"]),
)
def test_more_is_never_earlier(start: datetime, length: int, unit: Unit, zone: str) -> None:
    begun = start.replace(tzinfo=UTC)
    due = end_of(begun, length, unit, zone)
    assert begun < due <= end_of(begun, length + 1, unit, zone)
    assert due <= end_of(begun + timedelta(hours=1), length, unit, zone)


def test_moments_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="aware"):
        clocks(BOOK, {}, {}, known=TODAY)
    with pytest.raises(UsageError, match="time zone"):
        clocks(BOOK, {}, {"aware": datetime(2026, 11, 22)}, known=TODAY)
    with pytest.raises(UsageError, match="no such moment"):
        clocks(BOOK, {}, {"aware": AWARE, "eu-nis2/23": AWARE}, known=TODAY)
    with pytest.raises(UsageError, match="incident_grade"):
        read_facts({"incident_grade": "huge"})


DEADLINE = """\
id = "company-2"
regime = "company"
name = { en = "Company rule", zh = "公司规定" }
source = "intranet"
first = 2026-01-01
confidence = "text"

[[deadlines]]
id = "company-2/1"
article = "1"
when = ["data_incident"]
says = { en = "Tell the board.", zh = "报告董事会。" }
to = { en = "the board", zh = "董事会" }
unit = "hours"
length = 8
"""


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("length = 8\n", ""), "length"),
        (('unit = "hours"', 'unit = "at-once"'), "length"),
        (('unit = "hours"', 'unit = "hour"'), "hour"),
        (("length = 8", 'length = 8\nstarts = "noticed"'), "noticed"),
        (("length = 8", 'length = 8\nform = "none"'), "none"),
        (('first = 2026-01-01', 'first = 2026-01-01\nzone = "Asia/Shanghi"'), "Shanghi"),
        (("length = 8", 'length = 8\nquote = "Within 6 hours"'), "hash"),
    ],
)  # fmt: skip
def test_a_deadline_that_is_wrong_is_told_with_its_place(change: tuple[str, str], what: str) -> None:
    assert read_instrument(DEADLINE, "company.toml").deadlines[0].length == 8
    with pytest.raises(RuleError) as raised:
        read_instrument(DEADLINE.replace(*change), "company.toml")
    assert raised.value.where.startswith("company.toml:"), raised.value.where
    assert what in str(raised.value)


def test_a_quote_must_say_the_length() -> None:
    """As a page on the net has it: 24 hours where the regulation says something else."""
    quote = "应当在48小时内向有关主管部门报告。"
    sha256 = hashlib.sha256(quote.encode()).hexdigest()
    wrong = DEADLINE + f'quote = "{quote}"\nquote_sha256 = "{sha256}"\n'
    with pytest.raises(RuleError, match="does not say 8"):
        read_instrument(wrong, "company.toml")

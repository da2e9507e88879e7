"""The figures of a report: each with what it rests on, or unknown where it rests on nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, timedelta

import msgspec

from waybill.model.findings import Text
from waybill.model.words import Intent, Outcome, Severity
from waybill.report.data import Control, Report, Row
from waybill.report.exact import Interval, count_interval, ratio_interval, share_interval
from waybill.report.lanes import Lane

UNAUTHORISED = "unauthorised"
"""The detector whose findings say that nobody authorised a transfer."""

LEAST_DAYS = 7
"""Days with logs that a rate rests on at least: people work by the week."""

MOST_BARS = 62
"""Days that are drawn one by one; longer stretches are drawn by the week, then by four weeks."""


class Share(msgspec.Struct, frozen=True):
    """So many of the findings of which it is known; unknown if it is known of none."""

    part: int
    known: int
    total: int

    @property
    def interval(self) -> Interval:
        """Exact interval of 95 % of the share among those of which it is known."""
        return share_interval(self.part, self.known)


class Rate(msgspec.Struct, frozen=True):
    """Unauthorised transfers that went through, on one side of a control."""

    transfers: int
    findings: int
    """What those transfers belong to: one for each actor, asset, reason and day."""
    days: int
    """Days of which logs were read; others tell nothing and count for nothing."""

    @property
    def transfers_per_week(self) -> float:
        """Transfers a week."""
        return 7 * self.transfers / self.days

    @property
    def findings_per_week(self) -> float:
        """Findings a week."""
        return 7 * self.findings / self.days

    @property
    def interval(self) -> Interval:
        """Exact interval of 95 % of the findings a week.

        Transfers come in bursts, so an interval that took each for an event of its own would be far too narrow.
        """
        low, high = count_interval(self.findings)
        return 7 * low / self.days, 7 * high / self.days


class Change(msgspec.Struct, frozen=True):
    """How the rate changed with a control: after over before, with its exact interval of 95 %."""

    control: Control
    before: Rate
    after: Rate
    unknown: str = ""
    """Why nothing can be said of the change, a key of ``wording.UNKNOWN``; empty where something can."""

    @property
    def ratio(self) -> float | None:
        """The rate of findings after over before; None where there was none before, or nothing can be said."""
        if self.unknown or not self.before.findings:
            return None
        return self.after.findings_per_week / self.before.findings_per_week

    @property
    def interval(self) -> Interval:
        """Exact conditional interval of the ratio."""
        return ratio_interval(self.before.findings, self.before.days, self.after.findings, self.after.days)


class Bar(msgspec.Struct, frozen=True):
    """The findings that began in one stretch of time."""

    begin: date
    days: int
    grave: int
    """Critical and high."""
    other: int
    logs: int
    """Days of it of which logs were read."""


class Reason(msgspec.Struct, frozen=True):
    """One reason for findings: a rule."""

    rule_id: str
    title: Text
    findings: int
    transfers: int


class Figures(msgspec.Struct, frozen=True):
    """All figures of a report. Findings that are set aside count in ``aside`` alone."""

    findings: int
    aside: int
    transfers: int
    """Distinct transfers that are evidence."""
    accidents: Share
    deliberate: Share
    old_systems: Share
    severities: dict[Severity, int]
    """Gravest first, those that do not occur too."""
    lanes: dict[Lane, int]
    reasons: tuple[Reason, ...]
    """Most frequent first."""
    bars: tuple[Bar, ...]
    unauthorised: int | None
    """Distinct transfers that nobody authorised and that went through; None where nothing could tell."""
    stopped: int | None
    """The same of attempts that failed or were blocked."""
    changes: tuple[Change, ...]


def figures(report: Report) -> Figures:
    """Return the figures of a report."""
    rows = [row for row in report.rows if row.counts]
    unauthorised = _unauthorised(report, rows)
    through = None if unauthorised is None else [row for row in unauthorised if _went(row)]
    severities = Counter(row.finding.severity for row in rows)
    lanes = Counter(row.lane for row in rows)
    return Figures(
        findings=len(rows),
        aside=len(report.rows) - len(rows),
        transfers=_distinct(rows),
        accidents=_share(rows, lambda row: _is(row, Intent.ACCIDENT)),
        deliberate=_share(rows, lambda row: _is(row, Intent.DELIBERATE)),
        old_systems=_share(rows, lambda row: row.old_system),
        severities={severity: severities[severity] for severity in reversed(Severity)},
        lanes={lane: lanes[lane] for lane in Lane},
        reasons=_reasons(rows),
        bars=_bars(report, rows),
        unauthorised=None if through is None else _distinct(through),
        stopped=None if unauthorised is None else _distinct(row for row in unauthorised if not _went(row)),
        changes=tuple(_change(report, control, through) for control in sorted(report.controls)),
    )


def _is(row: Row, intent: Intent) -> bool | None:
    return None if row.intent is Intent.UNKNOWN else row.intent is intent


def _share(rows: Sequence[Row], holds: Callable[[Row], bool | None]) -> Share:
    answers = Counter(holds(row) for row in rows)
    return Share(answers[True], answers[True] + answers[False], len(rows))


def _distinct(rows: Iterable[Row]) -> int:
    return len({transfer for row in rows for transfer in row.finding.transfers})


def _reasons(rows: Sequence[Row]) -> tuple[Reason, ...]:
    by_rule: dict[str, list[Row]] = {}
    for row in rows:
        by_rule.setdefault(row.finding.rule_id, []).append(row)
    found = (Reason(rule, group[0].finding.title, len(group), _distinct(group)) for rule, group in by_rule.items())
    return tuple(sorted(found, key=lambda reason: (-reason.findings, -reason.transfers, reason.rule_id)))


def _unauthorised(report: Report, rows: Sequence[Row]) -> list[Row] | None:
    """Return the rows of unauthorised transfers; None where nothing could have told of any."""
    looked = any(ran.ran and ran.name == UNAUTHORISED for ran in report.scope.detectors)
    if not (looked and report.scope.controlled):
        return None
    return [row for row in rows if row.finding.detector == UNAUTHORISED]


def _went(row: Row) -> bool:
    return row.finding.outcome not in (Outcome.FAILURE, Outcome.BLOCKED)


def _change(report: Report, control: Control, rows: Sequence[Row] | None) -> Change:
    known = rows or ()
    before = _rate(report, known, lambda day: day < control.day)
    after = _rate(report, known, lambda day: day >= control.day)
    if rows is None:
        unknown = "nothing-controlled"
    elif min(before.days, after.days) < LEAST_DAYS:
        unknown = "too-few-days"
    elif not rows:
        unknown = "none-either-side"
    else:
        unknown = ""
    return Change(control, before, after, unknown)


def _rate(report: Report, rows: Sequence[Row], inside: Callable[[date], bool]) -> Rate:
    chosen = [row for row in rows if inside(day_of(row))]
    return Rate(_distinct(chosen), len(chosen), sum(inside(day.day) for day in report.days))


def day_of(row: Row) -> date:
    """Return the day (UTC) on which a finding's first transfer happened."""
    return row.finding.time.astimezone(UTC).date()


def _bars(report: Report, rows: Sequence[Row]) -> tuple[Bar, ...]:
    """Return findings by day, or by longer stretches of equal length where there are too many days."""
    logs = {day.day for day in report.days}
    days = logs | {day_of(row) for row in rows}
    if not days:
        return ()
    first, last = min(days), max(days)
    length = next(n for n in (1, 7, 28, 364, 36_400) if (last - first).days // n < MOST_BARS)
    grave: Counter[int] = Counter()
    other: Counter[int] = Counter()
    for row in rows:
        counter = grave if row.finding.severity.number >= Severity.HIGH.number else other
        counter[(day_of(row) - first).days // length] += 1
    read = Counter((day - first).days // length for day in logs)
    return tuple(
        Bar(first + timedelta(days=length * number), length, grave[number], other[number], read[number])
        for number in range((last - first).days // length + 1)
    )

"""What people see of behaviour and say to it: the watch list, reasons, the promise and who bears it, and feedback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from waybill.detect.behaviour import LEAST_PEOPLE, BehaviourDetector, Recent, Watched, confirmed, recent_days
from waybill.model.errors import UsageError
from waybill.model.findings import Finding

if TYPE_CHECKING:
    from waybill.flow.installation import Installation

NAME = BehaviourDetector.name


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the promise was kept in one week."""

    begin: date
    days: int
    """Days on which there was anybody."""
    person_days: int
    promised: float
    """How many the promised rate lets expect where nothing is wrong."""
    told: int
    """How many there were, right ones included."""


class RoleShare(msgspec.Struct, frozen=True, kw_only=True):
    """How often days of one role are among the most unusual one in a hundred."""

    role: str
    person_days: int
    flagged: int
    ratio: float
    """Over what would be if all roles bore the same; 1 is even."""


def watch_list(installation: Installation, cases: int, day: date | None = None) -> tuple[date | None, list[Watched]]:
    """Return the most unusual of a day, so many at most; of the newest day that was judged where none is named."""
    days = {one.day: one for one in _recent(installation)}
    if not days:
        return None, []
    number = _number(day) if day else max(days)
    if number not in days:
        known = f"{_date(min(days))} to {_date(max(days))}"
        raise UsageError("nothing is kept of this day", where=str(day), expected=known)
    return _date(number), days[number].watched[:cases]


def history(installation: Installation, subject: str) -> list[Watched]:
    """Return the days of the last weeks on which somebody was among the most unusual, the newest first.

    Raises UsageError where there is none.
    """
    found = [one for day in _recent(installation) for one in day.watched if one.subject == subject]
    if not found:
        raise UsageError(
            "nobody of this name was among the most unusual in the last weeks",
            where=subject,
            advice="name a pseudonym of `waybill behaviour run`",
        )
    return sorted(found, key=lambda one: -one.day)


def calibration(installation: Installation) -> list[Week]:
    """Return for each of the last weeks what was promised and what was told."""
    rate = installation.settings.behaviour_rate
    weeks: dict[date, list[Recent]] = {}
    for one in _recent(installation):
        begin = _date(one.day)
        weeks.setdefault(begin - timedelta(days=begin.weekday()), []).append(one)
    return [
        Week(
            begin=begin,
            days=len(days),
            person_days=sum(one.count for one in days),
            promised=rate * sum(one.count for one in days),
            told=sum(one.told for one in days),
        )
        for begin, days in sorted(weeks.items())
    ]


def fairness(installation: Installation) -> list[RoleShare]:
    """Return for each role of enough people how often it is among the most unusual, the most often first."""
    totals: dict[str, list[int]] = {}
    most: dict[str, int] = {}
    for one in _recent(installation):
        for role, (count, flagged) in one.roles.items():
            total = totals.setdefault(role, [0, 0])
            total[0] += count
            total[1] += flagged
            most[role] = max(most.get(role, 0), count)
    kept = {role: total for role, total in totals.items() if most[role] >= LEAST_PEOPLE}
    overall = sum(flagged for _, flagged in kept.values()) / max(1, sum(count for count, _ in kept.values()))
    shares = [
        RoleShare(role=role, person_days=count, flagged=flagged, ratio=flagged / count / overall if overall else 0.0)
        for role, (count, flagged) in kept.items()
    ]
    return sorted(shares, key=lambda share: (-share.ratio, share.role))


def confirm(ids: Sequence[str], *, who: str, reason: str) -> None:
    """Say that findings are right: they are resolved, and those days leave the calibration at the next run."""
    from waybill.findings import handling
    from waybill.findings.states import FindingState
    from waybill.findings.store import DatabaseFindingStore

    findings = _behaviour(ids)
    handling.set_state([finding.id for finding in findings], FindingState.RESOLVED, who=who, reason=reason)
    store = DatabaseFindingStore()
    state = store.state(NAME)
    for finding in findings:
        if finding.subject:
            state = confirmed(state, finding.subject, _number(finding.last_time.date()))
    store.commit(NAME, [], state, store.cursor(NAME))


def benign(ids: Sequence[str], *, who: str, reason: str) -> None:
    """Say that findings are wrong: they are closed, and their days stay among those that others are held against."""
    from waybill.findings import handling
    from waybill.findings.states import FindingState

    findings = _behaviour(ids)
    handling.set_state([finding.id for finding in findings], FindingState.FALSE_POSITIVE, who=who, reason=reason)


def contest(ids: Sequence[str], *, reason: str) -> None:
    """Let the person concerned contest findings: they are looked at again, and what is decided is the answer."""
    from waybill.findings import handling
    from waybill.findings.states import FindingState

    findings = _behaviour(ids)
    for finding in findings:
        said = f"contested: {reason}"
        handling.set_state([finding.id], FindingState.IN_PROGRESS, who=finding.subject or "withheld", reason=said)


def _behaviour(ids: Sequence[str]) -> list[Finding]:
    """Return the findings of these ids (or beginnings of ids). Raises UsageError for those of other detectors."""
    from waybill.findings import queries

    findings = [queries.get(one).finding for one in ids]
    for finding in findings:
        if finding.detector != NAME:
            raise UsageError(
                f"this finding is one of the detector {finding.detector}",
                where=finding.id,
                expected=f"a finding of the detector {NAME}",
                advice="use `waybill findings set`",
            )
    return findings


def _recent(installation: Installation) -> list[Recent]:
    from waybill.findings.store import DatabaseFindingStore

    state: Mapping[str, object] = DatabaseFindingStore().state(NAME)
    return recent_days(state)


def _date(day: int) -> date:
    return datetime.fromtimestamp(day * 86_400, UTC).date()


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days

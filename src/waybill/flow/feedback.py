"""What people say to the findings on behaviour: right, wrong, or contested by whom it concerns, and the answer.

All of it is a change of a finding's state, so that it is stored, kept as history and proved by the ledger like every
other. What is confirmed leaves the detector's calibration at its next run, wherever it was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from waybill.detect.behaviour import BehaviourDetector, confirmed, finding, recent_days
from waybill.model.errors import UsageError
from waybill.model.findings import Finding
from waybill.model.protocols import State
from waybill.model.words import Severity

if TYPE_CHECKING:
    from waybill.findings.queries import StoredFinding

NAME = BehaviourDetector.name

CONTESTED = "contested: "
"""Begins the reason of a change by which the person concerned contests a finding."""

_LONGEST_CASE = timedelta(days=400)
"""Before a day, within which a finding that covers it began."""


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """What the person concerned said against a finding, and what was answered."""

    finding: str
    at: datetime
    said: str
    answered_at: datetime | None = None
    """None while the answer is owed."""
    right: bool = False
    """Whether the answer is that the finding stands."""
    answer: str = ""


def with_feedback(state: State) -> State:
    """Return the detector's state with what was confirmed: whose days, up to when, are no measure for others."""
    from waybill.findings import queries
    from waybill.findings.states import FindingState

    wanted = queries.Filter(detector=NAME, states=frozenset({FindingState.RESOLVED}))
    found = {(one.finding.subject, number(one.finding.last_time.date())) for one in queries.every(wanted)}
    return confirmed(state, sorted(one for one in found if one[0]))


def of_days(since: date, subject: str = "") -> list[StoredFinding]:
    """Return the findings on behaviour that go on after a day, whatever became of them; of one entity, if named."""
    from waybill.findings import queries

    begin = datetime.combine(since, time(), UTC)
    wanted = queries.Filter(detector=NAME, subject=subject, since=begin - _LONGEST_CASE, states=queries.ALL_STATES)
    return [one for one in queries.every(wanted) if one.finding.last_time >= begin]


def covering(findings: Sequence[StoredFinding], subject: str, day: int) -> StoredFinding | None:
    """Return the one of these findings that is about an entity's day; a rule's is left for that on the whole day."""
    about = [
        one
        for one in findings
        if one.finding.subject == subject
        and number(one.finding.time.date()) <= day <= number(one.finding.last_time.date())
    ]
    return next((one for one in about if one.finding.rule_id == f"{NAME}.unlike"), about[0] if about else None)


def finding_on(subject: str, day: int) -> str:
    """Return the id of the finding on an entity's day: the stored one, else one made of what is kept of that day.

    Raises UsageError where the entity was not among the most unusual on it.
    """
    from waybill.findings import store

    known = covering(of_days(moment(day).date(), subject), subject, day)
    if known is not None:
        return known.finding.id
    recent = recent_days(store.DatabaseFindingStore().state(NAME))
    kept = next((one for of in recent if of.day == day for one in of.watched if one.subject == subject), None)
    if kept is None:
        raise UsageError("nothing is kept of this day", where=f"{subject}, {moment(day):%Y-%m-%d}")
    made = finding(kept, day, Severity.LOW)
    store.add([made])
    return made.id


def confirm(ids: Sequence[str], *, who: str, reason: str) -> None:
    """Say that findings are right: they are resolved, and those days leave the calibration at the next run."""
    _set(ids, "resolved", who, reason)


def benign(ids: Sequence[str], *, who: str, reason: str) -> None:
    """Say that findings are wrong: they are closed, and their days stay among those that others are held against."""
    _set(ids, "false_positive", who, reason)


def contest(ids: Sequence[str], *, who: str, reason: str) -> None:
    """Enter what the person concerned says against findings: they are open again, and the decision is the answer."""
    _set(ids, "in_progress", who, CONTESTED + reason if reason.strip() else "")


def objections(ids: Sequence[str]) -> list[Objection]:
    """Return what was said against these findings, the newest first, each with the answer that it was given."""
    from waybill.findings import handling
    from waybill.findings.states import FindingState

    found: list[Objection] = []
    for id in ids:
        owed: Objection | None = None
        for change in handling.history(id):
            if change.reason.startswith(CONTESTED):
                owed = Objection(finding=id, at=change.at, said=change.reason.removeprefix(CONTESTED))
                found.append(owed)
            elif owed is not None and change.after in {FindingState.RESOLVED, FindingState.FALSE_POSITIVE}:
                right = change.after is FindingState.RESOLVED
                found[-1] = msgspec.structs.replace(owed, answered_at=change.at, right=right, answer=change.reason)
                owed = None
    return sorted(found, key=lambda one: one.at, reverse=True)


def moment(day: int) -> datetime:
    """Return when a day (since 1970) begins."""
    return datetime.fromtimestamp(day * 86_400, UTC)


def number(day: date) -> int:
    """Return the number of a day since 1970."""
    return (day - date(1970, 1, 1)).days


def _set(ids: Sequence[str], state: str, who: str, reason: str) -> None:
    from waybill.findings import handling
    from waybill.findings.states import FindingState

    found = [one.id for one in _behaviour(ids)]
    handling.set_state(found, FindingState(state), who=who, reason=reason)


def _behaviour(ids: Sequence[str]) -> list[Finding]:
    """Return the findings of these ids (or beginnings of ids). Raises UsageError for those of other detectors."""
    from waybill.findings import queries

    findings = [queries.get(one).finding for one in ids]
    for one in findings:
        if one.detector != NAME:
            raise UsageError(
                f"this finding is one of the detector {one.detector}",
                where=one.id,
                expected=f"a finding of the detector {NAME}",
                advice="use `waybill findings set`",
            )
    return findings

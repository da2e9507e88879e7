"""How exposures stand: what is open behind which grade, what opened and closed when, what nobody looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from waybill.exposure.paths import Way, ways
from waybill.exposure.survey import DETECTOR
from waybill.findings import queries
from waybill.findings.queries import ALL_STATES, Filter, StoredFinding
from waybill.findings.states import FindingState
from waybill.flow.inquiry import Fits
from waybill.flow.surveys.surveying import Surveyed
from waybill.model.findings import gravity
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Grade

WEEKS = 26
"""Weeks of which opened and closed exposures are counted."""

OPEN = frozenset({FindingState.NEW, FindingState.IN_PROGRESS})
CLOSED = frozenset({FindingState.RESOLVED, FindingState.FALSE_POSITIVE})
OLD_SYSTEM = "crypto-old-system"
_SYSTEM = "System"


@dataclass(frozen=True, slots=True)
class Group:
    """What stands open before one grade."""

    grade: Grade | None
    """None: what lies behind it is not registered."""
    items: list[StoredFinding]
    """The gravest first."""


@dataclass(frozen=True, slots=True)
class Week:
    """A week that begins on a Monday (UTC)."""

    first: date
    opened: int
    closed: int
    open: int
    """How many stood open at its end."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What became different since a moment."""

    opened: list[StoredFinding]
    closed: list[StoredFinding]


@dataclass(frozen=True, slots=True)
class OldSystems:
    """Systems that were surveyed, and those among them that their makers mend no more."""

    old: int
    all: int

    @property
    def share(self) -> float:
        """The share of the old ones."""
        return self.old / self.all if self.all else 0.0


def found(fits: Fits | None = None, check: str = "") -> list[StoredFinding]:
    """Return every exposure that was ever found, of those only that ``fits``, the newest first; or those of a check."""
    wanted = Filter(detector=DETECTOR, rule_id=check, states=ALL_STATES)
    return [one for one in queries.every(wanted) if fits is None or fits(one.finding)]


def groups(exposures: Iterable[StoredFinding], register: RegisterSnapshot) -> list[Group]:
    """Return what stands open by the grade of what lies behind it, the gravest grade first."""
    by_grade: dict[Grade | None, list[StoredFinding]] = {}
    for one in exposures:
        if one.state in OPEN:
            asset = register.asset(one.finding.asset)
            by_grade.setdefault(asset.grade if asset else None, []).append(one)
    order = [*reversed(Grade), None]
    return [
        Group(grade, sorted(by_grade[grade], key=lambda one: gravity(one.finding)))
        for grade in order
        if grade in by_grade
    ]


def weeks(exposures: Sequence[StoredFinding], today: date, most: int = WEEKS) -> list[Week]:
    """Return what opened and closed in each of the last weeks, the oldest first; none before anything was found."""
    if not exposures:
        return []
    opened = Counter(_monday(one.finding.time) for one in exposures)
    closed = Counter(_monday(one.updated_at) for one in exposures if one.state in CLOSED)
    first = max(min(opened), _monday(today) - timedelta(weeks=most - 1))
    open_now = sum(count for day, count in opened.items() if day < first)
    open_now -= sum(count for day, count in closed.items() if day < first)
    rows = []
    while first <= _monday(today):
        open_now += opened[first] - closed[first]
        rows.append(Week(first, opened[first], closed[first], open_now))
        first += timedelta(weeks=1)
    return rows


def changes(exposures: Iterable[StoredFinding], since: datetime) -> Changes:
    """Return what opened since a moment, and what closed since then."""
    rows = list(exposures)
    return Changes(
        [one for one in rows if one.finding.time >= since],
        [one for one in rows if one.state in CLOSED and one.updated_at >= since],
    )


def ways_in(exposures: Iterable[StoredFinding], register: RegisterSnapshot, least: Grade = Grade.CORE) -> list[Way]:
    """Return the shortest ways through what stands open to assets of at least a grade."""
    return ways((one.finding for one in exposures if one.state in OPEN), register, least)


def old_systems(exposures: Iterable[StoredFinding], surveyed: Iterable[Surveyed]) -> OldSystems:
    """Return how many of the surveyed systems are old."""
    old = sum(one.finding.rule_id == OLD_SYSTEM and one.state not in CLOSED for one in exposures)
    return OldSystems(old, sum(one.kinds.get(_SYSTEM, 0) for one in surveyed))


def _monday(day: date) -> date:
    day = day.astimezone(UTC).date() if isinstance(day, datetime) else day
    return day - timedelta(days=day.weekday())

"""What people see of behaviour: the watch list, somebody's last weeks, the promise, and who bears it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from waybill.detect.behaviour import (
    LEAST_PEOPLE,
    BehaviourDetector,
    DayScore,
    Recent,
    Watched,
    recent_days,
    score_history,
)
from waybill.flow.feedback import moment, number
from waybill.model.errors import UsageError
from waybill.model.protocols import State

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


def watch_list(
    installation: Installation, cases: int, day: date | None = None, fits: Callable[[str], bool] | None = None
) -> tuple[date | None, list[Watched]]:
    """Return the most unusual of a day, so many at most; of the newest day that was judged where none is named.

    Of those only whose subject ``fits``. Raises UsageError for a day of which nothing is kept.
    """
    days = {one.day: one for one in _recent(installation)}
    if not days:
        return None, []
    wanted = number(day) if day else max(days)
    if wanted not in days:
        known = f"{_day_of(min(days))} to {_day_of(max(days))}"
        raise UsageError("nothing is kept of this day", where=str(day), expected=known)
    found = [one for one in days[wanted].watched if fits is None or fits(one.subject)]
    return _day_of(wanted), found[:cases]


def history(installation: Installation, subject: str) -> list[Watched]:
    """Return the days of the last weeks on which somebody was among the most unusual, the newest first.

    Raises UsageError where there is none.
    """
    found = unusual_days(installation, subject)
    if not found:
        raise UsageError(
            "nobody of this name was among the most unusual in the last weeks",
            where=subject,
            advice="name a pseudonym of `waybill behaviour run`",
        )
    return found


def unusual_days(installation: Installation, subject: str) -> list[Watched]:
    """Return the days of the last weeks on which somebody was among the most unusual, the newest first."""
    found = (one for day in _recent(installation) for one in day.watched if one.subject == subject)
    return sorted(found, key=lambda one: -one.day)


def calibration(installation: Installation) -> list[Week]:
    """Return for each of the last weeks what was promised and what was told."""
    rate = installation.settings.behaviour_rate
    weeks: dict[date, list[Recent]] = {}
    for one in _recent(installation):
        begin = _day_of(one.day)
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


def scores(installation: Installation, subject: str) -> list[DayScore]:
    """Return an entity's scores of the last weeks, day by day beside those of its peers; none of one not known."""
    return score_history(_state(), subject)


def days(installation: Installation) -> list[date]:
    """Return the days of which a watch list is kept, the newest first."""
    return [_day_of(one.day) for one in reversed(_recent(installation))]


def _recent(installation: Installation) -> list[Recent]:
    return recent_days(_state())


def _state() -> State:
    from waybill.findings.store import DatabaseFindingStore

    return DatabaseFindingStore().state(NAME)


def _day_of(day: int) -> date:
    return moment(day).date()

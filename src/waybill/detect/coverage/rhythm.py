"""The rhythm of a source and how surprising its silence is.

Of 13 weeks it is known in which hours a source sent anything. For each hour of the week, ``p`` is the share of weeks
in which that hour was active, ``k / (n + 1)`` of ``n`` weeks, so that few weeks claim little. If hours were
independent, silence through some hours would have the probability of the product of ``1 - p``; its negative logarithm
adds up hour by hour. A source that always sends reaches ``SURPRISE`` after 8 hours (19 after only two weeks), one that
sends in office hours after a working day, and one that sends twice a month never, since it has no rhythm to break.
20 nats are two in a thousand million: with 1,000 senders judged every hour, one false finding in fifty years.

Hours of one source are not independent, so two more conditions hold: the silence must be twice as surprising as the
worst one in the 13 weeks, and holidays must not count. A source that rests on some days of the week, or for a fifth of
all hours, may follow people; for it only days count on which the sources that rest on some days were active in at least
half of the hours that are usual on that day of the week. Where there are none to compare with, or all are silent, it
must be silent for longer than the longest holidays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waybill.detect.coverage.activity import Activity

WEEK = 168
WEEKS = 13
WINDOW = WEEKS * WEEK
"""Hours that are remembered."""

LEAST_WEEKS = 2
SURPRISE = 20.0
"""Nats."""

WORSE_THAN_EVER = 2.0
"""How many times as surprising as the worst silence before."""

STEADY = 0.8
"""Share of all hours in which a source is active that does not follow people."""

HOLIDAYS = 14 * 24
"""Hours: the longest public holidays with the weekends and days off around them."""

_MONDAY = 4 * 24
"""Hour 0 of 1970 was in a Thursday; four days later a week begins."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is usual for one source."""

    last: int
    """The last hour in which it sent (hours since 1970)."""
    weeks: int
    nats: np.ndarray
    """Surprise of a silent hour, by hour of the week."""
    by_day: np.ndarray
    """Active hours on each day of the week, from Monday, on average."""
    rests: bool
    """Whether it rests on some days of the week, as people do."""
    follows_people: bool
    """Whether it rests, or pauses for so many hours that it may."""
    median_gap: int
    longest_gap: int
    """Hours from one active hour to the next."""
    active: np.ndarray
    """The active hours."""

    def days(self) -> dict[int, int]:
        """Return in how many hours of each day (since 1970) it sent."""
        days, hours = np.unique(self.active // 24, return_counts=True)
        return dict(zip(days.tolist(), hours.tolist(), strict=True))


def hour_of_week(hours: np.ndarray) -> np.ndarray:
    """Return the hour of the week, from Monday 00:00 UTC, of hours since 1970."""
    return (hours - _MONDAY) % WEEK


def rhythm(activity: Activity, first: int) -> Rhythm | None:
    """Return the rhythm of what was first active at hour ``first``; None while too little is known of it."""
    weeks = min(WEEKS, (activity.last + 1 - first) // WEEK)
    if weeks < LEAST_WEEKS:
        return None
    span = weeks * WEEK
    active = activity.slots(WINDOW)
    active = active[active > activity.last - span]
    counts = np.bincount(hour_of_week(active), minlength=WEEK)
    gaps = np.diff(active)
    by_day = counts.reshape(7, 24).sum(axis=1) / weeks
    rests = bool(by_day.min() < 0.5 * np.median(by_day))
    return Rhythm(
        last=activity.last,
        weeks=weeks,
        nats=-np.log1p(-counts / (weeks + 1)),
        by_day=by_day,
        rests=rests,
        follows_people=rests or len(active) < STEADY * span,
        median_gap=int(np.median(gaps)) if len(gaps) else 0,
        longest_gap=int(gaps.max()) if len(gaps) else 0,
        active=active,
    )


def surprise(usual: Rhythm, hours: np.ndarray) -> float:
    """Return how surprising it is that nothing came in these hours, in nats."""
    return float(usual.nats[hour_of_week(hours)].sum())


def worst_before(usual: Rhythm, working: Working) -> float:
    """Return the most surprising silence in the time that is remembered."""
    if not len(usual.active):
        return 0.0
    hours = np.arange(usual.active[0], usual.last + 1)
    nats = usual.nats[hour_of_week(hours)]
    if usual.follows_people:
        nats = nats * working.are(hours)
    total = np.concatenate([[0.0], np.cumsum(nats)])
    places = usual.active - usual.active[0]
    return float((total[places[1:]] - total[places[:-1] + 1]).max(initial=0.0))


class Working:
    """Tells on which days people worked, by the sources that follow people."""

    def __init__(self, peers: list[Rhythm]) -> None:
        self._peers = [(peer.days(), peer.by_day) for peer in peers if peer.rests]
        self._known: dict[int, bool] = {}

    def are(self, hours: np.ndarray) -> np.ndarray:
        """Return for each hour whether people worked on its day."""
        return np.array([self._worked(day) for day in (hours // 24).tolist()], bool)

    def _worked(self, day: int) -> bool:
        if day not in self._known:
            weekday = (day - _MONDAY // 24) % 7
            usual = sum(by_day[weekday] for _, by_day in self._peers)
            there = sum(min(days.get(day, 0), by_day[weekday]) for days, by_day in self._peers)
            self._known[day] = there > 0 and there >= 0.5 * usual
        return self._known[day]


def is_silent(usual: Rhythm, hours: np.ndarray, working: Working) -> bool:
    """Return whether nothing in these hours, which were watched and follow its last one, means that it fell silent."""
    if not len(hours) or surprise(usual, hours) < SURPRISE:
        return False
    if not usual.follows_people:
        return surprise(usual, hours) >= WORSE_THAN_EVER * worst_before(usual, working)
    if len(hours) > HOLIDAYS:
        return len(hours) >= WORSE_THAN_EVER * usual.longest_gap
    worked = surprise(usual, hours[working.are(hours)])
    return worked >= max(SURPRISE, WORSE_THAN_EVER * worst_before(usual, working))

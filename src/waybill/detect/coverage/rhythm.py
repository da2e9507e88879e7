"""The rhythm of a source and how surprising its silence is.

Of 13 weeks it is known in which hours a source sent anything. For each hour of the week, ``p`` is the share of weeks
in which that hour was active, ``k / (n + 1)`` of ``n`` weeks, so that few weeks claim little. If hours were
independent, silence through some hours would have the probability of the product of ``1 - p``; its negative logarithm
adds up hour by hour. A source that always sends reaches ``SURPRISE`` after 8 hours (19 after only two weeks), one that
sends in office hours after a working day, and one that sends twice a month never, since it has no rhythm to break.
20 nats are two in a thousand million: with 1,000 senders judged every hour, one false finding in fifty years.

Hours of one source are not independent, so two more conditions hold: the silence must be twice as surprising as the
worst one in the 13 weeks, and holidays must not count. A source that rests on some days of the week follows people;
for it only hours of days count at which at least half of the other such sources that send on that day of the week did
send. Where there are none to compare with, or all are silent, it must be silent for longer than the longest holidays.
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
    """Share of weeks in which it sent on each day of the week, from Monday."""
    rests: bool
    """Whether it rests on some days of the week, as people do."""
    median_gap: int
    longest_gap: int
    """Hours from one active hour to the next."""
    active: np.ndarray
    """The active hours."""

    def days(self) -> set[int]:
        """Return the days (since 1970) on which it sent."""
        return set((self.active // 24).tolist())


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
    by_day = np.bincount((np.unique(active // 24) - _MONDAY // 24) % 7, minlength=7) / weeks
    hours_by_day = counts.reshape(7, 24).sum(axis=1)
    return Rhythm(
        last=activity.last,
        weeks=weeks,
        nats=-np.log1p(-counts / (weeks + 1)),
        by_day=np.minimum(by_day, 1.0),
        rests=bool(hours_by_day.min() < 0.5 * np.median(hours_by_day)),
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
    if usual.rests:
        nats = nats * working.are(hours)
    total = np.concatenate([[0.0], np.cumsum(nats)])
    places = usual.active - usual.active[0]
    return float((total[places[1:]] - total[places[:-1] + 1]).max(initial=0.0))


class Working:
    """Tells on which days people worked, by the sources that follow people."""

    def __init__(self, peers: list[Rhythm]) -> None:
        self._peers = [(peer.days(), peer.by_day) for peer in peers if peer.rests]
        self._known: dict[int, bool] = {}

    def __bool__(self) -> bool:
        """Return whether there is anything to tell it by."""
        return bool(self._peers)

    def are(self, hours: np.ndarray) -> np.ndarray:
        """Return for each hour whether people worked on its day."""
        return np.array([self._worked(day) for day in (hours // 24).tolist()], bool)

    def _worked(self, day: int) -> bool:
        if day not in self._known:
            weekday = (day - _MONDAY // 24) % 7
            expected = sum(by_day[weekday] for _, by_day in self._peers)
            there = sum(1 for days, _ in self._peers if day in days)
            self._known[day] = there > 0 and there >= 0.5 * expected
        return self._known[day]


def is_silent(usual: Rhythm, hours: np.ndarray, working: Working) -> bool:
    """Return whether nothing in these hours, which were watched and follow its last one, means that it fell silent."""
    if not len(hours) or surprise(usual, hours) < SURPRISE:
        return False
    if not usual.rests:
        return surprise(usual, hours) >= WORSE_THAN_EVER * worst_before(usual, working)
    if len(hours) > HOLIDAYS:
        return len(hours) >= WORSE_THAN_EVER * usual.longest_gap
    worked = surprise(usual, hours[working.are(hours)])
    return worked >= max(SURPRISE, WORSE_THAN_EVER * worst_before(usual, working))

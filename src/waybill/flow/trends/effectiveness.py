"""Whether a control did anything: unauthorised transfers per thousand transfers, before and after it came into force.

The statistics are those of calendars: a log-linear mean with its trend, intervals that know that weeks resemble each
other, and no verdict on what these weeks could not show. Before and after is no experiment: what else changed that week
counts as the control's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from waybill.model.errors import UsageError
from waybill.report import Control, Report
from waybill.report.figures import UNAUTHORISED, day_of
from waybill.trends.effects import Measured, Verdict, measure
from waybill.trends.weeks import DAYS, Values, Weeks

LEAST_WEEKS = 8
"""Whole weeks that must lie on either side."""

LEAST_EVENTS = 10
"""Unauthorised transfers there must be in all."""

CLAIMED = (0.48,)
"""Ratio that a ministry claims of its programme: 52 % fewer."""


@dataclass(frozen=True, slots=True)
class Effectiveness:
    """What became of unauthorised transfers after a control came into force."""

    control: Control
    before: float
    """Per thousand transfers."""
    after: float
    unauthorised: tuple[int, int]
    """Before and after."""
    transfers: tuple[int, int]
    found: Measured

    @property
    def verdict(self) -> Verdict:
        """What may be said."""
        return self.found.verdict(self.found.p)


def effectiveness(report: Report, control: Control) -> Effectiveness:
    """Return what became of unauthorised transfers. Raises UsageError where too little is known to say anything."""
    weeks, transfers = _weekly(report)
    if len(weeks) == 0:
        raise UsageError("there are no whole weeks with logs yet", where=control.day.isoformat())
    window = weeks.share_in(frozenset(range(control.day.toordinal(), weeks.last_day.toordinal() + 1)))
    kept = transfers > 0
    counts, window, transfers = weeks.counts[kept], window[kept], transfers[kept]
    if min(window.sum(), (1 - window).sum()) < LEAST_WEEKS or counts.sum() < LEAST_EVENTS:
        raise UsageError(
            "too little is known to tell a change from chance",
            where=f"{(1 - window).sum():.0f} weeks before, {window.sum():.0f} after, {int(counts.sum())} unauthorised",
            expected=f"{LEAST_WEEKS} weeks on either side and {LEAST_EVENTS} unauthorised transfers",
        )
    found = measure(
        Weeks(weeks.first, counts), window, offset=np.log(transfers / 1000), claims=CLAIMED, yearly_levels=False
    )
    inside = window >= 0.5
    return Effectiveness(
        control=control,
        before=1000 * float(counts[~inside].sum() / transfers[~inside].sum()),
        after=1000 * float(counts[inside].sum() / transfers[inside].sum()),
        unauthorised=(int(counts[~inside].sum()), int(counts[inside].sum())),
        transfers=(int(transfers[~inside].sum()), int(transfers[inside].sum())),
        found=found,
    )


def _weekly(report: Report) -> tuple[Weeks, Values]:
    """Return unauthorised transfers and all transfers of each whole week with logs in between."""
    days = {one.day: one.transfers for one in report.days}
    if not days:
        return Weeks(date(1970, 1, 5), np.zeros(0)), np.zeros(0)
    first = min(days) + timedelta(days=-min(days).weekday() % DAYS)
    size = ((max(days) - first).days + 1) // DAYS
    found: Counter[int] = Counter()
    for row in report.rows:
        if row.finding.detector == UNAUTHORISED and row.counts:
            found[(day_of(row) - first).days // DAYS] += row.finding.count
    moved: Counter[int] = Counter()
    for day, transfers in days.items():
        moved[(day - first).days // DAYS] += transfers
    counts, all_transfers = (np.array([float(one[week]) for week in range(max(0, size))]) for one in (found, moved))
    return Weeks(first, counts), all_transfers

"""The overview: three lanes of what should not have moved, the figures above them, where things went, what watches."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages.picturing import sankey
from waybill.console.pages.writing import said
from waybill.console.process import process
from waybill.flow import inquiry
from waybill.flow.inquiry import Told
from waybill.flow.overview import OTHERS, Carried
from waybill.flow.trends.effectiveness import effectiveness
from waybill.model.errors import UsageError
from waybill.report import Control, Lane, Report, Row, compared, figures
from waybill.report import told as told_figures
from waybill.report.wording import ABOUT_LANES, LANES, channel
from waybill.trends.remarks import power
from waybill.trends.wording import VERDICTS

SHOWN = 5
"""Findings of a lane that the overview shows."""

OPEN = frozenset({"new", "in_progress"})
"""States of findings that somebody should look at."""


@needs(Permission.OVERVIEW_READ)
def overview(request: HttpRequest) -> HttpResponse:
    """Show what moved, what should not have, and what to do, as far as the reader's roles reach.

    Where things went is told of all organisations and grades together, so only to those who may see all of them.
    """
    here, reader = process(), account(request)
    register, reach = here.answers.register.get(), reader.reach(Permission.OVERVIEW_READ)
    seen = here.answers.overview.get()
    control = _control(request)
    rows = _within(seen.report.rows, inquiry.within(reach, register))
    ways = seen.ways if reach.is_whole else ()
    report = msgspec.structs.replace(seen.report, controls=(control,) if control else (), rows=rows)
    fits = inquiry.within(reader.reach(Permission.FINDINGS_READ), register)
    found = figures(report)
    context = {
        "report": report,
        "figures": told_figures(report, found),
        "control": control,
        "compared": compared(found),
        "judged": _judged(report, control),
        "lanes": _lanes(report, seen.proved, fits),
        "ways": ways,
        "chart": _sankey(ways),
        "others": OTHERS,
        "lake": seen.lake,
        "ledger": seen.ledger,
        "old": seen.old if reach.is_whole else None,
        "agents": here.reception.senders.standings(),
        "behind": [ran.name for ran in report.scope.detectors if ran.behind or not ran.ran],
        "is_empty": not report.scope.transfers,
    }
    return render(request, "console/overview.html", context)


def _control(request: HttpRequest) -> Control | None:
    """Return the measure to compare before and after, named in the address. Raises UsageError for what is no day."""
    day = request.GET.get("since", "")
    if not day:
        return None
    try:
        return Control(date.fromisoformat(day), request.GET.get("measure", "")[:100])
    except ValueError:
        raise UsageError(_("This is no day."), where=day[:20], expected="2026-03-10") from None


def _judged(report: Report, control: Control | None) -> dict[str, Any] | None:
    """Return what became of unauthorised transfers per thousand, and what may be said of it; why nothing may, if so."""
    if control is None:
        return None
    try:
        found = effectiveness(report, control)
    except UsageError as error:
        return {"too_little": error}
    return {"found": found, "verdict": VERDICTS[found.verdict], "power": list(power(found.found))}


def _within(rows: Iterable[Row], fits: inquiry.Fits | None) -> tuple[Row, ...]:
    return tuple(row for row in rows if fits is None or fits(row.finding))


def _lanes(report: Report, proved: Collection[str], fits: inquiry.Fits | None) -> list[dict[str, Any]]:
    """Return each lane with its counts, and the gravest of those findings that the reader may see one by one."""
    lanes = []
    for lane in Lane:
        rows = [row for row in report.rows if row.lane is lane]
        still = [row for row in rows if row.state in OPEN]
        lanes.append(
            {
                "lane": lane,
                "caption": said(LANES[lane]),
                "about": ABOUT_LANES[lane],
                "open": len(still),
                "all": len(rows),
                "rows": [Told(row, row.finding.id in proved) for row in _within(still, fits)[:SHOWN]],
            }
        )
    return lanes


def _sankey(ways: tuple[Carried, ...]) -> dict[str, Any]:
    """Return the flows for the picture."""

    def label(name: str) -> str:
        return name if name != OTHERS else _("others")

    return sankey(
        ((label(one.way.origin), said(channel(one.way.channel)), label(one.way.destination)), one.transfers)
        for one in ways
    )

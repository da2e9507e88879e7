"""Exposures: ways out that stand open, by the grade of what is behind them, and what nobody could look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages.picturing import sankey
from waybill.console.pages.writing import said
from waybill.console.process import process
from waybill.exposure.paths import Way
from waybill.flow import inquiry
from waybill.flow.surveys import exposures as flow
from waybill.flow.surveys.exposures import Week
from waybill.flow.surveys.fixing import fixable
from waybill.flow.surveys.surveying import surveyed

SHOWN = 100
"""Exposures of a grade that are listed; all are counted."""

MOST_WAYS = 60
"""Ways to core assets that are drawn and listed."""


@needs(Permission.FINDINGS_READ)
def exposures(request: HttpRequest) -> HttpResponse:
    """Show what stands open within the reader's reach.

    What was surveyed names places of everybody: only who may see all of it sees that.
    """
    register, reach = process().answers.register.get(), account(request).reach(Permission.FINDINGS_READ)
    found = flow.found(inquiry.within(reach, register))
    targets = surveyed() if reach.is_whole else []
    weeks = flow.weeks(found, datetime.now(UTC).date())
    ways = [way for way in flow.ways_in(found, register) if reach.covers(way.asset.owner, way.asset.grade)]
    context = {
        "groups": [(group, group.items[:SHOWN]) for group in flow.groups(found, register)],
        "weeks": list(reversed(weeks)),
        "chart": _chart(weeks),
        "surveyed": targets,
        "old": flow.old_systems(found, targets),
        "fixable": fixable() if account(request).may(Permission.PLAYBOOKS_READ) else frozenset(),
        "ways": ways[:MOST_WAYS],
        "ways_chart": _ways_chart(ways[:MOST_WAYS]),
    }
    return render(request, "console/exposures.html", context)


def _ways_chart(ways: Sequence[Way]) -> dict[str, Any]:
    """Return ways for the picture: who, through what, to which asset."""
    return sankey(((said(way.who.said), said(way.exposure.said), way.asset.name), 1) for way in ways)


def _chart(weeks: Sequence[Week]) -> dict[str, Any]:
    """Return the weeks for the picture: bars of what opened and closed, a line of what was open."""
    return {
        "kind": "balance",
        "days": [f"{one.first:%m-%d}" for one in weeks],
        "more": [one.opened for one in weeks],
        "less": [-one.closed for one in weeks],
        "left": [one.open for one in weeks],
        "names": [_("opened"), _("closed"), _("open")],
    }

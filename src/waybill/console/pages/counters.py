"""Counters: of how many persons data went abroad, how far the next threshold of law is, and when it is reached."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.process import process
from waybill.flow.law import counters as flow


@needs(Permission.RULEBOOK_READ)
def counters(request: HttpRequest) -> HttpResponse:
    """Show the counts of the reader's exporters, and where exporters that belong together split one."""
    here, today = process().installation, datetime.now(UTC).date()
    reach = account(request).reach(Permission.RULEBOOK_READ)
    counts, splits = flow.standing_and_splits(here, today)
    context = {
        "counts": [one for one in counts if reach.covers(one.exporter, None)],
        "splits": [one for one in splits if all(reach.covers(exporter, None) for exporter in one.exporters)],
        "day": today,
    }
    return render(request, "console/counters.html", context)

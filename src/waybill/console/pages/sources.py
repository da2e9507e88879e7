"""Sources and agents: who tells, how much and how fast, what is missing, and what could not be read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import needs
from waybill.console.process import process


@needs(Permission.SOURCES_READ)
def sources(request: HttpRequest) -> HttpResponse:
    """Show how sources and agents stand."""
    here = process()
    context = {
        "sources": here.answers.sources.get(),
        "agents": here.reception.senders.standings(),
        "lake": here.installation.lake.status(),
        "is_full": here.reception.is_full,
    }
    return render(request, "console/sources.html", context)

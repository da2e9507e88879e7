"""The rulebook: which rules of law are on file, how each stands, what changes soon; and the counts they ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.flow import counters
from waybill.rulebook.standing import Status
from waybill.rulebook.telling import told_rule

SOON = timedelta(days=90)
"""How far ahead changes are shown."""


@needs(Permission.RULEBOOK_READ)
def law(request: HttpRequest) -> HttpResponse:
    """Show instruments with their rules, what changes soon, and how the counts of the reader's exporters stand."""
    here, today = process(), datetime.now(UTC).date()
    reach = account(request).reach(Permission.RULEBOOK_READ)
    book = here.answers.law.get()
    standings = book.standings(today, today)
    words, only = asking.text(request.GET, "text").casefold(), asking.text(request.GET, "standing")
    found = [
        (instrument, rule, told_rule(book, rule, standings[rule.id]))
        for instrument, rule in book.rules.values()
        if words in f"{rule.id} {rule.says.en} {rule.says.zh} {instrument.name.en} {instrument.name.zh}".casefold()
        and (only == "" or standings[rule.id].verified is (only == "verified"))
    ]
    soon = [
        (rule, standings[rule.id])
        for _, rule in book.rules.values()
        if (until := standings[rule.id].until) is not None and today <= until <= today + SOON
    ]
    lapsed = [
        told_rule(book, rule, standings[rule.id])
        for _, rule in book.rules.values()
        if standings[rule.id].status is Status.LAPSED
    ]
    context = {
        "instruments": [(one, list(rows)) for one, rows in groupby(found, key=lambda row: row[0])],
        "soon": soon,
        "lapsed": lapsed,
        "rules": len(standings),
        "unverified": sum(not stands.verified for stands in standings.values()),
        "digest": book.digest,
        "counts": [one for one in counters.standing(here.installation, today) if reach.covers(one.exporter, None)],
        "asked": {name: asking.text(request.GET, name) for name in ("text", "standing")},
    }
    return render(request, "console/law.html", context)

"""Rules: what is asked of the logs, what can find nothing here and why, and how much each found."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import needs
from waybill.console.pages import asking
from waybill.console.pages.writing import said
from waybill.console.process import process
from waybill.model.words import Severity

FILTERS = ("text", "level", "standing", "id")


@needs(Permission.RULES_READ)
def rules(request: HttpRequest) -> HttpResponse:
    """List rules: those that found most first."""
    book = process().answers.rulebook.get()
    words, level = asking.text(request.GET, "text").casefold(), asking.word(request.GET, "level", Severity)
    id, standing = asking.text(request.GET, "id"), asking.text(request.GET, "standing")
    found = [
        one
        for one in book.rules
        if (not words or words in f"{said(one.rule.title)} {one.rule.id} {one.rule.logsource}".casefold())
        and level in {None, one.rule.level}
        and id in {"", one.rule.id}
        and standing in {"", "found" if one.findings else "idle" if one.why_not else "silent"}
    ]
    context = {
        "book": book,
        "found": found,
        "asked": {name: asking.text(request.GET, name) for name in FILTERS},
        "kept": asking.kept(request, FILTERS),
        "levels": list(reversed(Severity)),
    }
    return render(request, "console/rules.html", context)

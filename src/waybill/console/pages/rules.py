"""Rules: how each stands, what it found, what it would have found; and what of the ways out they cover."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.detect.sigma import RuleState
from waybill.flow import inquiry
from waybill.flow.backtest import Backtest, backtest
from waybill.flow.rules import RuleInUse
from waybill.model.errors import BusyError
from waybill.model.words import Severity

FILTERS = ("text", "level", "standing")
BACKTEST_DAYS = (7, 30, 90)
"""Over how many days back a rule can be tried on a page; the command line knows no bound."""

_trying = threading.Lock()
"""One backtest at a time: it reads much of the lake."""


@needs(Permission.RULES_READ)
def rules(request: HttpRequest) -> HttpResponse:
    """List rules: those that found most first."""
    here = process().answers.rules.get()
    words, level = asking.text(request.GET, "text").casefold(), asking.word(request.GET, "level", Severity)
    standing = asking.word(request.GET, "standing", RuleState)
    found = [
        one
        for one in here.rules
        if (not words or words in f"{one.title.en} {one.title.zh} {one.id} {one.logsource} {one.tags}".casefold())
        and level in {None, one.level}
        and standing in {None, one.state}
    ]
    context = {
        "problems": here.problems,
        "found": found,
        "others": process().answers.other_detectors.get(),
        "asked": {name: asking.text(request.GET, name) for name in FILTERS},
        "kept": asking.kept(request, FILTERS),
        "levels": list(reversed(Severity)),
        "states": list(RuleState),
    }
    return render(request, "console/rules.html", context)


@needs(Permission.RULES_READ)
def rule(request: HttpRequest, id: str) -> HttpResponse:
    """Show one rule, and on request what it would have found in the last days."""
    found = next((one for one in process().answers.rules.get().rules if one.id == id), None)
    if found is None:
        raise Http404
    asked = asking.text(request.GET, "days")
    days = int(asked) if asked.isdecimal() and int(asked) in BACKTEST_DAYS else 0
    tried, reach = _tried(found, days) if days else None, account(request).reach(Permission.FINDINGS_READ)
    context = {
        "rule": found,
        "days": days,
        "choices": BACKTEST_DAYS,
        "tried": tried,
        "most": max((day.findings for day in tried.days), default=0) if tried else 0,
        "examples": inquiry.plain(tried.examples, reach, process().answers.register.get()) if tried else (),
        "sees_findings": bool(reach),
    }
    return render(request, "console/rule.html", context)


@needs(Permission.RULES_READ)
def coverage(request: HttpRequest) -> HttpResponse:
    """Show which techniques and channels have a rule, have data, were tested, and which ways nobody watches."""
    return render(request, "console/rule_coverage.html", {"coverage": process().answers.rule_coverage.get()})


def _tried(rule: RuleInUse, days: int) -> Backtest | None:
    """Return what a rule would have found. Raises BusyError while another one is tried."""
    if not _trying.acquire(blocking=False):
        raise BusyError("another rule is being tried", advice="try again in a moment")
    try:
        since = datetime.now(UTC) - timedelta(days=days)
        report = backtest(process().installation, [Path(rule.file)], since=since)
    finally:
        _trying.release()
    return next((one for one in report.rules if one.id == rule.id), None)

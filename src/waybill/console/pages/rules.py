"""Rules: how each stands, what it found, what it would have found; and what of the ways out they cover."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.detect.sigma import RuleState
from waybill.flow import inquiry
from waybill.flow.rules.in_use import RuleInUse
from waybill.model.errors import UsageError
from waybill.model.words import Severity

FILTERS = ("text", "level", "standing")
BACKTEST_DAYS = (7, 30, 90)
"""Over how many days back a rule can be tried on a page; the command line knows no bound."""


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
    """Show one rule, and what it would have found in the last days where that was tried."""
    found = _named(id)
    days = _days(request.GET)
    trial = process().trials.of(id, days) if days else None
    tried, reach = trial.result if trial else None, account(request).reach(Permission.FINDINGS_READ)
    context = {
        "rule": found,
        "days": days,
        "choices": BACKTEST_DAYS,
        "trial": trial,
        "tried": tried,
        "most": max((day.findings for day in tried.days), default=0) if tried else 0,
        "examples": inquiry.plain(tried.examples, reach, process().answers.register.get()) if tried else (),
        "sees_findings": bool(reach),
    }
    return render(request, "console/rule.html", context)


@needs(Permission.RULES_READ)
@require_POST
def try_rule(request: HttpRequest, id: str) -> HttpResponse:
    """Begin to try a rule on what is stored, and go to where its progress is shown."""
    days, found = _days(request.POST), _named(id)
    if not days:
        raise UsageError(_("Choose over how many days."))
    process().trials.begin(found.id, Path(found.file), days)
    return redirect(f"{reverse('rules-one', args=[id])}?days={days}#backtest")


@needs(Permission.RULES_READ)
def coverage(request: HttpRequest) -> HttpResponse:
    """Show which techniques and channels have a rule, have data, were tested, and which ways nobody watches."""
    return render(request, "console/rule_coverage.html", {"coverage": process().answers.rule_coverage.get()})


def _named(id: str) -> RuleInUse:
    """Return a rule. Raises Http404 if there is none."""
    found = next((one for one in process().answers.rules.get().rules if one.id == id), None)
    if found is None:
        raise Http404
    return found


def _days(said: QueryDict) -> int:
    """Return over how many days a rule is to be tried; 0 for what is no choice."""
    asked = asking.text(said, "days")
    return int(asked) if asked.isdecimal() and int(asked) in BACKTEST_DAYS else 0

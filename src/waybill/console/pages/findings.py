"""Findings: what should not have moved, why it is said, on which evidence; and what is decided about it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access import kept_views
from waybill.access.models import User
from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.findings import handling
from waybill.findings.exceptions import Match, add_exception, end_exception, exceptions
from waybill.findings.queries import ALL_STATES, Filter
from waybill.findings.states import SET_BY_PEOPLE, FindingState
from waybill.flow import inquiry
from waybill.model.errors import UsageError
from waybill.model.findings import Finding
from waybill.model.words import Severity
from waybill.report import Lane

PAGE = 50
"""Findings of a page."""

FILTERS = ("state", "severity", "lane", "rule", "subject", "asset", "source", "since", "until")
"""Parameters of the address."""

OPEN = frozenset({FindingState.NEW, FindingState.IN_PROGRESS})
EXCEPTION_DAYS = 90
"""How long an exception holds if nobody says otherwise."""

_MATCHES = ("rule_id", "subject", "asset", "channel", "source")


@needs(Permission.FINDINGS_READ)
def findings(request: HttpRequest) -> HttpResponse:
    """Show a page of findings, newest first; those that are open, if nothing else is asked for."""
    here = process()
    register = here.answers.register.get()
    page = inquiry.page(
        here.installation,
        register,
        _wanted(request.GET),
        fits=_fits(request),
        limit=PAGE,
        after=asking.text(request.GET, "after"),
    )
    context = {
        "page": page,
        "asked": {name: asking.text(request.GET, name) for name in FILTERS},
        "kept": asking.kept(request, FILTERS),
        "views": kept_views.of(cast(User, request.user), "findings"),
        "severities": list(reversed(Severity)),
        "states": list(FindingState),
        "lanes": list(Lane),
        "is_first": "after" not in request.GET,
        "settable": _settable(),
        "may_decide": account(request).may(Permission.FINDINGS_DECIDE),
    }
    return render(request, "console/findings.html", context)


@needs(Permission.FINDINGS_READ)
def finding(request: HttpRequest, id: str) -> HttpResponse:
    """Show one finding: the reasons behind it, its evidence, what is like it, and what was decided."""
    return _shown(request, id)


@needs(Permission.FINDINGS_DECIDE)
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Give findings a state, with the reason."""
    ids = request.POST.getlist("id")
    state, reason = asking.word(request.POST, "state", FindingState), asking.written(request, "reason")
    try:
        _only_within_reach(request, ids)
        if not ids:
            raise UsageError(_("No finding is chosen."), expected=_("at least one"))
        handling.set_state(ids, state or FindingState.NEW, who=account(request).pseudonym, reason=reason)
    except UsageError as error:
        if len(ids) == 1:
            return _shown(request, ids[0], error)
        raise
    return redirect(asking.back(request))


@needs(Permission.FINDINGS_DECIDE)
@require_POST
def accept(request: HttpRequest, id: str) -> HttpResponse:
    """Accept findings like this one until a day."""
    whole = _whole(request, id)
    try:
        day = asking.moment(request.POST, "until")
        if day is None:
            raise UsageError(_("The exception has no end."), expected="2026-03-10")
        _only_within_reach(request, [whole.stored.finding.id])
        match = Match(**{name: _value(whole.told.row.finding, name) for name in _MATCHES if name in request.POST})
        if not _may_except(request, match, Permission.FINDINGS_DECIDE):
            what = _("Your roles cover one organisation or grade: an exception of yours names who and which asset.")
            raise UsageError(what, expected=_("who and asset"))
        add_exception(match, owner=account(request).pseudonym, reason=asking.written(request, "reason"), expires_at=day)
    except UsageError as error:
        return _shown(request, id, error)
    return redirect("findings-one", id)


@needs(Permission.FINDINGS_READ)
def accepted(request: HttpRequest) -> HttpResponse:
    """Show the exceptions within the reader's reach."""
    context = {
        "exceptions": [one for one in reversed(exceptions()) if _may_except(request, one.match)],
        "now": datetime.now(UTC),
        "may_decide": account(request).may(Permission.FINDINGS_DECIDE),
    }
    return render(request, "console/exceptions.html", context)


@needs(Permission.FINDINGS_DECIDE)
@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End an exception."""
    found = next((one for one in exceptions() if one.number == number), None)
    if found is not None and not _may_except(request, found.match, Permission.FINDINGS_DECIDE):
        raise UsageError("There is no such exception.", where=str(number))
    end_exception(number, who=account(request).pseudonym, reason=asking.written(request, "reason"))
    return redirect("findings-exceptions")


def _shown(request: HttpRequest, id: str, error: UsageError | None = None) -> HttpResponse:
    whole = _whole(request, id)
    found = whole.told.row.finding
    context = {
        "whole": whole,
        "row": whole.told.row,
        "finding": found,
        "hidden": found.count - len(whole.evidence),
        "like": [{"likeness": one, "kept": _address(one.wanted)} for one in whole.like],
        "settable": [state for state in _settable() if state is not whole.stored.state],
        "matches": [(name, value) for name in _MATCHES if (value := _value(found, name))],
        "until": datetime.combine(datetime.now(UTC) + timedelta(days=EXCEPTION_DAYS), time(), UTC),
        "error": error,
        "given": request.POST,
        "may_decide": account(request).may(Permission.FINDINGS_DECIDE),
    }
    return render(request, "console/finding.html", context, status=400 if error else 200)


def _whole(request: HttpRequest, id: str) -> inquiry.Whole:
    here = process()
    return inquiry.one(here.installation, here.answers.register.get(), id, _within(request))


def _within(request: HttpRequest) -> inquiry.Fits | None:
    return inquiry.within(account(request).reach(Permission.FINDINGS_READ), process().answers.register.get())


def _fits(request: HttpRequest) -> inquiry.Fits | None:
    """Return what tells whether a finding is one that the reader may see, and of the lane that is asked for."""
    within, lane = _within(request), asking.word(request.GET, "lane", Lane)
    if lane is None:
        return within
    lane_of = inquiry.lanes(process().answers.overview.get().report, process().answers.register.get())
    return lambda finding: (within is None or within(finding)) and lane_of(finding) is lane


def _only_within_reach(request: HttpRequest, ids: list[str]) -> None:
    reach = account(request).reach(Permission.FINDINGS_DECIDE)
    inquiry.check_within(reach, process().answers.register.get(), ids)


def _may_except(request: HttpRequest, match: Match, permission: Permission = Permission.FINDINGS_READ) -> bool:
    return inquiry.covers_match(account(request).reach(permission), process().answers.register.get(), match)


def _wanted(values: QueryDict) -> Filter:
    state = asking.text(values, "state")
    chosen = asking.word(values, "state", FindingState) if state not in {"", "open", "all"} else None
    return Filter(
        since=asking.moment(values, "since"),
        until=asking.moment(values, "until"),
        severity=asking.word(values, "severity", Severity),
        rule_id=asking.text(values, "rule"),
        subject=asking.text(values, "subject"),
        asset=asking.text(values, "asset"),
        source=asking.text(values, "source"),
        states=frozenset({chosen}) if chosen else ALL_STATES if state == "all" else OPEN,
    )


def _settable() -> list[FindingState]:
    return [state for state in FindingState if state in SET_BY_PEOPLE]


def _value(finding: Finding, name: str) -> str:
    """Return what a finding has where an exception may ask for something."""
    return finding.source.name if name == "source" else str(getattr(finding, name))


def _address(wanted: Filter) -> dict[str, Any]:
    return {"state": "all", "rule": wanted.rule_id, "subject": wanted.subject, "asset": wanted.asset}

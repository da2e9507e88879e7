"""People and machines that move data unlike themselves and their peers: who, why, and what is said to it.

Everybody is a pseudonym here. A score alone is no ground for anything: the pages say so, and nothing exports it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.detect.behaviour import MOST_WATCHED, DayScore, Watched
from waybill.findings.queries import ALL_STATES, Filter, StoredFinding
from waybill.flow import behaviour as flow
from waybill.flow import feedback, inquiry
from waybill.model.errors import UsageError

CASES = 5
"""Cases of a day, unless the reader asks for another number."""

_SHOWN = 10
"""Findings of somebody that the page shows."""


@needs(Permission.PEOPLE_READ)
def behaviour(request: HttpRequest) -> HttpResponse:
    """Show the most unusual of a day, whether the promise was kept, and how evenly roles bear it."""
    return _listed(request)


@needs(Permission.PEOPLE_READ)
def one(request: HttpRequest, subject: str) -> HttpResponse:
    """Show somebody's last weeks: scores beside the peers', the reasons, what was found and said."""
    return _shown(request, subject)


@needs(Permission.FINDINGS_DECIDE)
@require_POST
def judge(request: HttpRequest, subject: str) -> HttpResponse:
    """Say whether what is told of somebody's day is right; that feeds the calibration."""

    def say(id: str, who: str, reason: str) -> None:
        answer = feedback.confirm if request.POST.get("right") == "yes" else feedback.benign
        answer([id], who=who, reason=reason)

    return _said(request, subject, Permission.FINDINGS_DECIDE, say)


@needs(Permission.FINDINGS_CONTEST)
@require_POST
def contest(request: HttpRequest, subject: str) -> HttpResponse:
    """Enter what the person concerned says against what is told; the decision is the answer."""

    def say(id: str, who: str, reason: str) -> None:
        feedback.contest([id], who=who, reason=reason)

    return _said(request, subject, Permission.FINDINGS_CONTEST, say)


def _said(
    request: HttpRequest, subject: str, permission: Permission, say: Callable[[str, str, str], None]
) -> HttpResponse:
    """Say something to somebody's day, as far as the reader's roles reach."""
    _check_reach(request, subject, permission)
    day = asking.moment(request.POST, "day")
    reason = asking.written(request, "reason")
    try:
        if day is None:
            raise UsageError(_("No day is chosen."), expected="2026-03-10")
        if not reason:
            raise UsageError("A change of state needs somebody who makes it and a reason.", expected="who and reason")
        say(feedback.finding_on(subject, feedback.number(day.date())), account(request).pseudonym, reason)
    except UsageError as error:
        return _shown(request, subject, error)
    return redirect(asking.back(request, reverse("behaviour-one", args=[subject])))


def _listed(request: HttpRequest) -> HttpResponse:
    here, day, most = process(), asking.moment(request.GET, "day"), asking.text(request.GET, "cases")
    reach = account(request).reach(Permission.PEOPLE_READ)
    cases = min(max(1, int(most)), MOST_WATCHED) if most.isascii() and most.isdecimal() else CASES
    fits = None if reach.is_whole else lambda subject: _within(request, subject, Permission.PEOPLE_READ)
    when, watched = flow.watch_list(here.installation, cases, day.date() if day else None, fits)
    context = {
        "day": when,
        "days": flow.days(here.installation),
        "cases": cases,
        "most": MOST_WATCHED,
        "watched": _judged(watched, feedback.of_days(when) if when else []),
        "weeks": flow.calibration(here.installation) if reach.is_whole else [],
        "shares": flow.fairness(here.installation) if reach.is_whole else [],
        "may_judge": account(request).may(Permission.FINDINGS_DECIDE),
        "may_see_findings": account(request).may(Permission.FINDINGS_READ),
    }
    return render(request, "console/behaviour.html", context)


def _shown(request: HttpRequest, subject: str, error: UsageError | None = None) -> HttpResponse:
    _check_reach(request, subject, Permission.PEOPLE_READ)
    here, reader = process(), account(request)
    scores, watched = flow.scores(here.installation, subject), flow.unusual_days(here.installation, subject)
    if not scores and not watched:
        raise Http404
    first = min(*(one.day for one in scores), *(one.day for one in watched), feedback.number(date.max))
    found = feedback.of_days(feedback.moment(first).date(), subject)
    page = None
    if reader.may(Permission.FINDINGS_READ):
        fits = inquiry.within(reader.reach(Permission.FINDINGS_READ), here.answers.register.get())
        wanted = Filter(subject=subject, states=ALL_STATES)
        page = inquiry.page(here.installation, here.answers.register.get(), wanted, fits=fits, limit=_SHOWN)
    context = {
        "subject": subject,
        "party": here.answers.register.get().party(subject),
        "scores": [(feedback.moment(one.day).date(), one) for one in reversed(scores)],
        "has_peers": any(one.middle is not None for one in scores),
        "chart": _chart(scores, watched),
        "watched": _judged(watched, found),
        "objections": feedback.objections([one.finding.id for one in found]),
        "findings": page,
        "may_judge": reader.may(Permission.FINDINGS_DECIDE),
        "may_see_findings": reader.may(Permission.FINDINGS_READ),
        "may_contest": reader.may(Permission.FINDINGS_CONTEST),
        "may_ask": reader.may(Permission.UNMASKING_REQUEST),
        "error": error,
        "given": request.POST,
    }
    return render(request, "console/behaviour_one.html", context, status=400 if error else 200)


def _judged(watched: Sequence[Watched], findings: Sequence[StoredFinding]) -> list[dict[str, Any]]:
    """Return unusual days with how rare they are, and the finding on each, if there is one."""
    return [
        {
            "one": one,
            "day": feedback.moment(one.day).date(),
            "once_in": round(1 / one.p),
            "stored": feedback.covering(findings, one.subject, one.day),
        }
        for one in watched
    ]


def _chart(scores: Sequence[DayScore], watched: Sequence[Watched]) -> dict[str, Any]:
    """Return somebody's scores for the picture: a line, within the band of the peers; days that were told stand out."""
    told = {one.day for one in watched if one.told}

    def known(value: float | None) -> float | None:
        return None if value is None else round(value, 2)

    return {
        "kind": "band",
        "days": [f"{feedback.moment(one.day):%m-%d}" for one in scores],
        "own": [known(one.score) for one in scores],
        "low": [known(one.low) for one in scores],
        "middle": [known(one.middle) for one in scores],
        "high": [known(one.high) for one in scores],
        "told": [one.day in told for one in scores],
        "names": [_("score"), _("peers, the middle one"), _("eight in ten of the peers"), _("told")],
    }


def _check_reach(request: HttpRequest, subject: str, permission: Permission) -> None:
    """Answer as if there were nobody, for somebody of an organisation beyond the reader's."""
    if not _within(request, subject, permission):
        raise Http404


def _within(request: HttpRequest, subject: str, permission: Permission) -> bool:
    party = process().answers.register.get().party(subject)
    return account(request).reach(permission).covers(party.org if party else "", None)

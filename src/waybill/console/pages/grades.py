"""Grades: what rules suggest for each asset, why, and what a person confirms."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.flow.law import grading
from waybill.model.errors import UsageError
from waybill.model.words import Grade
from waybill.register import profiles
from waybill.rulebook.facts import vocabulary

PAGE = 100
"""Assets that one page lists; more are asked for by their name."""


@needs(Permission.REGISTER_READ)
def grades(request: HttpRequest) -> HttpResponse:
    """List assets with the grades that rules suggest: those first that should be graver."""
    return _shown(request)


@needs(Permission.ASSETS_GRADE)
@require_POST
def say(request: HttpRequest) -> HttpResponse:
    """Add a fact to what is known of an asset."""
    asset, fact, value = (asking.text(request.POST, name) for name in ("asset", "fact", "value"))
    try:
        _check_reach(request, asset)
        profiles.say(asset, {fact: value}, who=account(request).pseudonym)
    except UsageError as error:
        return _shown(request, error)
    return redirect("grades")


@needs(Permission.ASSETS_GRADE, recently="grades")
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Give an asset the grade that the person decided on."""
    here, today = process(), datetime.now(UTC).date()
    try:
        asset, grade = asking.text(request.POST, "asset"), asking.word(request.POST, "grade", Grade)
        _check_reach(request, asset)
        if grade is None:
            raise UsageError(_("This is no word known here."), where="grade", expected=", ".join(Grade))
        reason = asking.written(request, "reason")
        grading.confirm(here.installation, asset, grade, reason, today, who=account(request).pseudonym)
    except UsageError as error:
        return _shown(request, error)
    return redirect("grades")


def _shown(request: HttpRequest, error: UsageError | None = None) -> HttpResponse:
    here, today, reader = process(), datetime.now(UTC).date(), account(request)
    reach, name = reader.reach(Permission.REGISTER_READ), asking.text(request.GET, "name").casefold()
    found = [
        one
        for one in grading.suggestions(here.installation, today)
        if reach.covers(one.asset.owner, one.asset.grade)
        and (not name or name in one.asset.name.casefold() or name in one.asset.id.casefold())
    ]
    facts = {atom.fact for _, rule in here.answers.law.get().gradings.values() for atom in rule.when}
    context = {
        "found": found[:PAGE],
        "more": max(0, len(found) - PAGE),
        "open": sum(one.is_open for one in found),
        "facts": [fact for fact in vocabulary().values() if fact.name in facts],
        "grades": list(reversed(Grade)),
        "asked": {"name": asking.text(request.GET, "name")},
        "may_grade": reader.may(Permission.ASSETS_GRADE),
        "error": error,
    }
    return render(request, "console/grades.html", context, status=400 if error else 200)


def _check_reach(request: HttpRequest, asset: str) -> None:
    """Raise UsageError, as if it did not exist, for an asset beyond what the reader may grade."""
    found = process().installation.register().asset(asset)
    if found is None or not account(request).reach(Permission.ASSETS_GRADE).covers(found.owner, found.grade):
        raise UsageError("there is no such asset", where=asset, expected="the id of an asset of the register")

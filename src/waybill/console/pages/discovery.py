"""Discovery: what lies where, by grade; a person confirms a grade, and it is an asset."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.flow.discovery.contents import kinds
from waybill.flow.discovery.running import confirm as confirm_grade
from waybill.model.errors import UsageError
from waybill.model.words import Grade
from waybill.register import discoveries

PAGE = 50
"""Things that one page lists; more are asked for by place and grade."""


@needs(Permission.REGISTER_READ)
def discovery(request: HttpRequest) -> HttpResponse:
    """List what lies where: the gravest first."""
    return _shown(request)


@needs(Permission.ASSETS_GRADE, recently="discovery")
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Make something an asset with the grade and owner that the person decided on."""
    installation = process().installation
    try:
        found, grade = asking.text(request.POST, "found"), asking.word(request.POST, "grade", Grade)
        if not account(request).reach(Permission.ASSETS_GRADE).is_whole:
            raise UsageError("there is no such discovery", where=found)
        if grade is None:
            raise UsageError(_("This is no word known here."), where="grade", expected=", ".join(Grade))
        reason = asking.written(request, "reason")
        owner = asking.text(request.POST, "owner")
        confirm_grade(installation, found, grade, owner, reason, who=account(request).pseudonym)
    except UsageError as error:
        return _shown(request, error)
    return redirect("discovery")


def _shown(request: HttpRequest, error: UsageError | None = None) -> HttpResponse:
    """Show the page. What was found names places of everybody: only who may see all of it sees that."""
    reader = account(request)
    whole = reader.reach(Permission.REGISTER_READ).is_whole
    grade, place = asking.word(request.GET, "grade", Grade), asking.text(request.GET, "place")
    found = discoveries.every(grade=grade, place=place, most=PAGE) if whole else []
    context = {
        "whole": whole,
        "counts": _counts() if whole else [],
        "found": [(one, kinds(one)) for one in found],
        "more": discoveries.count(grade=grade, place=place) - len(found) if whole else 0,
        "grades": list(reversed(Grade)),
        "asked": {"grade": grade, "place": place},
        "may_grade": reader.may(Permission.ASSETS_GRADE),
        "error": error,
    }
    return render(request, "console/discovery.html", context, status=400 if error else 200)


def _counts() -> list[tuple[str, list[tuple[Grade, int]]]]:
    """Return by place how much of each grade lies there, the gravest first."""
    counts = discoveries.counts().items()
    return [(place, [(grade, by.get(grade, 0)) for grade in reversed(Grade)]) for place, by in counts]

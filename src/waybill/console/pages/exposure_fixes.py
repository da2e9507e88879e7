"""Closing an exposure: what would be done, as a dry run; done by one, or by two where others use what is changed."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.process import process
from waybill.flow import inquiry
from waybill.flow.surveys import fixing
from waybill.flow.surveys.fixing import Kept, Standing
from waybill.model.errors import UsageError, WaybillError


@needs(Permission.PLAYBOOKS_READ)
def shown(request: HttpRequest, id: str) -> HttpResponse:
    """Show what would close an exposure, and how a fix that somebody asked for stands; nothing is changed."""
    return _shown(request, id)


@needs(Permission.PLAYBOOKS_RUN, recently="exposures")
@require_POST
def ask(request: HttpRequest, id: str) -> HttpResponse:
    """Do it, or ask a second person to agree."""
    return _do(request, id, lambda who: fixing.ask(process().installation, id, who=who), Permission.PLAYBOOKS_RUN)


@needs(Permission.PLAYBOOKS_APPROVE, recently="exposures")
@require_POST
def agree(request: HttpRequest, id: str) -> HttpResponse:
    """Agree to what somebody else asked for, and do it."""
    return _do(request, id, lambda who: fixing.agree(process().installation, id, who=who), Permission.PLAYBOOKS_APPROVE)


@needs(Permission.PLAYBOOKS_RUN, recently="exposures")
@require_POST
def undo(request: HttpRequest, id: str) -> HttpResponse:
    """Put back what was there."""
    return _do(request, id, lambda who: fixing.undo(id, who=who), Permission.PLAYBOOKS_RUN)


def _do(request: HttpRequest, id: str, act: Callable[[str], Kept], permission: Permission) -> HttpResponse:
    reader = account(request)
    inquiry.check_within(reader.reach(permission), process().answers.register.get(), [id])
    try:
        act(reader.pseudonym)
    except UsageError as error:
        return _shown(request, id, error)
    return redirect("exposures-fix", id=id)


def _shown(request: HttpRequest, id: str, error: WaybillError | None = None) -> HttpResponse:
    here, reader = process(), account(request)
    register = here.answers.register.get()
    inquiry.check_within(reader.reach(Permission.PLAYBOOKS_READ), register, [id])
    kept, planned = fixing.kept(id), None
    try:
        planned = fixing.plan(here.installation, id)
    except WaybillError as fault:
        error = error or (None if kept else fault)
    context = {
        "id": id,
        "finding": inquiry.handled_one(here.installation, register, id, None).finding,
        "fix": planned.fix if planned else None,
        "says": planned.fix.says() if planned else None,
        "kept": kept,
        "kept_says": kept.fix.says() if kept else None,
        "is_own": kept is not None and kept.asked_by == reader.pseudonym,
        "waits": kept is not None and kept.standing is Standing.WAITING,
        "is_done": kept is not None and kept.standing is Standing.DONE,
        "may_run": reader.may(Permission.PLAYBOOKS_RUN),
        "may_agree": reader.may(Permission.PLAYBOOKS_APPROVE),
        "error": error,
    }
    return render(request, "console/exposure_fix.html", context, status=400 if error else 200)

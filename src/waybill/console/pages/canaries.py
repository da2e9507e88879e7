"""Marked copies and decoys: asked for by one, approved or refused by another, revoked; never of public interest."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.model.errors import UsageError
from waybill.model.register import RegisterSnapshot
from waybill.register import canaries as deliveries
from waybill.register.canaries import Canary, CanaryKind

PAGE = 100
"""Deliveries that are listed, the newest first; those that wait are listed whatever their number."""


@needs(Permission.CANARIES_READ)
def canaries(request: HttpRequest) -> HttpResponse:
    """List what waits and what was decided."""
    return _shown(request)


@needs(Permission.CANARIES_REQUEST)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a marked copy, decoys, or a decoy thing."""
    try:
        kind = asking.word(request.POST, "kind", CanaryKind)
        document, asset = asking.text(request.POST, "document"), asking.text(request.POST, "asset")
        if kind is None or not document:
            raise UsageError(_("This is no word known here."), where="kind, document", expected=", ".join(CanaryKind))
        _check_reach(request, asset, Permission.CANARIES_REQUEST)
        recipient, reason = asking.written(request, "recipient"), asking.written(request, "reason")
        deliveries.ask(kind, document, asset, recipient, reason, who=account(request).pseudonym)
    except UsageError as error:
        return _shown(request, error)
    return redirect("canaries")


@needs(Permission.CANARIES_DECIDE, recently="canaries")
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Approve or refuse what somebody else asks for."""
    try:
        _check_reach(request, _asset_of(number), Permission.CANARIES_DECIDE)
        approved, answer = request.POST.get("approved") == "yes", asking.written(request, "answer")
        deliveries.decide(number, approved, answer, who=account(request).pseudonym)
    except UsageError as error:
        return _shown(request, error)
    return redirect("canaries")


@needs(Permission.CANARIES_READ, recently="canaries")
@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Take back what was asked for or made."""
    reader = account(request)
    if not _may_revoke(request):
        raise PermissionDenied
    try:
        _check_reach(request, _asset_of(number), Permission.CANARIES_READ)
        deliveries.revoke(number, asking.written(request, "reason"), who=reader.pseudonym)
    except UsageError as error:
        return _shown(request, error)
    return redirect("canaries")


def _shown(request: HttpRequest, error: UsageError | None = None) -> HttpResponse:
    register, reader = process().installation.register(), account(request)
    seen = [one for one in deliveries.every() if _within(register, one.asset, request, Permission.CANARIES_READ)]
    waiting = [one for one in seen if one.approved is None and one.revoked_at is None]
    kinds = _kinds()
    context = {
        "waiting": [(one, kinds[one.kind], _may_decide(register, one, request)) for one in waiting],
        "decided": [(one, kinds[one.kind]) for one in seen if one not in waiting][:PAGE],
        "assets": [one for one in register.assets if _may_be_marked(register, one.id, request)],
        "kinds": [(str(kind), label) for kind, label in kinds.items()],
        "may_ask": reader.may(Permission.CANARIES_REQUEST),
        "may_revoke": _may_revoke(request),
        "error": error,
        "said": request.POST if error else {},
    }
    return render(request, "console/canaries.html", context, status=400 if error else 200)


def _kinds() -> dict[CanaryKind, str]:
    return {
        CanaryKind.COPY: _("a marked copy"),
        CanaryKind.DECOYS: _("rows of nobody in a table"),
        CanaryKind.THING: _("a decoy thing: a file, an object, a table"),
    }


def _may_revoke(request: HttpRequest) -> bool:
    return any(map(account(request).may, (Permission.CANARIES_REQUEST, Permission.CANARIES_DECIDE)))


def _may_decide(register: RegisterSnapshot, one: Canary, request: HttpRequest) -> bool:
    own = account(request).pseudonym == one.asked_by
    return not own and _within(register, one.asset, request, Permission.CANARIES_DECIDE)


def _may_be_marked(register: RegisterSnapshot, asset: str, request: HttpRequest) -> bool:
    """Return whether an asset is offered in the form: never one that the public has an interest in."""
    found = register.asset(asset)
    within = _within(register, asset, request, Permission.CANARIES_REQUEST)
    return found is not None and not found.public_interest and within


def _asset_of(number: int) -> str:
    return next((one.asset for one in deliveries.every() if one.number == number), "")


def _check_reach(request: HttpRequest, asset: str, permission: Permission) -> None:
    """Raise UsageError, as if it did not exist, for an asset beyond what the reader may see."""
    if not _within(process().installation.register(), asset, request, permission):
        raise UsageError("there is no such asset", where=asset)


def _within(register: RegisterSnapshot, asset: str, request: HttpRequest, permission: Permission) -> bool:
    found, reach = register.asset(asset), account(request).reach(permission)
    return reach.is_whole if found is None else reach.covers(found.owner, found.grade)

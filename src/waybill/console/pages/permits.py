"""Permits: who may move what and how much of it was used; asking for one, and deciding on what others ask for."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.flow import people
from waybill.model.errors import UsageError
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Channel
from waybill.register import permit_requests
from waybill.register.permit_requests import PermitRequest

TERMS = ("asset", "party", "place", "jurisdiction", "channel", "valid_from", "valid_until", "max_bytes", "max_records",
         "basis")  # fmt: skip
"""What a wish says of the permit, in the words of ``permits.csv``."""

_TIMES = ("valid_from", "valid_until")
_DECIDED = 50
"""Wishes that were decided and are still listed, the newest first."""


@needs(Permission.PERMITS_READ)
def permits(request: HttpRequest) -> HttpResponse:
    """List permits with what was used of them, and the wishes that wait."""
    return _shown(request)


@needs(Permission.PERMITS_REQUEST)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a permit."""
    here, reader = process().installation, account(request)
    cells = {name: asking.text(request.POST, name) for name in TERMS}
    cells |= {name: f"{cells[name]}T00:00:00Z" for name in _TIMES if cells[name]}
    try:
        _check_reach(here.register(), cells["asset"], request, Permission.PERMITS_REQUEST)
        reason = asking.written(request, "reason")
        permit_requests.ask(
            cells, reason, people.pseudonymiser(here), here.folder.key("identity"), who=reader.pseudonym
        )
    except UsageError as error:
        return _shown(request, error)
    return redirect("permits")


@needs(Permission.PERMITS_DECIDE, recently="permits")
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Grant or refuse what somebody else asks for."""
    here, reader = process().installation, account(request)
    try:
        wish = next((one for one in permit_requests.every() if one.number == number), None)
        if wish is not None:
            _check_reach(here.register(), wish.terms.asset, request, Permission.PERMITS_DECIDE)
        answer = asking.written(request, "answer")
        key, granted = here.folder.key("identity"), request.POST.get("granted") == "yes"
        permit_requests.decide(number, granted, answer, people.pseudonymiser(here), key, who=reader.pseudonym)
    except UsageError as error:
        return _shown(request, error)
    return redirect("permits")


def _shown(request: HttpRequest, error: UsageError | None = None) -> HttpResponse:
    here, reader = process(), account(request)
    register = here.installation.register()
    uses = here.answers.uses.get()
    found = [
        (permit, uses.get(permit.id))
        for permit in sorted(register.permits, key=lambda one: one.id)
        if _within(register, permit.asset, request, Permission.PERMITS_READ)
    ]
    wishes = [
        one
        for one in permit_requests.every()
        if one.asked_by == reader.pseudonym or _within(register, one.terms.asset, request, Permission.PERMITS_DECIDE)
    ]
    context = {
        "permits": found,
        "waiting": [(one, _may_decide(register, one, request)) for one in wishes if one.granted is None],
        "decided": [one for one in wishes if one.granted is not None][:_DECIDED],
        "assets": [one for one in register.assets if _within(register, one.id, request, Permission.PERMITS_REQUEST)],
        "places": register.places,
        "channels": list(Channel),
        "now": datetime.now(UTC),
        "may_ask": reader.may(Permission.PERMITS_REQUEST),
        "error": error,
        "said": request.POST if error else {},
    }
    return render(request, "console/permits.html", context, status=400 if error else 200)


def _may_decide(register: RegisterSnapshot, wish: PermitRequest, request: HttpRequest) -> bool:
    own = account(request).pseudonym in {wish.asked_by, wish.terms.party}
    return not own and _within(register, wish.terms.asset, request, Permission.PERMITS_DECIDE)


def _check_reach(register: RegisterSnapshot, asset: str, request: HttpRequest, permission: Permission) -> None:
    """Raise UsageError, as if it did not exist, for an asset beyond what the reader may see."""
    if not _within(register, asset, request, permission):
        raise UsageError("there is no such asset", where=asset, expected="the id of an asset of the register")


def _within(register: RegisterSnapshot, asset: str, request: HttpRequest, permission: Permission) -> bool:
    found = register.asset(asset)
    return found is not None and account(request).reach(permission).covers(found.owner, found.grade)

"""People, by pseudonym; and how a name is seen: one asks, another decides, for a while, and all of it is on record."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.flow import people as flow
from waybill.model.errors import UsageError
from waybill.model.register import RegisterSnapshot
from waybill.register import unmasking

_DECIDED = 50
"""Requests that were decided and are still listed, the newest first."""


@needs(Permission.PEOPLE_READ)
def people(request: HttpRequest) -> HttpResponse:
    """Show the requests to see a name, and the form for one."""
    return _shown(request)


@needs(Permission.UNMASKING_REQUEST, recently="people")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask to see who is behind a pseudonym."""
    here, pseudonym = process().installation, asking.text(request.POST, "pseudonym")
    finding = asking.text(request.POST, "finding")
    try:
        _check_reach(request, pseudonym, Permission.UNMASKING_REQUEST)
        unmasking.ask(
            pseudonym,
            asking.written(request, "reason"),
            who=account(request).pseudonym,
            finding=finding,
            asset=flow.asset_concerned(here, pseudonym, finding),
        )
    except UsageError as error:
        return _shown(request, error)
    return redirect("people")


@needs(Permission.UNMASKING_DECIDE, recently="people")
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Grant or refuse what somebody else asks for."""
    granted, hours = request.POST.get("granted") == "yes", asking.text(request.POST, "hours")
    try:
        wish = next((one for one in unmasking.every() if one.number == number), None)
        if wish is not None:
            _check_reach(request, wish.pseudonym, Permission.UNMASKING_DECIDE)
        answer = asking.written(request, "answer")
        wanted = int(hours) if hours.isdecimal() else unmasking.HOURS
        unmasking.decide(number, granted, answer, who=account(request).pseudonym, hours=wanted)
    except UsageError as error:
        return _shown(request, error)
    return redirect("people")


@needs(Permission.UNMASKING_REQUEST, recently="people")
@require_POST
def see(request: HttpRequest, number: int) -> HttpResponse:
    """Show the name that was granted, once for each time that it is asked for; each is on record."""
    key = process().installation.folder.key("identity")
    try:
        name = unmasking.see(number, key, who=account(request).pseudonym)
    except UsageError as error:
        return _shown(request, error)
    return _shown(request, seen=(number, name))


def _check_reach(request: HttpRequest, pseudonym: str, permission: Permission) -> None:
    """Raise UsageError, as if there were nobody, for a person of an organisation beyond the reader's."""
    if not _within(process().installation.register(), request, pseudonym, permission):
        raise UsageError("nobody is known by this pseudonym", where=pseudonym)


def _within(register: RegisterSnapshot, request: HttpRequest, pseudonym: str, permission: Permission) -> bool:
    party = register.party(pseudonym)
    return account(request).reach(permission).covers(party.org if party else "", None)


def _shown(
    request: HttpRequest, error: UsageError | None = None, *, seen: tuple[int, str] | None = None
) -> HttpResponse:
    """Show the reader's own requests, and of others those about people within reach: to decide on, or to look after."""
    reader, now, register = account(request), datetime.now(UTC), process().installation.register()
    decides = reader.may(Permission.UNMASKING_DECIDE)
    looks_after = decides or not reader.may(Permission.UNMASKING_REQUEST)
    permission = Permission.UNMASKING_DECIDE if decides else Permission.PEOPLE_READ
    found = [
        one
        for one in unmasking.every()
        if one.asked_by == reader.pseudonym or (looks_after and _within(register, request, one.pseudonym, permission))
    ]
    context = {
        "waiting": [
            (one, decides and reader.pseudonym not in {one.asked_by, one.pseudonym})
            for one in found
            if one.granted is None
        ],
        "decided": [
            (one, one.shows(now) and one.asked_by == reader.pseudonym) for one in found if one.granted is not None
        ][:_DECIDED],
        "may_ask": reader.may(Permission.UNMASKING_REQUEST),
        "hours": unmasking.HOURS,
        "most": unmasking.MOST_HOURS,
        "seen": seen,
        "error": error,
        "said": request.POST if error else request.GET,
    }
    return render(request, "console/people.html", context, status=400 if error else 200)

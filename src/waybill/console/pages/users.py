"""Accounts and their roles: inviting, changing, shutting; what an administrator does."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waybill.access import accounts, invitations
from waybill.access.accounts import Assignment
from waybill.access.roles import BOUND, Permission, Role
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.flow import people
from waybill.model.errors import UsageError
from waybill.model.words import Grade


@needs(Permission.USERS_MANAGE)
def users(request: HttpRequest) -> HttpResponse:
    """List accounts with their roles, and the form for an invitation."""
    return _shown(request)


@needs(Permission.USERS_MANAGE, recently="users")
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account and show its link, this once."""
    here, login = process().installation, asking.text(request.POST, "login")
    try:
        given = _assignments(request)
        user = accounts.open_for(people.introduce(here, login), given, who=account(request).pseudonym)
    except UsageError as error:
        return _shown(request, error)
    return _shown(request, link=(login, _link(request, invitations.invite(user))))


@needs(Permission.USERS_MANAGE, recently="users")
@require_POST
def change(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Give an account other roles, shut it, open it again, or make a new link for it."""
    who, what = account(request).pseudonym, asking.text(request.POST, "what")
    try:
        user = accounts.named(pseudonym)
        if what == "roles":
            accounts.assign(user, _assignments(request), who=who)
        elif what == "link":
            _check_another(pseudonym, who)
            link = _link(request, invitations.invite(user))
            return _shown(request, link=(people.login_of(process().installation, pseudonym), link))
        elif what in {"open", "shut"}:
            accounts.set_active(user, what == "open", who=who)
        else:
            raise UsageError("there is no such change", where=what[:40], expected="roles, link, open, shut")
    except UsageError as error:
        return _shown(request, error)
    return redirect("users")


def _assignments(request: HttpRequest) -> list[Assignment]:
    organisations = tuple(filter(None, (one.strip() for one in asking.text(request.POST, "organisations").split(";"))))
    grade, until = asking.word(request.POST, "grade", Grade) or Grade.CORE, asking.moment(request.POST, "until")
    return [
        Assignment(role=_role(name), organisations=organisations, grade=grade, until=until)
        for name in dict.fromkeys(request.POST.getlist("role"))
    ]


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise UsageError("there is no such role", where=name[:40], expected=", ".join(Role)) from None


def _check_another(pseudonym: str, who: str) -> None:
    """A link replaces password and factors: who could make one for himself would need neither to change them."""
    if pseudonym == who:
        raise UsageError("nobody makes a link for himself", advice="ask another administrator")


def _link(request: HttpRequest, secret: str) -> str:
    return people.link(process().installation, secret, f"{request.scheme}://{request.get_host()}")


def _shown(
    request: HttpRequest, error: UsageError | None = None, *, link: tuple[str, str] | None = None
) -> HttpResponse:
    here, reader = process().installation, account(request)
    listed: list[dict[str, Any]] = [
        {
            "account": one,
            "login": people.login_of(here, one.pseudonym),
            "given": {assignment.role for assignment in one.assignments},
            "bound": next(iter(one.assignments), None),
            "is_own": one.pseudonym == reader.pseudonym,
        }
        for one in accounts.every()
    ]
    context = {
        "listed": listed,
        "roles": list(Role),
        "bound": BOUND,
        "grades": list(reversed(Grade)),
        "link": link,
        "hours": invitations.HOURS,
        "error": error,
        "said": request.POST if error else {},
    }
    return render(request, "console/users.html", context, status=400 if error else 200)

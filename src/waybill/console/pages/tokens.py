"""Tokens by which agents send and programs read: made, told once, revoked."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waybill.access import tokens as access
from waybill.access.reach import Bound
from waybill.access.roles import Permission
from waybill.access.scopes import Scope
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.model.errors import UsageError
from waybill.model.words import Grade


@needs(Permission.TOKENS_MANAGE)
def tokens(request: HttpRequest) -> HttpResponse:
    """List tokens, and the form for one."""
    return _shown(request)


@needs(Permission.TOKENS_MANAGE, recently="tokens")
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    sources = [one.strip() for one in asking.text(request.POST, "sources").split(";") if one.strip()]
    try:
        scopes = [one for one in Scope if one in request.POST.getlist("scope")]
        until = asking.moment(request.POST, "until")
        name = asking.text(request.POST, "name")
        organisations = [one.strip() for one in asking.text(request.POST, "organisations").split(";") if one.strip()]
        bound = Bound(frozenset(organisations), asking.word(request.POST, "grade", Grade) or Grade.CORE)
        who = account(request).pseudonym
        made = access.create(name, scopes, who=who, sources=sources, bound=bound, expires_at=until)
    except UsageError as error:
        return _shown(request, error)
    return _shown(request, made=made)


@needs(Permission.TOKENS_MANAGE, recently="tokens")
@require_POST
def revoke(request: HttpRequest, id: str) -> HttpResponse:
    """End a token for good."""
    access.revoke(id, who=account(request).pseudonym)
    return redirect("tokens")


def _shown(
    request: HttpRequest, error: UsageError | None = None, *, made: tuple[access.Token, str] | None = None
) -> HttpResponse:
    now = datetime.now(UTC)
    context = {
        "tokens": [(token, token.is_good(now)) for token in access.every()],
        "scopes": list(Scope),
        "grades": list(reversed(Grade)),
        "days": access.DAYS,
        "made": made,
        "error": error,
        "said": request.POST if error else {},
    }
    return render(request, "console/tokens.html", context, status=400 if error else 200)

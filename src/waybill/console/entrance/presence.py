"""Who reads a page, as its template may show it."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from waybill.access.roles import Permission
from waybill.console.entrance.elsewhere import PROVIDER
from waybill.console.entrance.logins import login_of
from waybill.console.entrance.permitting import account, confirming
from waybill.console.process import process

_ELSEWHERE = {"provider_id": PROVIDER}


def reader(request: HttpRequest) -> dict[str, Any]:
    """Return ``reader`` for templates (a context processor): the account, its login, and what it may.

    ``reader.may.overview_read`` and so on, after the names of permissions; ``reader.is_confirmed`` says that it was
    shown in the last minutes who it is, and ``reader.confirming`` where to. None where nobody is signed in;
    then ``elsewhere`` is where another service signs people in, if one does.
    """
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        there = process().installation.settings.oidc_server
        return {"reader": None, "elsewhere": reverse("openid_connect_login", kwargs=_ELSEWHERE) if there else ""}
    return {"reader": SimpleLazyObject(lambda: _of(request))}


def _of(request: HttpRequest) -> dict[str, Any]:
    here = account(request)
    return {
        "account": here,
        "login": login_of(here.pseudonym),
        "is_confirmed": did_recently_reauthenticate(request),
        "confirming": confirming(request, request.path),
        "may": {one.name.lower(): here.may(one) for one in Permission},
    }

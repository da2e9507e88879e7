"""Lets a request through to a view, or not: each view says whom it is for by one of these decorators.

Whoever is signed in without a second factor gets to nothing but the pages on which to set one up. A test holds that
there is no view without one of these.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from waybill.access import accounts
from waybill.access.accounts import Account
from waybill.access.roles import Permission

View = Callable[..., Any]


class Entry(StrEnum):
    """Whom a view is for, where it asks for no permission."""

    ANYBODY = "anybody"
    ENROLLING = "enrolling"
    """Whoever is signed in, even without a second factor."""
    SIGNED_IN = "signed-in"


def needs(permission: Permission, *, recently: str = "") -> Callable[[View], View]:
    """Let only those through who have a permission.

    ``recently`` lets only those through who have shown again in the last minutes who they are; it names the page whose
    form this takes, where they come back to: what they typed is not kept meanwhile, since it may name somebody.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def permitted(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
            if elsewhere := _must_go_elsewhere(request):
                return elsewhere
            if not account(request).may(permission):
                raise PermissionDenied
            if recently and not did_recently_reauthenticate(request):
                return redirect(confirming(request, reverse(recently)))
            return view(request, *arguments, **named)

        return _told(permitted, permission)

    return decorate


def for_anybody(view: View) -> View:
    """Let everybody through: sign-in itself, and what must be seen before it."""

    @wraps(view)
    def permitted(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        return view(request, *arguments, **named)

    return _told(permitted, Entry.ANYBODY)


def for_the_signed_in(view: View) -> View:
    """Let everybody through who is signed in: pages that concern the reader alone."""

    @wraps(view)
    def permitted(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        return _must_go_elsewhere(request) or view(request, *arguments, **named)

    return _told(permitted, Entry.SIGNED_IN)


def for_the_enrolling(view: View) -> View:
    """Let those through who are signed in, even without a second factor: where one is set up."""

    @wraps(view)
    def permitted(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *arguments, **named)

    return _told(permitted, Entry.ENROLLING)


def account(request: HttpRequest) -> Account:
    """Return the account that is signed in, read once a request. Raises PermissionDenied if nobody is."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    known: Account | None = getattr(request, "account", None)
    if known is None:
        known = accounts.of(request.user)
        request.account = known  # type: ignore[attr-defined]  # kept with the request
    return known


def confirming(request: HttpRequest, back: str) -> str:
    """Return where somebody shows again who it is, and then comes back."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    return f"{methods[0]['url']}?{urlencode({'next': back})}" if methods else back


def entry_of(view: View) -> Permission | Entry | None:
    """Return whom a view is for; None if it does not say."""
    return getattr(view, "entry", None)


def _must_go_elsewhere(request: HttpRequest) -> HttpResponse | None:
    """Return where somebody is sent who is not signed in, or has no second factor yet."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not is_mfa_enabled(request.user):
        return redirect("enrol")
    return None


def _told(view: View, entry: Permission | Entry) -> View:
    view.entry = entry  # type: ignore[attr-defined]  # read by entry_of
    return view

"""Lets a request through to a view, or not: each view says whom it is for by one of these decorators.

Whoever is signed in without a second factor gets to nothing but the pages on which to set one up. A test holds that
there is no view without one of these.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from waybill.access import accounts
from waybill.access.accounts import Account
from waybill.access.models import User
from waybill.access.roles import Permission

View = Callable[..., Any]


class Entry(StrEnum):
    """Whom a view is for, where it asks for no permission."""

    ANYBODY = "anybody"
    ENROLLING = "enrolling"
    """Whoever is signed in, even without a second factor."""
    SIGNED_IN = "signed-in"


def needs(permission: Permission, *, recently: bool = False) -> Callable[[View], View]:
    """Let only those through who have a permission; ``recently``: who have just shown again who they are."""

    def decorate(view: View) -> View:
        inner = reauthentication_required(view) if recently else view

        @wraps(view)
        def permitted(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
            if elsewhere := _must_go_elsewhere(request):
                return elsewhere
            if not account(request).may(permission):
                raise PermissionDenied
            return inner(request, *arguments, **named)

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
        known = accounts.of(cast(User, request.user))
        request.account = known  # type: ignore[attr-defined]  # kept with the request
    return known


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

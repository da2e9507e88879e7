"""How a person takes an account into use: by the link of an invitation, then with a second factor."""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import logout
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import login, update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waybill.access import accounts, invitations
from waybill.access.models import Invitation, User
from waybill.console.entrance.forms import FirstForm, JoinForm
from waybill.console.entrance.identifying import unbind
from waybill.console.entrance.logins import login_of
from waybill.console.entrance.permitting import account
from waybill.console.process import process
from waybill.flow import people

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password", "again")
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the form for a password and take it. Looking at the page uses nothing up: mail programs look, too."""
    invitation = invitations.found(secret)
    if invitation is None:
        return _over(request)
    form = (JoinForm if invitation.user else FirstForm)(request.POST or None, user=invitation.user)
    if request.method == "POST" and form.is_valid():
        user = _accept(invitation, form.cleaned_data)
        if user is None:
            return _over(request)
        login(request, user, _BACKEND)
        record_authentication(request, user, method="password", reauthenticated=True)
        return redirect("enrol")
    shown = login_of(invitation.user.pseudonym) if invitation.user else ""
    return render(request, "console/join.html", {"form": form, "login": shown})


@require_safe
def enrol(request: HttpRequest) -> HttpResponse:
    """Offer the second factors; whoever has one goes on."""
    return redirect("overview") if is_mfa_enabled(request.user) else render(request, "console/enrol.html")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all sessions of the reader but this one."""
    user = accounts.named(account(request).pseudonym)
    accounts.end_sessions(user)
    update_session_auth_hash(request, user)
    return redirect("mfa_index")


def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out, and have the browser forget what it holds of us (W3C Clear Site Data)."""
    response: HttpResponse = logout(request)
    if request.method == "POST":
        response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _accept(invitation: Invitation, said: dict[str, str]) -> User | None:
    """Use the link up, and return its account with the new password, without factors; None if it was used meanwhile.

    Factors of before are gone, since a new link is for those who lost theirs, and so is who they were elsewhere.
    """
    with transaction.atomic():
        if not invitations.use_up(invitation):
            return None
        user = invitation.user
        if user is None:
            user = accounts.open_first(people.introduce(process().installation, said["login"]))
            people.first_link_file(process().installation).unlink(missing_ok=True)
        Authenticator.objects.filter(user=user).delete()
        unbind(user)
        accounts.set_password(user, said["password"])
    return user


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "console/join_over.html", status=HTTPStatus.GONE)

"""Passwords that a directory knows (LDAP), and sign-in by another service (OpenID Connect), for accounts made here.

Neither makes accounts nor gives roles, and both still ask for the second factor: they say who somebody is, no more.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import render

from waybill.access.accounts import forget_password
from waybill.access.directory import Directory, DirectoryError, Verdict
from waybill.access.models import User
from waybill.console.entrance.identifying import identified
from waybill.console.entrance.logins import login_of
from waybill.console.process import process
from waybill.flow.settings import Settings
from waybill.model.errors import UsageError

PROVIDER = "organisation"
"""What the other service is called in addresses."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def directory(settings: Settings) -> Directory | None:
    """Return the directory of the settings, if they name one. Raises UsageError for one that cannot be used."""
    if settings.ldap_url is None:
        return None
    password = settings.ldap_bind_password.get_secret_value() if settings.ldap_bind_password else ""
    found = Directory(
        settings.ldap_url,
        settings.ldap_base,
        settings.ldap_filter,
        settings.ldap_bind_name,
        password,
        settings.ldap_certificates,
    )
    found.check()
    return found


def provider(settings: Settings) -> dict[str, Any]:
    """Return the other service as allauth wants it, if the settings name one; raise UsageError for one without TLS."""
    if settings.oidc_server is None:
        return {}
    parts = urlsplit(settings.oidc_server)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise UsageError("this is asked over TLS alone", where="oidc_server", expected="https://id.example.com")
    app = {
        "provider_id": PROVIDER,
        "name": "OpenID Connect",
        "client_id": settings.oidc_client,
        "secret": settings.oidc_secret.get_secret_value() if settings.oidc_secret else "",
        "settings": {"server_url": settings.oidc_server, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}


class DirectoryBackend(BaseBackend):
    """Asks the directory, before anybody looks at passwords of our own: of whom it knows, it alone decides."""

    def authenticate(
        self, request: HttpRequest | None, username: str = "", password: str = "", **_: Any
    ) -> User | None:
        """Return the account whose login the directory knows with this password, and forget one that we have.

        None where the directory has no such login: then a password of ours counts. While it does not answer, too, but
        none that it ever took the place of. Raises PermissionDenied for what is wrong, and DirectoryError.
        """
        found = directory(process().installation.settings)
        if found is None:
            return None
        user = User.objects.filter(pseudonym=username, is_active=True).first()
        try:
            verdict = found.verdict(login_of(username), password)  # also where there is no account: no time tells
        except DirectoryError:
            if user is not None and user.check_password(password):
                return None
            raise
        if verdict is Verdict.UNKNOWN:
            return None
        if verdict is Verdict.WRONG or user is None:
            raise PermissionDenied
        if user.has_usable_password():
            forget_password(user)
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return an account that is open."""
        return User.objects.filter(pk=user_id, is_active=True).first()


class ElsewhereAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Lets in whom another service names, if there is an account for the name; nothing of what it tells is kept."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Return that nobody makes an account for himself."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Sign in the account that belongs to who comes, before anything of what is told is stored."""
        user = identified(sociallogin.account.extra_data)
        if user is None:
            raise ImmediateHttpResponse(render(request, "console/unknown.html", status=403))
        record_authentication(request, user, method="socialaccount")
        login = Login(user=user, redirect_url=sociallogin.get_redirect_url(request))
        raise ImmediateHttpResponse(perform_login(request, login))

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_: Any) -> None:
        """Tell that it did not work; what the other service said is not repeated."""
        raise ImmediateHttpResponse(render(request, "console/unknown.html", status=403))

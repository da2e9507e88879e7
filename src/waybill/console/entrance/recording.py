"""Puts on record who signed in, who could not, and who changed the own factors: Django and allauth tell, we listen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa import signals as factors
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest

from waybill.access.models import User
from waybill.access.recording import sign_in_record
from waybill.control import storage_faults
from waybill.outbox import adding as outbox


def connect() -> None:
    """Listen, once however often it is called."""
    for signal, receiver in (
        (user_logged_in, _signed_in),
        (user_logged_out, _signed_out),
        (user_login_failed, _failed),
        (factors.authentication_failed, _failed_second),
        (factors.authenticator_added, _added),
        (factors.authenticator_removed, _removed),
        (factors.authenticator_reset, _reset),
        (password_changed, _password_changed),
    ):
        signal.connect(receiver, dispatch_uid=f"waybill.{receiver.__name__}")


def _record(user: User | None, event: str, method: str = "") -> None:
    with storage_faults(), transaction.atomic():
        outbox.add(sign_in_record(user.pseudonym if user else "", event, method))


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    used = [str(one.get("type") or one["method"]) for one in get_authentication_records(request, user)]
    _record(user, "signed in", " + ".join(used))


def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        _record(user, "signed out")


def _failed(credentials: Mapping[str, Any], **_: Any) -> None:
    """Record a wrong password; where there is no such account, without whatever was typed."""
    user = User.objects.filter(pseudonym=str(credentials.get("username", ""))).first()
    _record(user, "failed", "password")


def _failed_second(user: User, authenticator: Any, **_: Any) -> None:
    _record(user, "failed", str(authenticator.type))


def _added(user: User, authenticator: Any, **_: Any) -> None:
    _record(user, "factor added", str(authenticator.type))


def _removed(user: User, authenticator: Any, **_: Any) -> None:
    _record(user, "factor removed", str(authenticator.type))


def _reset(user: User, authenticator: Any, **_: Any) -> None:
    _record(user, "factor renewed", str(authenticator.type))


def _password_changed(user: User, **_: Any) -> None:
    _record(user, "password changed", "password")

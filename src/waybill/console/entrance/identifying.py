"""Whose account it is whom another service names: by its issuer and its name for them, which never goes to another.

A login or an address may be changed there, and given to somebody else (OpenID Connect Core 1.0, 5.7). So the claim that
tells a login counts once, the first time that its owner comes; from then on the account belongs to that subject.
"""

from __future__ import annotations

import hmac
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from waybill.access.models import User
from waybill.access.recording import sign_in_record
from waybill.console.entrance.logins import pseudonym_of
from waybill.console.process import process
from waybill.control import storage_faults
from waybill.outbox import adding as outbox

BOUND = "elsewhere"
"""What rows of accounts that belong to a subject are marked with."""

_MAIL = "email"


def identified(told: dict[str, Any]) -> User | None:
    """Return the account of the subject that another service told of, or None; the first time it becomes its own.

    Without an identity token there is no issuer, and nobody is identified.
    """
    token, about = told.get("id_token", {}), told.get("userinfo", {})
    issuer, subject = token.get("iss"), token.get("sub")
    if not issuer or not subject or about.get("sub", subject) != subject:
        return None
    mark = _mark(str(issuer), str(subject))
    with storage_faults():
        bound = SocialAccount.objects.select_related("user").filter(provider=BOUND, uid=mark).first()
    if bound is not None:
        owner: User = bound.user
        return owner
    user = _named({**about, **token})
    return user if user is not None and _bind(user, mark) else None


def unbind(user: User) -> None:
    """Let an account belong to no subject: whoever opens its new link says anew who it is."""
    SocialAccount.objects.filter(user=user).delete()


def _named(claims: dict[str, Any]) -> User | None:
    """Return the account that a claim names; an address counts only where it was verified to be theirs."""
    claim = process().installation.settings.oidc_claim
    name = str(claims.get(claim) or "")
    if not name or (claim == _MAIL and claims.get("email_verified") is not True):
        return None
    with storage_faults():
        return User.objects.filter(pseudonym=pseudonym_of(name)).first()


def _bind(user: User, mark: str) -> bool:
    """Let an account belong to a subject; returns whether it does, for it may belong to another one."""
    with storage_faults(), transaction.atomic():
        if SocialAccount.objects.filter(user=user, provider=BOUND).exists():
            return False
        try:
            with transaction.atomic():
                SocialAccount.objects.create(user=user, provider=BOUND, uid=mark)
        except IntegrityError:  # the same subject came twice at once
            return False
        outbox.add(sign_in_record(user.pseudonym, "bound", "socialaccount"))
    return True


def _mark(issuer: str, subject: str) -> str:
    """Return what a subject is known by here: it tells nobody without our key who it is."""
    key = process().installation.folder.key("pseudonym")
    return hmac.digest(key, f"waybill subject 1\0{issuer}\0{subject}".encode(), "sha256").hex()

"""Links by which a person takes an account into use: they open once and for a while; only their hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from django.db import transaction

from waybill.access import models
from waybill.access.recording import sign_in_record
from waybill.control import storage_faults
from waybill.outbox import adding as outbox

HOURS = 24
"""How long a link opens."""


def invite(user: models.User | None) -> str:
    """Return the secret of a new link for an account, or without one for the first administrator's.

    Links of before open no longer.
    """
    secret = secrets.token_urlsafe(32)
    with storage_faults(), transaction.atomic():
        models.Invitation.objects.filter(user=user).delete()
        until = datetime.now(UTC) + timedelta(hours=HOURS)
        models.Invitation.objects.create(user=user, digest=_digest(secret), expires_at=until)
        outbox.add(sign_in_record(user.pseudonym if user else "", "invited", "link"))
    return secret


def found(secret: str) -> models.Invitation | None:
    """Return what a link opens, or None if it opens nothing, any longer or at all."""
    with storage_faults():
        links = models.Invitation.objects.select_related("user")
        row = links.filter(digest=_digest(secret), expires_at__gt=datetime.now(UTC)).first()
        if row is None or (row.user is None and models.User.objects.exists()):
            return None
        return row if row.user is None or row.user.is_active else None


def use_up(invitation: models.Invitation) -> bool:
    """Use a link up; return whether nobody has done so meanwhile. To be called in a transaction."""
    with storage_faults(), transaction.atomic():
        used, _ = models.Invitation.objects.filter(pk=invitation.pk).delete()
    return bool(used)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()

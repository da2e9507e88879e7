"""The secret of an authenticator while it is being set up: sealed in the session, and for minutes."""

from __future__ import annotations

import time
from typing import Any

from allauth.core import context
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY

from waybill.console.process import process
from waybill.flow.people import sealed, unsealed
from waybill.model.errors import DamagedError

ENROL_SECONDS = 600
"""Time from the picture of the secret to the first code; later, there is a new one."""


class AppForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth is untyped
    """Asks for the first code. What allauth keeps in the session, and so in the database, opens with our key alone."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        session, here = context.request.session, process().installation
        since, _, secret = _opened(session.pop(SECRET_SESSION_KEY, "")).partition(" ")
        if secret and time.time() - int(since) < ENROL_SECONDS:
            session[SECRET_SESSION_KEY] = secret  # for allauth, while this request lasts
        super().__init__(*arguments, **named)
        begun = since if self.secret == secret else str(int(time.time()))
        session[SECRET_SESSION_KEY] = sealed(here, f"{begun} {self.secret}")


def _opened(box: str) -> str:
    """Return what a session holds in the clear; nothing where it does not open, as after a change of the key."""
    try:
        return unsealed(process().installation, box) if box else ""
    except DamagedError:
        return ""

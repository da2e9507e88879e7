"""Passwords that everybody would try here first: the product's name and the login itself."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from waybill.access.models import User
from waybill.console.entrance.logins import login_of

WORDS = ("waybill", "运单")
SHORTEST = 4
"""Letters that a part of a login needs to count."""


class OwnWords:
    """Refuses passwords in which one of these words stands."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for such a password."""
        login = login_of(user.pseudonym) if user else ""
        parts = [part for part in re.split(r"[\W_]+", login.casefold()) if len(part) >= SHORTEST]
        if any(word in password.casefold() for word in (*WORDS, *parts)):
            raise ValidationError(_("The password names what it opens: this product, or your login."))

    def get_help_text(self) -> str:
        """Return what is asked of a password."""
        return _("Neither the name of this product nor your login is in it.")

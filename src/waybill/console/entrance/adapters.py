"""How allauth does things here: no accounts but by invitation, no mail, sealed factors, names known by their owner."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from waybill.access.models import User
from waybill.console.entrance.logins import login_of
from waybill.console.process import process
from waybill.flow.people import sealed, unsealed


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Accounts come by invitation alone, and mail goes nowhere."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return that nobody makes an account for himself."""
        return False

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return how somebody shows again who it is: by a second factor, by the password only where there is none."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        second = [method for method in methods if method["id"] != "reauthenticate"]
        return second[::-1] or methods

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Second factors rest sealed; an authenticator shows its owner the login, not the pseudonym."""

    def encrypt(self, text: str) -> str:
        """Return a secret as it rests."""
        return sealed(process().installation, text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret in the clear."""
        return unsealed(process().installation, encrypted_text)

    def get_totp_label(self, user: User) -> str:
        """Return what the owner's device calls the account."""
        return login_of(user.pseudonym)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return what a passkey belongs to: this name on the network, called Waybill."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Waybill"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """Return what the owner's device calls a passkey."""
        login = login_of(user.pseudonym)
        return {**super().get_public_key_credential_user_entity(user), "name": login, "display_name": login}

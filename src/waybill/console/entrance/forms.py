"""The forms of the way in."""

from __future__ import annotations

from typing import Any

from allauth.account.fields import PasswordField
from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from waybill.access.models import User
from waybill.console.entrance.logins import may_be_login, pseudonym_of


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth is untyped
    """Login and password. The login is turned into its pseudonym at once: nothing behind knows a name."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["login"].label = _("Login")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""

    def clean_login(self) -> str:
        """Return the pseudonym of the login."""
        return pseudonym_of(self.cleaned_data["login"])


class JoinForm(forms.Form):
    """The first password of an account."""

    password = PasswordField(label=_("Password"), autocomplete="new-password")
    again = PasswordField(label=_("The same password again"), autocomplete="new-password")

    def __init__(self, *arguments: Any, user: User | None = None, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._user = user
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def clean_password(self) -> str:
        """Return the password. Raises ValidationError for one that is guessed easily."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self._user)
        return password

    def clean(self) -> dict[str, Any]:
        """Compare both."""
        cleaned = super().clean() or {}
        if "password" in cleaned and cleaned["password"] != cleaned.get("again"):
            self.add_error("again", _("The two passwords differ."))
        return cleaned


class FirstForm(JoinForm):
    """The login and the password of the first administrator."""

    login = forms.CharField(
        label=_("Login"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    field_order = ("login", "password", "again")

    def clean_login(self) -> str:
        """Return the login. Raises ValidationError for one that no person has."""
        login: str = self.cleaned_data["login"].strip()
        if not may_be_login(login):
            raise forms.ValidationError(_("This is no login of a person: take one such as li.na."))
        return login

"""The console in this process: a data folder of its own, and browsers of people with the roles that a test names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client, override_settings

from waybill.access import accounts, models
from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.console import process
from waybill.console.entrance.configuring import configure_entrance
from waybill.control import close_database
from waybill.flow import people
from waybill.flow.installation import Installation

SERVICE = "waybill.console.settings"
HOST = "localhost"
QUICK = "django.contrib.auth.hashers.MD5PasswordHasher"
"""For tests alone: the real one takes most of a second, which is its point."""


class Site:
    """The console of one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.process = process.Process(data)
        self.installation = self.process.installation
        self._count = 0

    def browser(self, *, strict: bool = False) -> Client:
        """Return a browser that is signed in nowhere; ``strict``: forms must come from a page."""
        return Client(enforce_csrf_checks=strict, headers={"host": HOST})

    def account(self, *given: Role | Assignment, login: str = "") -> models.User:
        """Return a new account with these roles, which nobody has taken into use yet."""
        self._count += 1
        roles = [one if isinstance(one, Assignment) else assignment(one) for one in given]
        pseudonym = people.introduce(self.installation, login or f"person.{self._count}@example.com")
        return accounts.open_for(pseudonym, roles, who="test")

    def reader(self, *given: Role | Assignment) -> Client:
        """Return the browser of a new person with these roles, signed in with a second factor."""
        return self.browser_of(self.account(*given))

    def browser_of(self, user: models.User) -> Client:
        """Return a browser in which an account is signed in with a second factor."""
        from allauth.mfa.models import Authenticator

        secret = {"secret": people.sealed(self.installation, "A" * 32)}
        Authenticator.objects.get_or_create(user=user, type=Authenticator.Type.TOTP, defaults={"data": secret})
        browser = self.browser()
        browser.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        return browser


def assignment(role: Role) -> Assignment:
    """Return a role without bounds, so far as it may be given so."""
    return Assignment(role=role, organisations=("partner.example",) if role is Role.PARTNER else ())


def confirm(browser: Client) -> None:
    """Have the person in a browser shown again just now who it is."""
    import time

    session = browser.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(session["_auth_user_id"])
    session.save()


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder of the service once, to be copied."""
    data = tmp_path_factory.mktemp("site") / "data"
    Installation.open(data, create=True, django=SERVICE)
    close_database()
    return data


@pytest.fixture
def site(tmp_path: Path, empty_site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Open the console of a fresh data folder."""
    data = tmp_path / "data"
    shutil.copytree(empty_site, data)
    here = Site(data)
    monkeypatch.setattr(process, "_process", here.process)
    with override_settings(PASSWORD_HASHERS=[QUICK]):  # what is set inside goes away, too
        configure_entrance(here.installation, [HOST])
        yield here
    close_database()

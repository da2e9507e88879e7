"""Signing in with a passkey, as people do: a device of Chromium's own that verifies its user."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession
from tests.console.running import Service
from tests.e2e.browser import PASSWORD, Visitor, invite, join


def newcomer(chromium: Browser, service: Service, demo: Path, login: str, role: str) -> Visitor:
    """Return the browser of somebody who has just joined with a passkey."""
    visitor = Visitor(chromium.new_context(), f"http://localhost:{service.port}")
    join(visitor, invite(service, demo, login, role))
    return visitor


def sign_out(visitor: Visitor) -> None:
    """Sign out, as the button does."""
    visitor.go("/sign-out").locator("main button.main").click()
    visitor.page.wait_for_url(re.compile("/sign-in"))


def device(visitor: Visitor, **options: Any) -> CDPSession:
    """Give the browser a device that makes passkeys."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, "isUserVerified": True, **options}})
    return session


def test_a_passkey_signs_in_and_confirms(chromium: Browser, service: Service, demo: Path) -> None:
    visitor = newcomer(chromium, service, demo, "passkey.person", "administrator")
    page = visitor.page
    assert page.url.endswith("/me/codes") and page.locator(".codes li").count() == 10
    sign_out(visitor)
    visitor.go("/users")
    assert "/sign-in" in page.url, "signed out"
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile("/users$"))
    assert page.get_by_role("button", name="Make a link").count() == 0, "signing in is not confirming"
    page.locator("main a[href^='/again']").first.click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile("/users$"))
    assert page.get_by_role("button", name="Make a link").count() == 1
    assert visitor.complaints() == []


def test_a_passkey_is_a_second_factor_after_the_password(chromium: Browser, service: Service, demo: Path) -> None:
    visitor = newcomer(chromium, service, demo, "second.person", "auditor")
    sign_out(visitor)
    page = visitor.page
    page.locator("input[name=login]").fill("second.person")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(re.compile("/sign-in/second"))
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile(":[0-9]+/$"))
    assert visitor.complaints() == []


def test_a_device_that_does_not_verify_its_user_signs_nobody_in(
    chromium: Browser, service: Service, demo: Path
) -> None:
    visitor = Visitor(chromium.new_context(), f"http://localhost:{service.port}")
    device(visitor, isUserVerified=False, automaticPresenceSimulation=True)
    page = visitor.page
    page.goto(invite(service, demo, "stolen.device", "auditor"))
    for box in page.locator("input[type=password]").all():
        box.fill(PASSWORD)
    page.locator("button.main").click()
    page.locator("a.main").click()
    page.locator("button.main").click()
    page.locator("[data-trouble]").wait_for(state="visible")
    visitor.go("/")
    assert page.url.endswith("/me/enrol"), "no passkey, no way in"


def test_a_stranger_s_passkey_opens_nothing(chromium: Browser, service: Service) -> None:
    visitor = Visitor(chromium.new_context(), f"http://localhost:{service.port}")
    device(visitor, automaticPresenceSimulation=True)
    visitor.go("/sign-in").get_by_role("button", name="Sign in with a passkey").click()
    visitor.page.locator("[data-trouble]").wait_for(state="visible")

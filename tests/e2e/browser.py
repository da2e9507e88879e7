"""A real browser, and somebody who signs in with it by a passkey."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from tests.console.running import Service

CHROMIUM = os.environ.get("WAYBILL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
_NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""

PASSWORD = "seven lanterns on a slow river"


@contextmanager
def browser() -> Iterator[Browser]:
    """Run Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield running
        running.close()


@dataclass
class Visitor:
    """Somebody at a browser: goes to pages, and notes what the browser complains about."""

    context: BrowserContext
    address: str
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.add_init_script(_NOTE_VIOLATIONS)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))

    def prefer(self, language: str, theme: str) -> None:
        """Choose a language and colours, as the switches of the page do."""
        self.context.add_cookies(
            [
                {"name": "django_language", "value": language, "url": self.address},
                {"name": "theme", "value": theme, "url": self.address},
            ]
        )

    def go(self, path: str) -> Page:
        """Open a page and wait until everything on it is there."""
        self.page.goto(self.address + path)
        for number in range(self.page.locator("[data-chart]").count()):
            self.page.locator("[data-chart]").nth(number).locator("canvas").first.wait_for()
        self.page.locator(".htmx-request").wait_for(state="detached")
        return self.page

    def complaints(self) -> list[str]:
        """Return what the browser complained about since the last time, and what it refused to do."""
        found = [*self.troubles, *self.page.evaluate("window.violations ?? []")]
        self.troubles.clear()
        return found

    def shoot(self, folder: Path | None, name: str, *, whole: bool = True) -> None:
        """Keep a picture of the page, if pictures are wanted."""
        if folder is not None:
            self.page.screenshot(path=folder / f"{name}.png", full_page=whole)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"{message.type}: {message.text}")


def invite(service: Service, data: Path, login: str, *roles: str) -> str:
    """Return the link of an invitation, made by a process of its own: this one's loop is the browser's."""
    address = f"http://localhost:{service.port}"
    given = [part for role in roles for part in ("--role", role)]
    command = ["-m", "waybill", "users", "invite", login, *given, "--address", address, "--data", str(data)]
    done = subprocess.run([sys.executable, *command], check=True, capture_output=True, text=True)
    return done.stdout.split()[-1]


def join(visitor: Visitor, link: str) -> None:
    """Take an account into use: a password, then a passkey of a virtual authenticator that verifies its user."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page = visitor.page
    page.goto(link)
    for box in page.locator("input[type=password]").all():
        box.fill(PASSWORD)
    page.locator("button.main").click()
    page.locator("a.main").click()
    page.locator("input[name=name]").fill("desk")
    page.locator("button.main").click()
    page.wait_for_url(lambda url: "/me/passkeys" not in url)

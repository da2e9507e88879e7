"""Real servers on this machine for connectors to act on: an authorization server, and one that provisions accounts."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.flow.receiving import free_port

from waybill.respond.connectors.oauth import AuthorizationServer
from waybill.respond.connectors.scim import Provisioning

BEARER = "provisions-all"
CLIENT, SECRET, LOGIN, PASSWORD = "locker", "locks it all", "li.na", "her own"


@contextmanager
def program(*words: str, port: int) -> Iterator[None]:
    """Run a server until the block ends; it listens when the block begins."""
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not listens(port):
            assert server.poll() is None and time.monotonic() < until, f"{words} does not start"
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait(20)


def listens(port: int) -> bool:
    """Return whether somebody listens there."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def provisioning(*logins: str) -> Iterator[Provisioning]:
    """Run ``scim2-server``, a server of SCIM 2.0, with these accounts."""
    port = free_port()
    command = Path(sys.executable).parent / "scim2-server"
    with program(str(command), "--port", str(port), "--bearer-token", BEARER, port=port):
        here = Provisioning(f"http://127.0.0.1:{port}/v2", BEARER)
        for login in logins:
            user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login, "active": True}
            said(f"{here.url}/Users", json.dumps(user).encode(), {"Content-Type": "application/scim+json"})
        yield here


@dataclass(frozen=True)
class Grants:
    """An authorization server, and the way to get tokens of it."""

    server: AuthorizationServer
    url: str

    def sign_in(self) -> dict[str, Any]:
        """Return the tokens of a new grant."""
        return self._token(grant_type="password", username=LOGIN, password=PASSWORD)

    def refresh(self, token: str) -> dict[str, Any]:
        """Return new tokens for a refresh token, or why there are none."""
        return self._token(grant_type="refresh_token", refresh_token=token)

    def _token(self, **form: str) -> dict[str, Any]:
        form |= {"client_id": CLIENT, "client_secret": SECRET}
        return said(f"{self.url}/o/token/", urlencode(form).encode())

    def reads(self, token: str) -> bool:
        """Return whether a token opens what it is for."""
        return bool(said(f"{self.url}/mine", None, {"Authorization": f"Bearer {token}"}).get("login"))


@contextmanager
def authorization(folder: Path) -> Iterator[Grants]:
    """Run an authorization server of Django OAuth Toolkit with one account and one client."""
    port = free_port()
    script = Path(__file__).with_name("authorizing.py")
    with program(sys.executable, str(script), str(folder / "grants.sqlite3"), str(port), port=port):
        url = f"http://127.0.0.1:{port}"
        yield Grants(AuthorizationServer(f"{url}/o/revoke_token/", f"{url}/o/introspect/", CLIENT, SECRET), url)


def said(url: str, body: bytes | None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Return what a server answers, whichever status it has."""
    headers = {"Authorization": f"Bearer {BEARER}", **(headers or {})}
    try:
        with urlopen(Request(url, body, headers), timeout=20) as answer:
            content = answer.read()
    except HTTPError as error:
        content = error.read()
    try:
        found: dict[str, Any] = json.loads(content)
    except ValueError:
        return {}
    return found

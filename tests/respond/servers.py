"""Real systems on this machine for connectors to act on, each as long as a block runs."""

from __future__ import annotations

import json
import os
import shutil
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

import ldap3
from tests.access import slapd
from tests.flow.receiving import free_port

from waybill.respond.connectors.ldap import Directory, LockAccount
from waybill.respond.connectors.nftables import Firewall
from waybill.respond.connectors.oauth import AuthorizationServer
from waybill.respond.connectors.s3 import Storage
from waybill.respond.connectors.scim import Provisioning

BEARER, RULES = "provisions-all", "rules-it-all"
ROOT, POLICY = "cn=root,dc=example,dc=org", "cn=policy,dc=example,dc=org"
NAMESPACE = f"waybill-{os.getpid()}"
CLIENT, SECRET, LOGIN, PASSWORD = "locker", "locks it all", "li.na", "her own"


@contextmanager
def program(*words: str, port: int) -> Iterator[None]:
    """Run a server until the block ends; it listens when the block begins, however busy the machine is."""
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 180
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


@contextmanager
def directory(folder: Path) -> Iterator[slapd.Slapd]:
    """Run a directory whose accounts can be locked."""
    known = slapd._CONF
    slapd._CONF = known.replace("moduleload back_mdb", "moduleload back_mdb\nmoduleload ppolicy").replace(
        "directory {folder}/db",
        f'rootpw {RULES}\ndirectory {{folder}}/db\noverlay ppolicy\nppolicy_default "{POLICY}"',
    )
    try:
        with slapd.running(folder) as server:
            with rules(server) as connection:
                policy = {"cn": "policy", "pwdAttribute": "userPassword", "pwdLockout": "TRUE"}
                assert connection.add(POLICY, ["organizationalRole", "pwdPolicy"], policy), connection.result
            yield server
    finally:
        slapd._CONF = known


@contextmanager
def rules(server: slapd.Slapd) -> Iterator[Any]:
    """Yield a connection of the one who may do everything."""
    known = ldap3.Server(f"ldap://127.0.0.1:{server.plain}", get_info=ldap3.NONE)
    with ldap3.Connection(known, ROOT, RULES, check_names=False) as connection:
        yield connection


def locking(server: slapd.Slapd, password: str = RULES) -> LockAccount:
    """Return what locks accounts of a directory."""
    url = f"ldap://127.0.0.1:{server.plain}"
    return LockAccount(Directory(url, slapd.BASE, ROOT, password, policy=POLICY))


def network_problem() -> str:
    """Return why no network of its own can be made here; empty where it can."""
    if shutil.which("nft") is None or shutil.which("ip") is None or os.getuid() != 0:
        return "without nft, ip or the right to make a network namespace"
    made = subprocess.run(["ip", "netns", "add", NAMESPACE], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"no network namespace can be made here: {made.stderr.strip()}"
    subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)
    return ""


@contextmanager
def network() -> Iterator[Firewall]:
    """Make a network of its own, which nothing leaves."""
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    try:
        subprocess.run(["ip", "-n", NAMESPACE, "link", "set", "lo", "up"], check=True)
        yield Firewall(("ip", "netns", "exec", NAMESPACE, "nft"))
    finally:
        subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)


@contextmanager
def storage() -> Iterator[Storage]:
    """Run a service that speaks S3, with two buckets."""
    port = free_port()
    command = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    here = Storage("kept", f"http://127.0.0.1:{port}", access_key="test", secret_key="test")
    with program(*command, port=port), here.client(5.0) as client:
        for bucket in ("public", "kept"):
            client.create_bucket(Bucket=bucket)
        yield here

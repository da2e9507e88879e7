"""Sign-in by a directory and by another service: for accounts made here, and with a second factor all the same."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from tests.access.slapd import BASE, PASSWORD, SEARCHER, SEARCHERS_PASSWORD, is_installed, running
from tests.console.site import HOST, Site

from waybill.access import accounts, models
from waybill.access.roles import Role
from waybill.console.entrance.configuring import configure_entrance
from waybill.flow.settings import load_settings

OWN = "quite another 12 plums"
"""A password that this installation knows."""


def configured(site: Site, monkeypatch: pytest.MonkeyPatch, **settings: object) -> None:
    """Give the console further settings."""
    for name, value in settings.items():
        monkeypatch.setenv(f"WAYBILL_{name.upper()}", str(value))
    site.installation.settings = load_settings(site.data)
    configure_entrance(site.installation, [HOST])


@contextmanager
def directory(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run a directory that knows passwords while the block lasts, and name it in the settings for good."""
    if not is_installed():
        pytest.skip("slapd is not installed here (Debian: slapd)")
    (folder / "slapd").mkdir()
    with running(folder / "slapd") as slapd:
        configured(
            site,
            monkeypatch,
            ldap_url=f"ldaps://localhost:{slapd.secured}",
            ldap_base=BASE,
            ldap_bind_name=SEARCHER,
            ldap_bind_password=SEARCHERS_PASSWORD,
            ldap_certificates=slapd.authority,
        )
        yield


def test_a_directory_knows_the_password(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = site.account(Role.ANALYST, login="li.na")
    with directory(site, tmp_path, monkeypatch):
        browser = site.browser()
        assert browser.post("/sign-in", {"login": "li.na", "password": "wrong"}).status_code == 200
        assert browser.post("/sign-in", {"login": "wang(wei)*", "password": PASSWORD}).status_code == 200, "no account"
        assert browser.post("/sign-in", {"login": "Li.Na", "password": PASSWORD})["Location"] == "/"
        assert browser.get("/")["Location"] == "/me/enrol", "the second factor is asked for all the same"
        models.User.objects.filter(pk=user.pk).update(is_active=False)
        assert site.browser().post("/sign-in", {"login": "li.na", "password": PASSWORD}).status_code == 200
    away = site.browser().post("/sign-in", {"login": "nobody", "password": PASSWORD})
    assert away.status_code == 503, "that the directory does not answer is told, and is not a wrong password"
    assert PASSWORD.encode() not in (site.data / "control.sqlite3").read_bytes()


class Provider(BaseHTTPRequestHandler):
    """A small service of OpenID Connect that takes whoever comes for ``who``."""

    who = "li.na"
    subject = "17"
    about: dict[str, object] = {}  # noqa: RUF012  what it tells of them besides
    asked: dict[str, list[str]] = {}  # noqa: RUF012  the last question, kept with the class since one request is one object

    @property
    def base(self) -> str:
        """Its own address."""
        return f"http://{self.headers['Host']}"

    def do_GET(self) -> None:
        """Describe itself, or tell who somebody is."""
        path = urlsplit(self.path).path
        if path == "/.well-known/openid-configuration":
            names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            ends = {f"{name}_endpoint": f"{self.base}/{end}" for name, end in names.items()}
            methods = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
            self._say({"issuer": self.base, "jwks_uri": f"{self.base}/keys", **ends, **methods})
        elif path == "/userinfo":
            told = {"sub": self.subject, "preferred_username": self.who, "name": "Li Rare", "email": "rare@example.org"}
            self._say({**told, **self.about})

    def do_POST(self) -> None:
        """Give a token for a code."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).asked = parse_qs(body)
        claims = {"iss": self.base, "aud": "waybill", "sub": self.subject, "exp": time.time() + 60, "iat": time.time()}
        token = jwt.encode({**claims, "preferred_username": self.who}, "k" * 32, "HS256")
        self._say({"access_token": "t", "token_type": "Bearer", "id_token": token})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _say(self, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def other(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run another service that signs people in, and name it in the settings."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    configured(site, monkeypatch, oidc_server=address, oidc_client="waybill", oidc_secret="known to both")
    yield address
    server.shutdown()
    server.server_close()


def come_back(site: Site, **changed: str) -> Any:
    """Go to the other service and come back with a code; return what is answered."""
    browser = site.browser()
    gone = browser.get("/sign-in/elsewhere")["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(gone).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"http://{HOST}/sign-in/elsewhere/back"
    answer = browser.get("/sign-in/elsewhere/back", {"code": "c", "state": asked["state"], **changed})
    return browser, answer


def test_another_service_signs_in(site: Site, other: str) -> None:
    site.account(Role.ANALYST, login="li.na")
    assert "/sign-in/elsewhere" in site.browser().get("/sign-in").content.decode()
    browser, answer = come_back(site)
    assert answer["Location"] == "/" and browser.get("/")["Location"] == "/me/enrol"
    assert Provider.asked["client_secret"] == ["known to both"] and Provider.asked["code_verifier"]
    rest = b"".join(path.read_bytes() for path in site.data.rglob("control.sqlite3*"))
    assert b"rare" not in rest.lower(), "nothing of what it told is kept"


def test_whom_nobody_invited_is_not_let_in(site: Site, other: str) -> None:
    _, answer = come_back(site)
    assert answer.status_code == 403
    assert not models.User.objects.exists()


@pytest.mark.parametrize("changed", [{"state": "forged"}, {"error": "access_denied"}])
def test_an_answer_that_was_not_asked_for_is_refused(site: Site, other: str, changed: dict[str, str]) -> None:
    site.account(Role.ANALYST, login="li.na")
    browser, answer = come_back(site, **changed)
    assert answer.status_code in {302, 403}
    assert browser.get("/")["Location"].startswith("/sign-in")


def test_another_service_is_asked_over_tls(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from waybill.model.errors import UsageError

    with pytest.raises(UsageError, match="TLS"):
        configured(site, monkeypatch, oidc_server="http://id.example.org", oidc_client="waybill")


def test_whom_the_directory_knows_it_alone_lets_in(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known, other = site.account(Role.ANALYST, login="li.na"), site.account(Role.ADMINISTRATOR, login="guest.admin")
    for user in (known, other):
        accounts.set_password(user, OWN)

    def may_come(login: str, password: str) -> bool:
        return site.browser().post("/sign-in", {"login": login, "password": password}).status_code == 302

    with directory(site, tmp_path, monkeypatch):
        assert not may_come("li.na", OWN), "the directory knows the login, and not this password"
        assert may_come("guest.admin", OWN), "whom it does not know, we do"
        assert may_come("li.na", PASSWORD)
        assert not models.User.objects.get(pk=known.pk).has_usable_password()
    assert may_come("guest.admin", OWN), "also while the directory is away"
    assert site.browser().post("/sign-in", {"login": "li.na", "password": OWN}).status_code == 503


def test_an_account_belongs_to_the_first_subject_that_came(
    site: Site, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.account(Role.ANALYST, login="li.na")
    site.account(Role.ADMINISTRATOR, login="wang.wei")
    assert come_back(site)[1]["Location"] == "/"
    monkeypatch.setattr(Provider, "who", "wang.wei")  # the same subject takes another's name there
    browser, _ = come_back(site)
    assert browser.session["_auth_user_id"] == str(models.User.objects.order_by("pk")[0].pk)
    monkeypatch.setattr(Provider, "who", "li.na")
    monkeypatch.setattr(Provider, "subject", "18")  # and another subject the name
    assert come_back(site)[1].status_code == 403
    rest = b"".join(path.read_bytes() for path in site.data.rglob("control.sqlite3*"))
    assert other.encode() not in rest, "nor is kept where it was"


@pytest.mark.parametrize("verified", [None, False, "no"])
def test_an_address_that_nobody_verified_names_nobody(
    site: Site, other: str, monkeypatch: pytest.MonkeyPatch, verified: object
) -> None:
    configured(site, monkeypatch, oidc_claim="email")
    site.account(Role.ANALYST, login="rare@example.org")
    monkeypatch.setattr(Provider, "about", {"email_verified": verified})
    assert come_back(site)[1].status_code == 403
    monkeypatch.setattr(Provider, "about", {"email_verified": True})
    assert come_back(site)[1]["Location"] == "/"


def test_two_names_for_one_who_comes_are_nobody(site: Site, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site.account(Role.ANALYST, login="li.na")
    monkeypatch.setattr(Provider, "about", {"sub": "18"})
    assert come_back(site)[1].status_code == 403


def test_a_new_link_lets_another_subject_come(site: Site, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from waybill.access import invitations

    user = site.account(Role.ANALYST, login="li.na")
    come_back(site)
    site.browser().post(f"/join/{invitations.invite(user)}", {"password": OWN, "again": OWN})
    monkeypatch.setattr(Provider, "subject", "18")
    assert come_back(site)[1]["Location"] == "/"

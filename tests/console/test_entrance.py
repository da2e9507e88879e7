"""The way in: links, passwords, second factors, sessions, and what of all this is on record."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from tests.console.site import Site, confirm

from waybill.access import invitations, models
from waybill.access.roles import Role
from waybill.console.entrance import enrolling
from waybill.outbox.kinds import Kind
from waybill.outbox.models import Row

PASSWORD = "four words nobody joins"


def code_of(secret: str, step: int = 0) -> str:
    """Return what an authenticator app shows now, or some steps later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step)))


def join(browser: Client, secret: str, **said: str) -> Any:
    """Open a link and choose a password."""
    return browser.post(f"/join/{secret}", {"password": PASSWORD, "again": PASSWORD, **said})


def enrol(browser: Client) -> str:
    """Set an authenticator app up and return its key."""
    shown = browser.get("/me/app").content.decode()
    key = re.search("<code>([A-Z2-7]{16,})</code>", shown)
    assert key is not None
    assert browser.post("/me/app", {"code": code_of(key[1])})["Location"] == "/me/codes"
    return key[1]


def member(site: Site, login: str = "li.na") -> tuple[models.User, str]:
    """Return an account in use and the key of its app."""
    user = site.account(Role.ANALYST, login=login)
    browser = site.browser()
    join(browser, invitations.invite(user))
    key = enrol(browser)
    Authenticators().forget_used()
    return models.User.objects.get(pk=user.pk), key


def test_the_secret_of_an_app_rests_nowhere_in_the_clear(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = site.browser()
    join(browser, invitations.invite(site.account(Role.ANALYST, login="li.na")))
    shown = re.search("<code>([A-Z2-7]{16,})</code>", browser.get("/me/app").content.decode())
    assert shown is not None
    assert shown[1] not in str(dict(browser.session)), "while it is set up"
    with monkeypatch.context() as later:
        later.setattr(enrolling, "ENROL_SECONDS", 0)
        assert browser.post("/me/app", {"code": code_of(shown[1])}).status_code == 200, "too late"
    key = enrol(browser)
    assert key != shown[1] and key not in str(dict(browser.session))


class Authenticators:
    """What is remembered of codes and tries."""

    def forget_used(self) -> None:
        """Let codes be used again, and tries begin anew."""
        from django.core.cache import cache

        cache.clear()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    Authenticators().forget_used()


def events(user: models.User | None = None) -> list[str]:
    """Return what is on record of signing in."""
    rows = Row.objects.filter(kind=Kind.SIGN_IN, reference=user.pseudonym if user else "").order_by("id")
    return [re.search('"event":"([^"]*)"', row.content)[1] for row in rows]  # type: ignore[index]


def test_the_first_administrator_joins_by_a_link_that_opens_once(site: Site) -> None:
    secret = invitations.invite(None)
    browser = site.browser()
    assert browser.get(f"/join/{secret}").status_code == 200
    assert join(browser, secret, login="root").status_code == 200, "root is nobody's login"
    assert join(browser, secret, login="li.na")["Location"] == "/me/enrol"
    assert browser.get("/").status_code == 302, "nothing without a second factor"
    enrol(browser)
    codes = re.findall(r"<code>(\d{8})</code>", browser.get("/me/codes").content.decode())
    assert len(set(codes)) == 10
    assert browser.get("/").status_code == 200
    (user,) = models.User.objects.all()
    assert [one.role for one in user.assignments.all()] == [Role.ADMINISTRATOR]
    assert site.browser().get(f"/join/{secret}").status_code == 410
    assert join(site.browser(), invitations.invite(None), login="wang.wei").status_code == 410


def test_a_link_ends(site: Site) -> None:
    user = site.account(Role.ANALYST)
    first, second = invitations.invite(user), invitations.invite(user)
    assert site.browser().get(f"/join/{first}").status_code == 410, "a new link replaces the old one"
    models.Invitation.objects.update(expires_at="2026-01-01T00:00:00Z")
    assert join(site.browser(), second).status_code == 410
    third = invitations.invite(user)
    models.User.objects.update(is_active=False)
    assert join(site.browser(), third).status_code == 410
    assert third.encode() not in (site.data / "control.sqlite3").read_bytes()


def test_a_new_link_replaces_password_and_factors_and_ends_sessions(site: Site) -> None:
    user, _ = member(site)
    elsewhere = site.browser_of(models.User.objects.get())
    join(site.browser(), invitations.invite(user))
    assert elsewhere.get("/")["Location"].startswith("/sign-in")
    assert not user.authenticator_set.exists()  # type: ignore[attr-defined]  # allauth's relation


@pytest.mark.parametrize(
    "password", ["short", "123456789012345", "1q2w3e4r5t6y", "open Waybill now!", "my name is Person.1"]
)
def test_passwords_that_are_guessed_are_refused(site: Site, password: str) -> None:
    secret = invitations.invite(site.account())
    answer = site.browser().post(f"/join/{secret}", {"password": password, "again": password})
    assert answer.status_code == 200
    assert not models.User.objects.get().has_usable_password()


def test_passwords_rest_as_scrypt_says() -> None:
    from waybill.console import settings

    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.ScryptPasswordHasher"]


def sign_in(browser: Client, login: str, password: str = PASSWORD, **said: str) -> Any:
    """Give login and password."""
    return browser.post("/sign-in", {"login": login, "password": password, **said})


def test_sign_in_asks_for_both_factors_and_no_code_works_twice(site: Site) -> None:
    user, key = member(site)
    browser = site.browser()
    assert sign_in(browser, " LI.NA ")["Location"] == "/sign-in/second"
    assert browser.get("/")["Location"].startswith("/sign-in"), "one factor is none"
    code = code_of(key)
    assert browser.post("/sign-in/second", {"code": "000000"}).status_code == 200
    assert browser.post("/sign-in/second", {"code": code})["Location"] == "/"
    assert browser.get("/").status_code == 200
    other = site.browser()
    sign_in(other, "li.na")
    assert other.post("/sign-in/second", {"code": code}).status_code == 200, "the code was used"
    browser.post("/sign-out")
    assert browser.get("/").status_code == 302
    assert events(user) == [
        "invited",
        "joined",
        "factor added",
        "factor added",
        "failed",
        "signed in",
        "failed",
        "signed out",
    ]


def test_a_recovery_code_opens_once(site: Site) -> None:
    from allauth.mfa.models import Authenticator

    user, _ = member(site)
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    first, second = site.browser(), site.browser()
    for browser in (first, second):
        sign_in(browser, "li.na")
    assert first.post("/sign-in/second", {"code": codes[0]})["Location"] == "/"
    assert second.post("/sign-in/second", {"code": codes[0]}).status_code == 200
    rest = (site.data / "control.sqlite3").read_bytes() + (site.data / "control.sqlite3-wal").read_bytes()
    assert codes[1].encode() not in rest


def test_wrong_tries_are_slowed_told_alike_and_recorded(site: Site) -> None:
    user, _ = member(site)
    known, unknown = site.browser(), site.browser()
    texts = [
        re.sub('value="[^"]*"', "", sign_in(browser, login, "wrong").content.decode())
        for browser, login in ((known, "li.na"), (unknown, "no.body"))
    ]
    assert texts[0] == texts[1], "nobody learns who has an account"
    for _ in range(6):
        answer = sign_in(known, "li.na", "wrong")
    assert "Too many failed" in answer.content.decode()
    assert "Location" not in sign_in(known, "li.na"), "the right password comes too late now"
    assert events(user).count("failed") == 5
    assert events(None) == ["failed"]


def test_a_shut_account_is_shut_at_once(site: Site) -> None:
    from waybill.access.accounts import set_active

    user, _ = member(site)
    inside = site.browser_of(user)
    assert inside.get("/").status_code == 200
    set_active(user, False, who="test")
    assert inside.get("/").status_code == 302
    assert sign_in(site.browser(), "li.na")["Location"] == "/sign-in/shut"


def test_sessions_end_elsewhere_on_demand_and_for_good_when_an_account_is_shut(site: Site) -> None:
    from waybill.access.accounts import set_active

    user = site.account(Role.ANALYST)
    here, there = site.browser_of(user), site.browser_of(user)
    assert here.post("/me/sessions/end")["Location"] == "/me"
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    set_active(user, False, who="test")
    set_active(user, True, who="test")
    assert here.get("/").status_code == 302, "a session of before does not come back"


def test_one_signs_out_from_every_page(site: Site) -> None:
    browser = site.reader(Role.AUDITOR)
    assert 'action="/sign-out"' in browser.get("/").content.decode()
    key = browser.cookies["sessionid"].value
    answer = browser.post("/sign-out")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    browser.cookies["sessionid"] = key
    assert browser.get("/").status_code == 302


def test_changing_the_password_takes_the_old_one(site: Site) -> None:
    user, _ = member(site)
    browser, other = site.browser_of(user), site.browser_of(user)
    confirm(browser)
    new = "other words nobody joins"
    said = {"oldpassword": "wrong", "password1": new, "password2": new}
    assert browser.post("/me/password", said).status_code == 200
    assert browser.post("/me/password", {**said, "oldpassword": PASSWORD}).status_code == 302
    assert other.get("/").status_code == 302
    assert sign_in(site.browser(), "li.na", new).status_code == 302


def test_long_passwords_are_taken_as_they_are(site: Site) -> None:
    user = site.account(Role.ANALYST, login="li.na")
    long = " ÄÖ 中文 " + "long words " * 10
    join(site.browser(), invitations.invite(user), password=long, again=long)
    assert sign_in(site.browser(), "li.na", long).status_code == 302
    assert sign_in(site.browser(), "li.na", long.strip()).status_code == 200


def test_names_rest_nowhere_in_the_clear(site: Site) -> None:
    member(site, "zhang.wei.rare")
    sign_in(site.browser(), "zhang.wei.rare")
    sign_in(site.browser(), "somebody.else.rare", "wrong")
    rest = b"".join(path.read_bytes() for path in site.data.rglob("*") if path.is_file())
    assert b"rare" not in rest.lower()


def test_the_session_is_new_after_sign_in(site: Site) -> None:
    _, key = member(site)
    browser = site.browser()
    browser.get("/sign-in")
    sign_in(browser, "li.na")
    before = browser.cookies["sessionid"].value
    browser.post("/sign-in/second", {"code": code_of(key)})
    assert browser.cookies["sessionid"].value != before


@pytest.mark.parametrize(("name", "seconds"), [("seen", 31 * 60), ("begun", 13 * 3600)])
def test_sessions_end(site: Site, name: str, seconds: int) -> None:
    browser = site.reader(Role.ANALYST)
    assert browser.get("/").status_code == 200
    session = browser.session
    session[name] -= seconds
    session.save()
    assert browser.get("/")["Location"].startswith("/sign-in")


def test_what_a_page_asks_by_itself_keeps_no_session_alive(site: Site) -> None:
    browser = site.reader(Role.ANALYST)
    browser.get("/")
    session = browser.session
    session["seen"] -= 120
    session.save()
    browser.get("/", headers={"HX-Request": "true"})
    assert browser.session["seen"] == session["seen"]
    browser.get("/")
    assert browser.session["seen"] > session["seen"]


def test_factors_change_only_after_showing_who_it_is(site: Site) -> None:
    browser = site.reader(Role.ANALYST)
    for path in ("/me/app/remove", "/me/codes/new", "/me/passkeys/new", "/me/password"):
        assert browser.get(path)["Location"].startswith("/again/second?next="), path
    confirm(browser)
    assert browser.get("/me/passkeys/new").status_code == 200


def test_forms_come_from_pages(site: Site) -> None:
    browser = site.browser(strict=True)
    assert sign_in(browser, "li.na").status_code == 403
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/sign-in").content.decode())
    assert token is not None
    assert sign_in(browser, "li.na", csrfmiddlewaretoken=token[1]).status_code == 200
    evil = {"Origin": "https://evil.example"}
    answer = browser.post("/sign-in", {"csrfmiddlewaretoken": token[1]}, headers=evil)
    assert answer.status_code == 403


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(site: Site, to: str) -> None:
    _, key = member(site)
    browser = site.browser()
    sign_in(browser, "li.na", next=to)
    assert browser.post("/sign-in/second", {"code": code_of(key)})["Location"] == "/"
    assert site.reader(Role.ANALYST).get("/sign-in", {"next": to})["Location"] == "/"
    assert browser.post("/sign-out", {"next": to})["Location"] == "/sign-in"


def test_where_one_wanted_to_go_is_kept(site: Site) -> None:
    _, key = member(site)
    browser = site.browser()
    wanted = browser.get("/me")["Location"]
    assert wanted == "/sign-in?next=/me"
    sign_in(browser, "li.na", next="/me")
    assert browser.post("/sign-in/second", {"code": code_of(key)})["Location"] == "/me"


def test_pages_cannot_be_framed_nor_load_from_elsewhere(site: Site) -> None:
    for browser, path in ((site.browser(), "/sign-in"), (site.reader(Role.ANALYST), "/me")):
        headers = browser.get(path).headers
        content = headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in content and "unsafe" not in content and "http" not in content
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"].startswith("no-store") or "no-store" in headers["Cache-Control"]
        assert "Strict-Transport-Security" not in headers, "this machine speaks to itself"


def test_behind_a_proxy_everything_goes_over_tls(site: Site) -> None:
    from waybill.console.entrance.configuring import configure_entrance

    configure_entrance(site.installation, ["localhost", "waybill.example"])
    browser = Client(headers={"host": "waybill.example", "x-forwarded-for": "192.0.2.7"})
    assert browser.get("/sign-in").status_code == 403
    answer = browser.get("/sign-in", headers={"x-forwarded-proto": "https"})
    assert answer.status_code == 200
    programs = browser.get("/api/v1/openapi.json", headers={"x-forwarded-proto": "https"})
    assert all("max-age=31536000" in one["Strict-Transport-Security"] for one in (answer, programs))
    csrf = answer.cookies["__Host-csrf"]
    assert csrf["secure"] and csrf["httponly"] and csrf["samesite"] == "Lax" and not csrf["domain"]
    assert Client(headers={"host": "evil.example"}).get("/sign-in").status_code == 400


def test_scripts_stand_in_files(site: Site) -> None:
    page = site.browser().get("/sign-in").content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", page)
    assert not re.search(r"\son[a-z]+=|style=", page)

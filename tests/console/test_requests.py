"""Permits and names take two people; accounts and tokens take an administrator who has just shown who it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.console.site import Site, assignment, confirm
from tests.flow.test_exits import register

from waybill.access import models
from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.model.errors import UsageError
from waybill.model.words import Grade
from waybill.outbox.kinds import Kind
from waybill.outbox.models import Row
from waybill.register import permit_requests, unmasking

TERMS = {"asset": "plans", "channel": "web", "valid_until": "2099-01-01", "basis": "licence 7", "reason": "repairs"}


@pytest.fixture
def filled(site: Site, tmp_path: Path) -> Site:
    """Return a console whose register knows an asset and a person."""
    register(
        site.installation,
        tmp_path / "register",
        assets=(
            "id,name,kind,grade,owner,public_interest\nplans,Plans,data,core,north,\n"
            "waste,Waste figures,data,general,north,yes\nnotes,Notes,data,general,south,\n"
        ),
        parties=(
            "id,kind,org\nnorth,organisation,\nsouth,organisation,\nzhao.rare,person,north\n"
            "officer.one,person,south\nofficer.two,person,north\n"
        ),
    )
    return site


def confirmed(site: Site, *roles: Role | Assignment, login: str = "") -> Client:
    """Return the browser of somebody who has just shown who it is."""
    browser = site.browser_of(site.account(*roles, login=login))
    confirm(browser)
    return browser


def pseudonym(site: Site, login: str = "zhao.rare") -> str:
    """Return the pseudonym of somebody."""
    from waybill.flow.people import pseudonym_of

    return pseudonym_of(site.installation, login)


def steps(kind: Kind) -> list[str]:
    """Return the steps on record."""
    return [re.search('"step":"([a-z]+)"', row.content)[1] for row in Row.objects.filter(kind=kind).order_by("id")]  # type: ignore[index]


def test_a_permit_takes_two_people(filled: Site) -> None:
    asking, deciding = confirmed(filled, Role.TRADE_CONTROL), confirmed(filled, Role.TRADE_CONTROL)
    assert asking.post("/permits/ask", TERMS).status_code == 302
    (wish,) = permit_requests.every()
    own = asking.post(f"/permits/{wish.number}/decide", {"granted": "yes", "answer": "fine"})
    assert own.status_code == 400 and not filled.installation.register().permits
    assert "licence 7" in deciding.get("/permits").content.decode()
    assert deciding.post(f"/permits/{wish.number}/decide", {"granted": "yes", "answer": "fine"}).status_code == 302
    (permit,) = filled.installation.register().permits
    assert (permit.asset, permit.channel, permit.basis) == ("plans", "web", "licence 7")
    again = deciding.post(f"/permits/{wish.number}/decide", {"granted": "no", "answer": "no"})
    assert again.status_code == 400
    assert steps(Kind.PERMIT_REQUEST) == ["asked", "granted"]
    assert Row.objects.filter(kind=Kind.PERMIT, reference=permit.id).count() == 1


def test_a_refusal_has_a_reason(filled: Site) -> None:
    asking, deciding = filled.reader(Role.ANALYST), confirmed(filled, Role.TRADE_CONTROL)
    asking.post("/permits/ask", TERMS)
    (wish,) = permit_requests.every()
    path = f"/permits/{wish.number}/decide"
    assert deciding.post(path, {"granted": "no", "answer": " "}).status_code == 400
    assert asking.post(path, {"granted": "yes", "answer": "fine"}).status_code == 403
    deciding.post(path, {"granted": "no", "answer": "no licence"})
    assert not filled.installation.register().permits
    assert "no licence" in asking.get("/permits").content.decode()


@pytest.mark.parametrize(
    "change",
    [{"asset": "nothing"}, {"valid_until": "2020-01-01"}, {"valid_until": ""}, {"basis": ""}, {"reason": ""},
     {"place": "nowhere"}, {"max_bytes": "-1"}, {"channel": "owl"}],
    ids="-".join,
)  # fmt: skip
def test_what_cannot_be_a_permit_is_told(filled: Site, change: dict[str, str]) -> None:
    answer = filled.reader(Role.ANALYST).post("/permits/ask", {**TERMS, **change})
    assert answer.status_code == 400 and 'role="alert"' in answer.content.decode()
    assert permit_requests.every() == []


def test_bounds_hold_for_permits(filled: Site) -> None:
    filled.reader(Role.ANALYST).post("/permits/ask", TERMS)
    for given in (
        Assignment(role=Role.TRADE_CONTROL, grade=Grade.IMPORTANT),
        Assignment(role=Role.TRADE_CONTROL, organisations=("south",)),
    ):
        browser = confirmed(filled, given)
        assert "licence 7" not in browser.get("/permits").content.decode()
        (wish,) = permit_requests.every()
        assert browser.post(f"/permits/{wish.number}/decide", {"granted": "yes", "answer": "x"}).status_code == 400
        assert browser.post("/permits/ask", TERMS).status_code == 400


def ask_for_name(browser: Client, who: str, **said: str) -> Any:
    """Ask to see a name."""
    return browser.post("/people/ask", {"pseudonym": who, "reason": "inquiry 17", **said})


def test_a_name_takes_two_people_and_is_seen_for_a_while(filled: Site) -> None:
    who = pseudonym(filled)
    asking = confirmed(filled, Role.RESPONDER, Role.PRIVACY_OFFICER)
    other, officer = confirmed(filled, Role.RESPONDER), confirmed(filled, Role.PRIVACY_OFFICER)
    assert ask_for_name(asking, who).status_code == 302
    (wish,) = unmasking.every()
    decide, see = f"/people/{wish.number}/decide", f"/people/{wish.number}/see"
    granting = {"granted": "yes", "answer": "agreed", "hours": "2"}
    assert asking.post(see).status_code == 400
    assert asking.post(decide, granting).status_code == 400, "nobody decides on the own wish"
    assert other.post(decide, granting).status_code == 403
    assert officer.post(decide, granting).status_code == 302
    assert "zhao.rare" not in asking.get("/people").content.decode()
    assert "zhao.rare" in asking.post(see).content.decode()
    assert other.post(see).status_code == 400, "only who asked sees it"
    models_of_register().Unmasking.objects.update(until="2026-01-01T00:00:00Z")
    assert asking.post(see).status_code == 400, "it is over"
    assert steps(Kind.UNMASKING) == ["asked", "granted", "seen"]
    rest = b"".join(path.read_bytes() for path in filled.data.rglob("*") if path.is_file())
    assert b"zhao.rare" not in rest


def models_of_register() -> Any:
    """Return the register's tables."""
    from waybill.register import models

    return models


def test_the_person_does_not_decide_on_the_own_name(filled: Site) -> None:
    asking = confirmed(filled, Role.ANALYST)
    ask_for_name(asking, pseudonym(filled, "officer.one"))
    officer = confirmed(filled, Role.PRIVACY_OFFICER, login="officer.one")
    (wish,) = unmasking.every()
    answer = officer.post(f"/people/{wish.number}/decide", {"granted": "yes", "answer": "x"})
    assert answer.status_code == 400


def test_where_the_public_has_an_interest_somebody_from_outside_decides(filled: Site) -> None:
    who = pseudonym(filled)
    wish = unmasking.ask(who, "inquiry", who="p-asker", asset="waste")
    path, granting = f"/people/{wish.number}/decide", {"granted": "yes", "answer": "agreed"}
    inside, unknown, outside = (
        confirmed(filled, Role.PRIVACY_OFFICER, login=login) for login in ("officer.two", "officer.new", "officer.one")
    )
    assert inside.post(path, granting).status_code == 400
    assert unknown.post(path, granting).status_code == 400
    assert outside.post(path, granting).status_code == 302


def test_reasons_name_nobody(filled: Site) -> None:
    browser = confirmed(filled, Role.ANALYST)
    ask_for_name(browser, pseudonym(filled), reason="zhao.rare was seen at the gate")
    (wish,) = unmasking.every()
    assert wish.reason == f"{pseudonym(filled)} was seen at the gate"


def test_bounds_hold_for_people(filled: Site) -> None:
    browser = confirmed(filled, Assignment(role=Role.ANALYST, organisations=("south",)))
    assert ask_for_name(browser, pseudonym(filled)).status_code == 400
    assert ask_for_name(browser, pseudonym(filled, "officer.one")).status_code == 302


def test_erasing_a_person_erases_the_wishes(filled: Site) -> None:
    from waybill.register.identities import erase

    who = pseudonym(filled)
    unmasking.ask(who, "inquiry", who="p-asker")
    filled.reader(Role.ANALYST).post("/permits/ask", {**TERMS, "party": "zhao.rare"})
    assert [one.terms.party for one in permit_requests.every()] == [who]
    erase(who)
    assert unmasking.every() == [] and permit_requests.every() == []


PRIVILEGED = [
    ("/permits/1/decide", Role.TRADE_CONTROL, "/permits"), ("/people/ask", Role.ANALYST, "/people"),
    ("/people/1/decide", Role.PRIVACY_OFFICER, "/people"), ("/people/1/see", Role.RESPONDER, "/people"),
    ("/users/invite", Role.ADMINISTRATOR, "/users"), ("/users/p-x/change", Role.ADMINISTRATOR, "/users"),
    ("/tokens/make", Role.ADMINISTRATOR, "/tokens"), ("/tokens/x/revoke", Role.ADMINISTRATOR, "/tokens"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "role", "page"), PRIVILEGED)
def test_privileged_acts_ask_again_who_it_is(site: Site, path: str, role: Role, page: str) -> None:
    answer = site.reader(role).post(path, {"login": "zhang.rare"})
    assert answer["Location"] == f"/again/second?next={page.replace('/', '%2F')}"
    assert "rare" not in str(site.data.joinpath("control.sqlite3").read_bytes())


def test_an_administrator_invites_and_changes_others_but_not_himself(site: Site) -> None:
    browser = confirmed(site, Role.ADMINISTRATOR, login="boss.one")
    page = browser.post("/users/invite", {"login": "li.na", "role": ["analyst"], "grade": "important"}).content.decode()
    link = re.search(r"http://localhost(/join/[\w-]+)", page)
    assert link is not None and site.browser().get(link[1]).status_code == 200
    assert link[1] not in browser.get("/users").content.decode()
    li = models.User.objects.get(pseudonym=pseudonym(site, "li.na"))
    change = f"/users/{li.pseudonym}/change"
    browser.post(change, {"what": "roles", "role": ["auditor", "partner"], "organisations": "south", "grade": "core"})
    assert {(one.role, one.organisations) for one in li.assignments.all()} == {
        ("auditor", "south"),
        ("partner", "south"),
    }
    assert browser.post(change, {"what": "roles", "role": ["partner"]}).status_code == 400
    assert browser.post(change, {"what": "roles", "role": ["king"]}).status_code == 400
    assert browser.post(change, {"what": ""}).status_code == 400
    browser.post(change, {"what": "shut"})
    assert not models.User.objects.get(pk=li.pk).is_active
    browser.post(change, {"what": "open"})
    assert models.User.objects.get(pk=li.pk).is_active
    own = f"/users/{pseudonym(site, 'boss.one')}/change"
    for what in ("roles", "shut", "link"):
        assert browser.post(own, {"what": what, "role": ["analyst"]}).status_code == 400
    assert Row.objects.filter(kind=Kind.ACCOUNT, reference=li.pseudonym).count() == 4
    assert browser.post("/users/invite", {"login": "root"}).status_code == 400


def test_a_token_is_shown_once(site: Site) -> None:
    from waybill.access.tokens import Tokens

    browser = confirmed(site, Role.ADMINISTRATOR)
    page = browser.post("/tokens/make", {"name": "erp", "scope": ["ingest"], "sources": "erp"}).content.decode()
    shown = re.search(r"wbt_[0-9a-f]{12}_[\w-]{43}", page)
    assert shown is not None
    token = Tokens().recognise(shown[0])
    assert token is not None and token.sources == ("erp",)
    assert shown[0] not in browser.get("/tokens").content.decode()
    assert browser.post(f"/tokens/{token.id}/revoke").status_code == 302
    assert "revoked" in browser.get("/tokens").content.decode()
    assert browser.post("/tokens/make", {"name": "Li Na"}).status_code == 400


def test_every_role_sees_its_pages(filled: Site) -> None:
    for role in Role:
        browser = confirmed(filled, assignment(role))
        for path in ("/permits", "/people", "/users", "/tokens", "/me"):
            assert browser.get(path).status_code in {200, 403}, (role, path)


def test_requests_about_people_beyond_reach_are_not_listed(filled: Site) -> None:
    unmasking.ask(pseudonym(filled), "inquiry 17", who="p-asker")
    for role in (Role.PRIVACY_OFFICER, Role.AUDITOR):
        assert "inquiry 17" in filled.reader(role).get("/people").content.decode()
        bound = filled.reader(Assignment(role=role, organisations=("south",)))
        assert "inquiry 17" not in bound.get("/people").content.decode()


def finding(who: str, asset: str) -> str:
    """Store a finding about a person and an asset; return its id."""
    from tests.findings.samples import finding as sample

    from waybill.findings.store import DatabaseFindingStore

    made = sample(ord(asset[0]), subject=who, asset=asset)
    DatabaseFindingStore().commit(f"test {asset}", [made], {}, 1)
    return made.id


def test_who_decides_on_a_name_is_not_changed_by_leaving_the_finding_out(filled: Site) -> None:
    who, other = pseudonym(filled), pseudonym(filled, "officer.one")
    finding(who, "waste")
    elsewhere = finding(other, "notes")
    asking = confirmed(filled, Role.ANALYST)
    assert ask_for_name(asking, who, finding=elsewhere).status_code == 400, "it is about somebody else"
    assert ask_for_name(asking, who).status_code == 302
    (wish,) = unmasking.every()
    assert wish.asset == "waste"
    inside = confirmed(filled, Role.PRIVACY_OFFICER, login="officer.two")
    answer = inside.post(f"/people/{wish.number}/decide", {"granted": "yes", "answer": "agreed"})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["", " ", "south;north"])
def test_an_organisation_that_is_none_does_not_stand_for_all(site: Site, name: str) -> None:
    with pytest.raises(UsageError):
        site.account(Assignment(role=Role.PARTNER, organisations=(name,)))
    assert models.User.objects.count() == 0

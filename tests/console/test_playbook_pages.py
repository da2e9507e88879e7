"""The pages of playbooks: drawn, tried dry, begun, approved by another person, seen, undone; nothing beyond reach."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from django.test import Client
from tests.console.filled import filled
from tests.console.site import Site, confirm, empty_site, site
from tests.console.test_case_pages import case_of
from tests.console.test_pages import text

from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.cases import journal, queries
from waybill.cases.words import Act
from waybill.flow.response.responding import read_file
from waybill.flow.response.shelf import discreet, shelf, waiting
from waybill.model.errors import InputError
from waybill.model.register import Permit
from waybill.register.fields import Kind
from waybill.register.importing import Reading
from waybill.register.records import import_reading
from waybill.respond.playbook import library
from waybill.respond.standing import Done, Standing, runs, standing
from waybill.respond.words import ActState, RunState

__all__ = ["empty_site", "filled", "site"]

HOLD = library()["hold-shipment"]
VALUES = {"__permit__": "permit-7", "reason": "diverted"}


@pytest.fixture
def held(filled: Site) -> Site:
    """Return a site with a permit that a playbook can suspend."""
    permit = Permit(id="permit-7", asset="plans", jurisdiction="DE", basis="contract 7")
    reading = Reading({Kind.PERMITS: [permit]}, lines={(Kind.PERMITS, permit.id): ("test", 1)})
    import_reading(reading, filled.installation.pseudonymiser, filled.installation.folder.key("identity"), where="test")
    return filled


def reader(site: Site, *roles: Role | Assignment) -> Client:
    browser = site.reader(*roles)
    confirm(browser)
    return browser


def begun(site: Site, browser: Client) -> int:
    answer = browser.post(f"/playbooks/begin/{HOLD.id}", {**VALUES, "case": case_of("plans")})
    assert answer.status_code == HTTPStatus.FOUND, answer.content[:3000]
    return runs()[0].run


def permit_is_suspended(site: Site) -> bool:
    permit = next(one for one in site.installation.register().permits if one.id == "permit-7")
    return permit.is_suspended(datetime.now(UTC))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_playbook_is_drawn_with_a_table_that_says_the_same(held: Site, language: str) -> None:
    browser = held.reader(Role.ANALYST)
    browser.cookies["django_language"] = language
    page = text(browser.get("/playbooks"))
    for one in library().values():
        assert one.id in page
        drawn = text(browser.get(f"/playbooks/of/{one.id}"))
        assert "<svg" in drawn and "style=" not in drawn.split("<svg")[1].split("</svg>")[0]
        halves = one.name.split(" / ")
        assert halves[language != "en"] in drawn and halves[language == "en"] not in drawn


def test_what_is_not_set_up_is_told_and_not_begun(held: Site) -> None:
    other = library()["stop-upload"]
    browser = reader(held, Role.RESPONDER)
    assert "nftables.block" in text(browser.get(f"/playbooks/of/{other.id}"))
    said = {"__address__": "192.0.2.1", "__login__": "li.na", "case": case_of("plans"), "reason": "x"}
    assert browser.post(f"/playbooks/begin/{other.id}", said).status_code == HTTPStatus.BAD_REQUEST
    assert not runs()


def test_a_dry_run_tells_the_calls_and_does_nothing(held: Site) -> None:
    page = text(held.reader(Role.ANALYST).post(f"/playbooks/plan/{HOLD.id}", {"__permit__": "permit-7"}))
    assert "permit-7" in page and 'id="planned"' in page
    assert not runs() and not permit_is_suspended(held)
    missing = held.reader(Role.ANALYST).post(f"/playbooks/plan/{HOLD.id}", {})
    assert missing.status_code == HTTPStatus.BAD_REQUEST and 'role="alert"' in missing.content.decode()


def test_two_people_stop_it_see_it_stopped_and_undo_it(held: Site) -> None:
    first, second = reader(held, Role.RESPONDER), reader(held, Role.TRADE_CONTROL)
    number = begun(held, first)
    (act,) = standing(number).acts
    assert act.state is ActState.WAITS and not permit_is_suspended(held)
    decide = f"/playbooks/acts/{act.number}/decide"
    own = first.post(decide, {"granted": "yes", "reason": "mine"})
    assert own.status_code == HTTPStatus.BAD_REQUEST, "four eyes are two people's"
    assert "/decide" not in text(first.get("/playbooks")), "nor is the form there"
    assert decide in text(second.get("/playbooks"))
    assert second.post(decide, {"granted": "yes", "reason": "seen the papers"}).status_code == HTTPStatus.FOUND
    assert permit_is_suspended(held)
    assert standing(number).state is RunState.WAITS, "a person tells the carrier"
    manual = standing(number).acts[1]
    first.post(f"/playbooks/acts/{manual.number}/decide", {"granted": "yes", "reason": "rang them"})
    assert standing(number).state is RunState.DONE
    page = text(first.get(f"/playbooks/runs/{number}"))
    for said in ("seen the papers", "rang them", "diverted", "last seen in force"):
        assert said in page, said
    assert f"/playbooks/runs/{number}" in text(first.get(f"/cases/{case_of('plans')}"))
    first.post(f"/playbooks/runs/{number}/do", {"act": "look"})
    undone = first.post(f"/playbooks/runs/{number}/do", {"act": "undo", "reason": "cleared"})
    assert undone.status_code == HTTPStatus.FOUND and not permit_is_suspended(held)
    assert not waiting([standing(number)]), "nobody is asked for what was undone"
    steps = [entry.what["step"] for entry in journal.entries(case_of("plans"), Act.PLAYBOOK)]
    assert steps[0] == "begun" and steps[-1] == "undone" and "approved" in steps


def test_refusing_needs_a_reason_and_stops_it(held: Site) -> None:
    number = begun(held, reader(held, Role.RESPONDER))
    decide = f"/playbooks/acts/{standing(number).acts[0].number}/decide"
    second = reader(held, Role.RESPONDER)
    assert second.post(decide, {"granted": "no", "reason": " "}).status_code == HTTPStatus.BAD_REQUEST
    assert second.post(decide, {"granted": "no", "reason": "wrong lot"}).status_code == HTTPStatus.FOUND
    assert standing(number).acts[0].state is ActState.REFUSED and not permit_is_suspended(held)
    assert second.post(decide, {"granted": "yes", "reason": "after all"}).status_code == HTTPStatus.BAD_REQUEST


def test_who_may_what(held: Site) -> None:
    elsewhere = Assignment(role=Role.RESPONDER, organisations=("two.example",))
    said = {**VALUES, "case": case_of("plans")}
    assert reader(held, elsewhere).post(f"/playbooks/begin/{HOLD.id}", said).status_code == HTTPStatus.BAD_REQUEST
    assert reader(held, Role.ANALYST).post(f"/playbooks/begin/{HOLD.id}", said).status_code == HTTPStatus.FORBIDDEN
    unconfirmed = held.reader(Role.RESPONDER).post(f"/playbooks/begin/{HOLD.id}", said)
    assert "/again/" in unconfirmed["Location"] and not runs()
    number = begun(held, reader(held, Role.RESPONDER))
    act = standing(number).acts[0].number
    grant = {"granted": "yes", "reason": "x"}
    assert reader(held, elsewhere).post(f"/playbooks/acts/{act}/decide", grant).status_code == HTTPStatus.BAD_REQUEST
    assert reader(held, Role.AUDITOR).post(f"/playbooks/acts/{act}/decide", grant).status_code == HTTPStatus.FORBIDDEN
    assert f"/runs/{number}" in text(reader(held, Role.ANALYST).get("/playbooks"))
    assert f"/runs/{number}" not in text(reader(held, elsewhere).get("/playbooks"))
    assert reader(held, elsewhere).get(f"/playbooks/runs/{number}").status_code == HTTPStatus.BAD_REQUEST
    undo = {"act": "undo", "reason": "x"}
    assert reader(held, elsewhere).post(f"/playbooks/runs/{number}/do", undo).status_code == HTTPStatus.BAD_REQUEST


def test_a_file_that_is_no_playbook_hides_no_other(held: Site) -> None:
    folder = held.data / "playbooks"
    folder.mkdir()
    (folder / "broken.json").write_text("{}")
    (folder / "own.json").write_bytes(HOLD.content.replace(b"Hold a shipment", b"Hold ours"))
    page = text(held.reader(Role.ANALYST).get("/playbooks"))
    assert "broken.json" in page and "Hold ours" in page and "Shut a public bucket" in page
    assert [one.playbook.name for one in shelf(held.installation).playbooks].count(HOLD.name) == 0


def test_a_run_names_nobody_where_who_acted_is_withheld(held: Site) -> None:
    person = "p-" + "d" * 16
    act = Done(1, "lock", "ldap.lock", {"login": person, "for": "4 h"}, ActState.IN_FORCE, "", "", None, None)
    run = Standing(1, 1, "x", RunState.DONE, datetime.now(UTC), "p-" + "e" * 16, None, (act,))
    hidden = discreet(run, queries.get(case_of("audit")), "withheld").acts[0].arguments
    assert hidden == {"login": "withheld", "for": "4 h"}
    assert discreet(run, queries.get(case_of("plans"))).acts[0].arguments["login"] == person


def test_one_that_comes_along_is_called_by_name(held: Site, tmp_path: Path) -> None:
    assert read_file(Path("hold-shipment")) is HOLD
    with pytest.raises(InputError):
        read_file(tmp_path / "hold-shipment")

"""The pages of trends: known beside unknown, small cells hidden, calendars without claims, signatures of two."""

from __future__ import annotations

import os
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path

import pytest
from tests.console.filled import filled
from tests.console.site import Site, empty_site, site
from tests.console.test_pages import finding_of, text
from tests.trends.invented import incident, years_of

from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.cases import queries
from waybill.cases.words import CaseState
from waybill.flow.trends import publication as trends_publication
from waybill.flow.trends import register as trends
from waybill.trends import account, store

__all__ = ["empty_site", "filled", "site"]


@pytest.fixture
def full(site: Site) -> Site:
    """Return a site with three years of incidents."""
    store.add_incidents("made-up", years_of(3.0, 160), refused=1, who="test")
    return site


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("path", ["/trends", "/trends/calendars", "/trends/account"])
def test_the_pages_are_shown_where_there_is_nothing_yet(site: Site, path: str, language: str) -> None:
    browser = site.reader(Role.ANALYST)
    browser.cookies["django_language"] = language
    assert text(browser.get(path))


def test_shares_stand_beside_what_is_known(full: Site) -> None:
    page = text(full.reader(Role.ANALYST).get("/trends?source=made-up"))
    assert page.count('class="plot"') == 4
    assert "waybill trends list --source made-up" in page, "the command that makes the figures again"
    assert store.version() in page
    assert "plot-open" in page, "weeks that are not complete are grey"


def test_pictures_and_tables_are_files(full: Site) -> None:
    browser = full.reader(Role.AUDITOR)
    for name in ("shares", "action-asset", "trade-year", "weeks"):
        drawn = browser.get(f"/trends/files/{name}.svg?source=made-up")
        assert drawn.status_code == HTTPStatus.OK
        assert drawn.content.startswith(b"<?xml") and store.version().encode() in drawn.content
        assert browser.get(f"/trends/files/{name}.csv").content.count(b"\n") > 1
    assert browser.get("/trends/files/victims.csv").status_code == HTTPStatus.NOT_FOUND


def test_weeks_of_a_part_are_not_told(full: Site) -> None:
    assert 'id="picture-weeks"' not in text(full.reader(Role.ANALYST).get("/trends?country=DE"))


def test_small_cells_are_hidden(site: Site) -> None:
    many = [incident(number) for number in range(40)]
    few = [incident(100 + number, industry="221100", victim="Mill") for number in range(3)]
    store.add_incidents("made-up", [*many, *few], refused=0, who="test")
    browser = site.reader(Role.ANALYST)
    content = browser.get("/trends/files/trade-year.csv").content.decode()
    assert "22,3" not in content, content
    assert "Mill" not in text(browser.get("/trends"))


def test_calendars_are_tested_without_claiming_anything(full: Site) -> None:
    browser = full.reader(Role.ANALYST)
    page = text(browser.get("/trends/calendars?calendar=npc-sessions&beside=lunar-new-year"))
    assert "An association with a calendar is no cause" in page
    assert "no claim about CN and calendars can be tested" in page
    assert "no verdict" in page
    kept = "calendar=npc-sessions&beside=lunar-new-year"
    assert f"trends/files/effects.csv?{kept.replace('&', '&amp;')}" in page
    assert b"npc-sessions" in browser.get(f"/trends/files/effects.csv?{kept}").content
    assert b"--beside lunar-new-year --since" in browser.get(f"/trends/files/effects.svg?{kept}").content
    assert browser.get("/trends/files/effects.svg").status_code == HTTPStatus.NOT_FOUND
    few = browser.get("/trends/calendars?calendar=npc-sessions&country=CN")
    assert few.status_code == HTTPStatus.BAD_REQUEST and "no such incidents" in few.content.decode()


@pytest.mark.parametrize(
    "query", ["action=telepathy", "trade=99", "since=2020-99-99", "since=2020-01-02&until=2019-01-01"]
)
def test_what_cannot_be_asked_is_told(full: Site, query: str) -> None:
    answer = full.reader(Role.ANALYST).get(f"/trends?{query}")
    assert answer.status_code == HTTPStatus.BAD_REQUEST and 'role="alert"' in answer.content.decode()


def test_trends_are_for_those_who_may_see_everything(full: Site) -> None:
    bound = full.reader(Assignment(role=Role.ANALYST, organisations=("one.example",)))
    assert "plot" not in text(bound.get("/trends"))
    assert bound.get("/trends/calendars").status_code == HTTPStatus.FORBIDDEN
    assert bound.get("/trends/files/shares.csv").status_code == HTTPStatus.FORBIDDEN


def test_two_people_sign_on_the_page(full: Site) -> None:
    account.open_account("made-up", 2026, Decimal(1), who="test")
    number = trends_publication.propose(
        full.installation,
        "made-up",
        2026,
        (),
        first=2012,
        last=2015,
        epsilon=Decimal("0.5"),
        reason="annual report",
        who="test",
    )
    one, other = full.reader(Role.PRIVACY_OFFICER), full.reader(Role.PRIVACY_OFFICER)
    assert f"/trends/account/{number}/sign" in text(one.get("/trends/account"))
    assert one.post(f"/trends/account/{number}/sign").status_code == HTTPStatus.FOUND
    assert one.post(f"/trends/account/{number}/sign").status_code == HTTPStatus.BAD_REQUEST, "nobody signs twice"
    assert other.post(f"/trends/account/{number}/sign").status_code == HTTPStatus.FOUND
    assert account.release(number).state == "signed"
    assert full.reader(Role.ANALYST).post(f"/trends/account/{number}/sign").status_code == HTTPStatus.FORBIDDEN


def test_a_case_closes_into_the_register_with_one_click(filled: Site) -> None:
    browser, number = filled.reader(Role.RESPONDER), queries.case_of(finding_of("plans"))
    assert number is not None
    assert 'value="register"' in text(browser.get(f"/cases/{number}"))
    answer = browser.post(f"/cases/{number}/do", {"act": "register", "reason": "handled"})
    assert answer.status_code == HTTPStatus.FOUND, answer.content[:2000]
    assert queries.get(number).state is CaseState.CLOSED
    (found,) = store.register([trends.CASES]).incidents
    assert found.id == f"case-{number}" and found.victim == "one.example" and found.disclosed == "Yes"
    browser.post(f"/cases/{number}/do", {"act": "register", "reason": "again"})
    assert len(store.register([trends.CASES]).incidents) == 1


@pytest.mark.oracle
def test_the_pages_show_what_is_wrong_with_real_records(site: Site) -> None:
    corpora = os.environ.get("WAYBILL_CORPORA")
    if not corpora:
        pytest.skip("WAYBILL_CORPORA names no outside data")
    trends.bring(site.installation, Path(corpora) / "vcdb" / "vcdb-validated.tar.xz", "vcdb", who="test")
    page = text(site.reader(Role.ANALYST).get("/trends?source=vcdb"))
    for fact in ("129 are doubles", "2 were refused", "54 %", "75.9%", "870", "68 are of CN"):
        assert fact in page, fact

"""The pages: what they show, how one goes through them, what one decides there, and what they never show."""

from __future__ import annotations

import io
import re
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pyarrow.csv
import pytest
from django.test import Client
from tests.console.filled import OTHER, PERSON, SOURCE_OF_INTEREST, fill, filled
from tests.console.site import Site, empty_site, site

from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.findings import queries
from waybill.findings.queries import ALL_STATES, Filter
from waybill.model.words import Grade
from waybill.register.importing import read_folder

__all__ = ["empty_site", "filled", "site"]

PAGES = (
    "/", "/lots", "/labels", "/findings", "/findings/exceptions", "/exposures", "/discovery", "/documents",
    "/transfers", "/transfers/count",
    "/assets", "/sources", "/rules", "/rules/coverage", "/behaviour", "/assess", "/rulebook", "/ledger", "/settings",
)  # fmt: skip
MOST_BYTES = 150_000


def text(response: Any) -> str:
    """Return a page that was answered."""
    assert response.status_code == HTTPStatus.OK, response.content[:2000]
    return str(response.content.decode())


def everybody(site: Site) -> Client:
    """Return the browser of somebody with every role that sees records."""
    return site.reader(Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR)


def finding_of(asset: str) -> str:
    """Return the id of the first finding about an asset."""
    return next(one.finding.id for one in queries.every(Filter(states=ALL_STATES)) if one.finding.asset == asset)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_is_shown_empty_and_filled(site: Site, tmp_path: Path, language: str) -> None:
    browser = everybody(site)
    browser.cookies["django_language"] = language
    for path in PAGES:
        assert "%(" not in text(browser.get(path)), path
    fill(site, tmp_path / "register", count=200)
    for path in (*PAGES, f"/findings/{finding_of('plans')}", "/assets/plans", f"/transfers/{0:032x}"):
        page = text(browser.get(path))
        assert f'lang="{language}"' in page or path == "/transfers/count"
        assert len(page.encode()) < MOST_BYTES, path
        assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", page), f"{path} asks for what the policy refuses"


def test_transfers_are_gone_through_without_gap_or_overlap(site: Site, tmp_path: Path) -> None:
    fill(site, tmp_path / "register", count=130)
    browser, address, seen = everybody(site), "/transfers?source=gateway", []
    while address:
        page = text(browser.get(address))
        seen += re.findall(r"/transfers/([0-9a-f]{32})", page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 135


@pytest.mark.parametrize(
    "address",
    [
        "/transfers?since=yesterday",
        "/findings?since=0001-01-01T00:00%2B14:00",
        "/transfers?channel=carrier-pigeon",
        "/transfers?after=x",
        "/?since=x",
        "/findings?after=x",
    ],
)
def test_what_cannot_be_read_is_told_with_what_would_have_been_right(filled: Site, address: str) -> None:
    answer = everybody(filled).get(address)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "<dt>" in answer.content.decode()


def test_a_finding_is_decided_on_with_a_reason(filled: Site) -> None:
    browser, id = everybody(filled), finding_of("plans")
    refused = browser.post("/findings/decide", {"id": id, "state": "false_positive", "reason": " "})
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert 'role="alert"' in refused.content.decode()
    assert queries.get(id).state == "new"
    browser.post(
        "/findings/decide", {"id": id, "state": "false_positive", "reason": "a drill <b>", "next": "/findings"}
    )
    assert queries.get(id).state == "false_positive"
    assert "a drill &lt;b&gt;" in text(browser.get(f"/findings/{id}"))
    assert id not in text(browser.get("/findings"))
    assert id in text(browser.get("/findings?state=false_positive"))


def test_an_exception_covers_a_finding_until_it_is_ended(filled: Site) -> None:
    browser, id = everybody(filled), finding_of("plans")
    said = {"rule_id": "on", "asset": "on", "until": "2999-01-01", "reason": "agreed"}
    assert browser.post(f"/findings/{id}/accept", {**said, "until": "2000-01-01"}).status_code == HTTPStatus.BAD_REQUEST
    assert browser.post(f"/findings/{id}/accept", said).status_code == HTTPStatus.FOUND
    assert queries.get(id).state == "excepted"
    assert "agreed" in text(browser.get("/findings/exceptions"))
    browser.post("/findings/exceptions/1/end", {"reason": "over"})
    assert queries.get(id).state == "new"


def test_who_acted_on_an_asset_of_public_interest_is_shown_nowhere(filled: Site) -> None:
    browser, id = everybody(filled), finding_of("audit")
    moved = f"{3:032x}"
    lists = ("/", "/findings?state=all", "/assets/audit", "/transfers")
    for path in (*lists, f"/findings/{id}", f"/transfers/{moved}", f"/ledger?id={id}"):
        assert SOURCE_OF_INTEREST not in text(browser.get(path)), path
    for path in (f"/findings?state=all&subject={SOURCE_OF_INTEREST}", f"/transfers?actor={SOURCE_OF_INTEREST}"):
        page = text(browser.get(path))
        assert id not in page and moved not in page, f"{path} tells by asking"
    columns = exported(browser, "")
    assert columns["actor"][columns["asset"].index("/audit/d")] in (None, "")


def test_nobody_sees_more_than_the_own_reach(filled: Site) -> None:
    bound = Assignment(role=Role.ANALYST, organisations=("one.example",))
    browser = filled.reader(bound)
    page = text(browser.get("/transfers"))
    assert "/plans/a" in page and "/plans/c" not in page
    assert "2 " in text(browser.get("/transfers/count"))
    assert browser.get(f"/transfers/{2:032x}").status_code == HTTPStatus.NOT_FOUND
    low = filled.reader(Assignment(role=Role.ANALYST, grade=Grade.SENSITIVE))
    assert "/plans/a" not in text(low.get("/transfers"))
    assert finding_of("plans") not in text(low.get("/findings?state=all"))
    assert low.get(f"/findings/{finding_of('plans')}").status_code == HTTPStatus.BAD_REQUEST
    assert low.get("/assets/plans").status_code == HTTPStatus.NOT_FOUND


def exported(browser: Client, filters: str, purpose: str = "inquiry") -> dict[str, list[object]]:
    """Return an export by columns."""
    said = {"purpose": purpose, "to_place": "regulator.example", "form": "csv"}
    answer = browser.post(f"/transfers/export?{filters}", said)
    assert answer.status_code == HTTPStatus.OK, answer.content[:2000]
    columns: dict[str, list[object]] = pyarrow.csv.read_csv(io.BytesIO(answer.content)).to_pydict()
    return columns


def test_an_export_names_people_for_its_purpose_alone_and_is_kept(filled: Site) -> None:
    browser = everybody(filled)
    one, again, other = (exported(browser, "source=gateway", purpose) for purpose in ("a", "a", "b"))
    assert PERSON not in str(one) and OTHER not in str(one)
    assert one["actor"] == again["actor"]
    assert not {str(name) for name in one["actor"]} & {str(name) for name in other["actor"]} - {"", "None"}
    assert "'=HYPERLINK(1)" in one["asset"]
    assert "waybill:transfers" in text(browser.get("/transfers"))


def test_an_export_without_a_permit_is_stopped_where_the_register_asks_for_one(filled: Site, tmp_path: Path) -> None:
    from waybill.register.records import import_reading

    folder, here = tmp_path / "more", filled.installation
    folder.mkdir()
    (folder / "assets.csv").write_text("id,name,kind,grade,patterns\nown,What we watch,data,important,waybill:*\n")
    import_reading(read_folder(folder), here.pseudonymiser, here.folder.key("identity"))
    browser = everybody(filled)
    said = {"purpose": "inquiry", "to_place": "elsewhere.example", "form": "parquet"}
    assert browser.post("/transfers/export", said).status_code == HTTPStatus.FORBIDDEN
    assert "waybill:transfers" in text(browser.get("/transfers?outcome=blocked"))


def test_a_view_is_kept_replaced_and_removed_by_its_owner_alone(filled: Site) -> None:
    browser, other = everybody(filled), everybody(filled)
    browser.post("/views/transfers", {"name": "plans", "query": "asset=/plans&next=//evil.example"})
    page = text(browser.get("/transfers"))
    assert 'href="?asset=%2Fplans"' in page and "evil" not in page
    number = re.search(r"/views/(\d+)/remove", page)
    assert number is not None
    other.post(number[0])
    assert ">plans<" in text(browser.get("/transfers"))
    assert ">plans<" not in text(other.get("/transfers"))
    browser.post(number[0])
    assert ">plans<" not in text(browser.get("/transfers"))


def test_a_filter_shows_what_it_asks_for(filled: Site) -> None:
    browser = everybody(filled)
    page = text(browser.get("/transfers?channel=web&grade=core&source=gateway"))
    for chosen in ('value="web" selected', 'value="core" selected', "<option selected>gateway"):
        assert chosen in page
    page = text(browser.get("/findings?state=new&severity=high&lane=materials"))
    for chosen in ('value="new" selected', 'value="high" selected', 'value="materials" selected'):
        assert chosen in page


def test_preferences_are_kept_and_lead_nowhere_else(site: Site) -> None:
    browser = site.browser()
    answer = browser.post("/preferences", {"language": "zh-hans", "theme": "dark", "next": "//evil.example/"})
    assert answer["Location"] == "/"
    page = browser.get("/sign-in").content.decode()
    assert 'lang="zh-hans"' in page and 'data-theme="dark"' in page
    browser.post("/preferences", {"language": "xx", "theme": '"><script>'})
    assert 'data-theme="dark"' in browser.get("/sign-in").content.decode()


def test_files_of_pages_are_kept_for_good_and_nothing_else_is_served(site: Site) -> None:
    from waybill.console import statics

    browser, address = site.browser(), statics.address("console.css")
    answer = browser.get(address, headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip" and "immutable" in answer["Cache-Control"]
    assert answer["Content-Type"].startswith("text/css")
    for path in (
        f"/static/{'0' * 16}/console.css",
        f"/static/{statics.mark()}/../settings.py",
        f"/static/{statics.mark()}/x",
    ):
        assert browser.get(path).status_code == HTTPStatus.NOT_FOUND


def test_a_measure_is_compared_before_and_after(filled: Site) -> None:
    page = text(everybody(filled).get("/?since=2026-03-02&measure=USB"))
    assert "2026-03-02 USB" in page
    assert page.count("no day with logs") == 1, "before there were none"


def test_the_overview_tells_nobody_of_records_beyond_the_own_reach(filled: Site) -> None:
    administrator = text(filled.reader(Role.ADMINISTRATOR).get("/"))
    assert "Plans of the wing" not in administrator and "Findings" in administrator
    bound = text(filled.reader(Assignment(role=Role.ANALYST, organisations=("one.example",))).get("/"))
    assert finding_of("plans") in bound or "Plans of the wing" in bound
    assert "Groundwater audit" not in bound and "elsewhere.example" not in bound.partition('id="ways"')[2]


def test_the_overview_is_ready_before_anybody_looks(filled: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.process.answers.warm()
    monkeypatch.setattr("waybill.console.answers.overview", None)  # nothing is gathered while somebody waits
    assert "Plans of the wing" in text(filled.reader(Role.ANALYST).get("/"))

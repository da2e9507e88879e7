"""The pages of what lies where and of registered documents: what they show, to whom, and what a person confirms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.console.filled import fill
from tests.console.site import Site, confirm, empty_site, site
from tests.content.test_documents import prose

from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.content.parsing import Readers
from waybill.flow import documents, records
from waybill.flow.discovery.running import walk
from waybill.flow.discovery.targets import target
from waybill.model.findings import Text
from waybill.register import canaries, discoveries

__all__ = ["empty_site", "site"]


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers() as warm:
        yield warm


@pytest.fixture
def walked(site: Site, tmp_path: Path, readers: Readers) -> Site:
    """Return a site that knows a document and looked into a folder that holds a part of it."""
    fill(site, tmp_path / "register")
    original = tmp_path / "recipe.txt"
    original.write_text(prose(1), encoding="utf-8")
    documents.register(site.installation, original, readers, asset="plans", who="tester")
    staff = tmp_path / "staff.csv"
    lines = "".join(f"1390000{n:04d},p{n:04d}@example.org\n" for n in range(40))
    staff.write_text(f"phone,mail\n{lines}", encoding="utf-8")
    columns = ["phone", "mail"]
    records.register(
        site.installation, staff, readers, name="staff & friends", columns=columns, asset="plans", who="tester"
    )
    folder = tmp_path / "share"
    folder.mkdir()
    (folder / "mail.txt").write_text(prose(5) + prose(1)[:2500], encoding="utf-8")
    (folder / "list.txt").write_text(lines[:600], encoding="utf-8")
    (folder / "<b>odd.bin").write_bytes(b"\x00\x01\x02\x03" * 50)
    walk(site.installation, target(str(folder)), readers, who="tester")
    return site


def page_of(site: Site, path: str, *roles: Role | Assignment) -> str:
    answer: Any = site.reader(*roles).get(path)
    assert answer.status_code == HTTPStatus.OK
    return str(answer.content.decode())


def test_what_lies_where(walked: Site) -> None:
    page = page_of(walked, "/discovery", Role.ANALYST)
    assert page.index("mail.txt") < page.index("odd")
    assert "of recipe.txt is in it" in page
    assert "&lt;b&gt;odd" in page
    assert "its format is unknown" in page
    assert "mail.txt" not in page_of(walked, "/discovery?grade=sensitive", Role.ANALYST)


def test_registered_documents_and_where_they_turned_up(walked: Site) -> None:
    page = page_of(walked, "/documents", Role.ANALYST)
    assert "recipe.txt" in page
    assert "mail.txt" in page


def test_tables_of_records_and_where_they_turned_up(walked: Site) -> None:
    page = page_of(walked, "/documents", Role.ANALYST)
    assert "staff &amp; friends" in page
    assert "phone, mail" in page
    assert re.search(r"\d+ \(\d+(\.\d)?.%\) · list\.txt", page)
    assert "of the records of staff &amp; friends" in page_of(walked, "/discovery", Role.ANALYST)


def test_a_marked_copy_takes_two_people_and_can_be_revoked(walked: Site) -> None:
    asker, decider = walked.reader(Role.ANALYST), walked.reader(Role.PRIVACY_OFFICER)
    said = {"kind": "copy", "document": "recipe.txt", "asset": "plans", "recipient": "buyer.example", "reason": "first"}
    assert asker.post("/canaries/ask", said).status_code == HTTPStatus.FOUND
    (one,) = canaries.every()
    assert "Another person decides." in asker.get("/canaries").content.decode()
    answer = {"approved": "yes", "answer": "the buyer is new"}
    assert asker.post(f"/canaries/{one.number}/decide", answer).status_code == HTTPStatus.FORBIDDEN
    assert "/again/" in decider.post(f"/canaries/{one.number}/decide", answer).headers["location"]
    confirm(decider)
    assert decider.post(f"/canaries/{one.number}/decide", answer).headers["location"] == "/canaries"
    page = asker.get("/canaries").content.decode()
    assert "buyer.example" in page
    assert f"waybill canary make {one.number}" in page
    confirm(asker)
    assert asker.post(f"/canaries/{one.number}/revoke", {"reason": "not sent"}).status_code == HTTPStatus.FOUND
    assert canaries.every()[0].revoked_because == "not sent"
    assert "revoked" in asker.get("/canaries").content.decode()


def test_who_asks_cannot_approve_even_with_every_role(walked: Site) -> None:
    both = walked.reader(Role.TRADE_CONTROL)
    confirm(both)
    said = {
        "kind": "thing",
        "document": "/srv/passwords.xlsx",
        "asset": "plans",
        "recipient": "srv",
        "reason": "a trap",
    }
    both.post("/canaries/ask", said)
    (one,) = canaries.every()
    answer = both.post(f"/canaries/{one.number}/decide", {"approved": "yes", "answer": "mine"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "Nobody approves what they asked for" in answer.content.decode()
    assert canaries.every()[0].approved is None


def test_what_the_public_has_an_interest_in_is_never_marked_and_the_page_says_why(walked: Site) -> None:
    from waybill.register import models

    models.Asset.objects.filter(pk="plans").update(public_interest=True)
    asker = walked.reader(Role.ANALYST)
    assert 'value="plans"' not in asker.get("/canaries").content.decode()
    said = {"kind": "copy", "document": "recipe.txt", "asset": "plans", "recipient": "x.example", "reason": "first"}
    answer = asker.post("/canaries/ask", said)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "a mark would point at whoever speaks up" in answer.content.decode()
    assert canaries.every() == []


def test_marked_copies_are_for_who_may_see_them(walked: Site) -> None:
    assert walked.reader(Role.ADMINISTRATOR).get("/canaries").status_code == HTTPStatus.FORBIDDEN
    auditor = walked.reader(Role.AUDITOR)
    assert "Ask for a marked copy" not in auditor.get("/canaries").content.decode()
    assert auditor.post("/canaries/1/revoke", {"reason": "x"}).status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.FOUND)


def test_what_lies_in_something_is_said_once_and_hints_are_called_hints(walked: Site) -> None:
    (found,) = [one for one in discoveries.every() if one.name == "mail.txt"]
    discoveries.keep([replace(found, hints=(Text("looks like furnace.png", "看起来像《furnace.png》"),))])
    page = page_of(walked, "/discovery", Role.ANALYST)
    assert page.count("of recipe.txt is in it") == 1
    assert "looks like furnace.png" in page
    assert "nothing rests on it" in page
    assert "names in sentences were not sought" in page


def test_empty_pages_say_what_to_do(site: Site) -> None:
    assert "waybill discover" in page_of(site, "/discovery", Role.ANALYST)
    assert "waybill register" in page_of(site, "/documents", Role.ANALYST)


def test_whoever_sees_a_part_sees_no_places_of_others(walked: Site) -> None:
    partial = Assignment(role=Role.ANALYST, organisations=("nobody.example",))
    assert "mail.txt" not in page_of(walked, "/discovery", partial)
    page = page_of(walked, "/documents", partial)
    assert "recipe.txt" not in page
    assert "staff" not in page


def test_a_grade_is_confirmed_with_a_reason_by_who_may(walked: Site) -> None:
    found = next(one for one in discoveries.every() if one.name == "mail.txt")
    said = {"found": found.id, "grade": "important", "owner": "", "reason": "it holds the recipe"}
    assert walked.reader(Role.AUDITOR).post("/discovery/confirm", said).status_code == HTTPStatus.FORBIDDEN
    browser = walked.reader(Role.TRADE_CONTROL)
    assert browser.post("/discovery/confirm", said).headers["Location"].startswith("/again")
    confirm(browser)
    assert browser.post("/discovery/confirm", said | {"reason": ""}).status_code == HTTPStatus.BAD_REQUEST
    assert browser.post("/discovery/confirm", said | {"grade": "huge"}).status_code == HTTPStatus.BAD_REQUEST
    assert browser.post("/discovery/confirm", said | {"found": "none"}).status_code == HTTPStatus.BAD_REQUEST
    assert browser.post("/discovery/confirm", said).status_code == HTTPStatus.FOUND
    assert discoveries.get(found.id).asset == f"found-{found.id}"
    assert "confirmed as" in page_of(walked, "/discovery", Role.ANALYST)

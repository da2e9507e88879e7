"""What lies outside of somebody's roles is on no page: of other organisations, of higher grades, of other kinds."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from django.test import Client
from tests.console.filled import PERSON, SOURCE_OF_INTEREST, filled
from tests.console.site import Site, empty_site, site
from tests.console.test_pages import finding_of, text

from waybill.access import tokens
from waybill.access.accounts import Assignment
from waybill.access.reach import Bound, Reach
from waybill.access.roles import Role
from waybill.access.scopes import Scope
from waybill.findings import models, queries
from waybill.findings.exceptions import exceptions
from waybill.flow import inquiry, people
from waybill.flow.proof.sequencing import sequence
from waybill.model.words import Grade
from waybill.register import counters
from waybill.register import models as register_models

__all__ = ["empty_site", "filled", "site"]

PARTNER = Assignment(role=Role.PARTNER, organisations=("two.example",))
BOUND = Assignment(role=Role.ANALYST, organisations=("two.example",))
BOUND_REACH = Reach.of([BOUND.bound])


def test_the_ledger_tells_what_a_record_says_to_whom_it_concerns_alone(filled: Site) -> None:
    sequence(filled.installation)
    id = finding_of("plans")
    assert PERSON in text(filled.reader(Role.ANALYST).get(f"/ledger?id={id}"))
    for given in (Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, BOUND):
        browser = filled.reader(given)
        page = text(browser.get(f"/ledger?id={id}"))
        assert PERSON not in page and "Plans of the wing" not in page
        assert "outside of your roles" in page
        assert browser.get(f"/ledger/{id}/proof").status_code == HTTPStatus.OK
        assert browser.post(f"/ledger/{id}/disclosure").status_code == HTTPStatus.FORBIDDEN
    assert "one.example" in text(filled.reader(Role.ANALYST).get("/ledger?id=plans"))
    assert "one.example" not in text(filled.reader(BOUND).get("/ledger?id=plans"))
    assert "two.example" in text(filled.reader(BOUND).get("/ledger?id=audit"))


def test_a_record_that_withholds_who_acted_does_not_tell_by_asking_for_that_group(filled: Site) -> None:
    sequence(filled.installation)
    browser, id = filled.reader(Role.ANALYST), finding_of("audit")
    assert browser.post(f"/ledger/{id}/disclosure").status_code == HTTPStatus.OK
    for asked in (["who"], ["nothing"], ["who", "evidence"]):
        answer = browser.post(f"/ledger/{id}/disclosure", {"group": asked})
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert SOURCE_OF_INTEREST.encode() not in answer.content


def test_what_is_taken_along_of_the_ledger_is_an_exit(filled: Site) -> None:
    sequence(filled.installation)
    browser, id = filled.reader(Role.ANALYST), finding_of("plans")
    said = {"group": "when", "purpose": "inquiry", "to_place": "regulator.example"}
    assert browser.get(f"/ledger/{id}/disclosure").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    shown = browser.post(f"/ledger/{id}/disclosure", said)
    assert shown.json()["groups"].keys() == {"when"}
    with filled.installation.lake.snapshot() as snapshot:
        asked = "SELECT to_place, outcome, actor FROM transfers WHERE asset = 'waybill:records'"
        (kept,) = snapshot.query(asked).to_pylist()
    assert (kept["to_place"], kept["outcome"]) == ("regulator.example", "success")
    assert kept["actor"].startswith("p-")


def asked(site: Site, path: str, bound: Bound, *scopes: Scope, **body: object) -> Any:
    """Ask the API with a new token of this reach."""
    number = len(tokens.every())
    _, secret = tokens.create(f"t{number}", scopes or [Scope.READ], who="test", bound=bound)
    head = {"authorization": f"Bearer {secret}"}
    if body:
        return site.browser().post(path, body, content_type="application/json", headers=head)
    return site.browser().get(path, headers=head)


def test_tokens_read_as_far_as_they_reach(filled: Site) -> None:
    plans, audit = finding_of("plans"), finding_of("audit")
    two, low = Bound(frozenset({"two.example"})), Bound(grade=Grade.IMPORTANT)
    for bound, moved, found in ((Bound(), 5, 2), (two, 3, 1), (low, 2, 1)):
        rows = asked(filled, "/api/v1/transfers", bound).json()["transfers"]
        assert len(rows) == moved
        assert not any(row["actor"] == SOURCE_OF_INTEREST for row in rows), "withheld, as on pages"
        told = asked(filled, "/api/v1/findings", bound).json()["findings"]
        assert len({one["finding"]["id"] for one in told} & {plans, audit}) == found
        assert SOURCE_OF_INTEREST not in str(told)
        status = asked(filled, f"/api/v1/findings/{plans}", bound).status_code
        assert status == (HTTPStatus.OK if bound == Bound() else HTTPStatus.NOT_FOUND)
        whole = asked(filled, "/api/v1/sources", bound).status_code
        assert whole == (HTTPStatus.OK if bound == Bound() else HTTPStatus.FORBIDDEN)


def test_a_token_that_reads_keeps_nothing(site: Site) -> None:
    body: dict[str, Any] = {"facts": {}, "keep": True}
    assert asked(site, "/api/v1/assessments", Bound(), **body).status_code == HTTPStatus.FORBIDDEN
    kept = asked(site, "/api/v1/assessments", Bound(), Scope.READ, Scope.RECORD, **body)
    assert kept.status_code == HTTPStatus.OK


def accept(browser: Client, id: str, *names: str) -> int:
    """Accept findings like one; return the status of the answer."""
    said = {**dict.fromkeys(names, "on"), "until": "2999-01-01", "reason": "agreed"}
    return int(browser.post(f"/findings/{id}/accept", said).status_code)


def test_exceptions_of_others_are_neither_shown_nor_ended(filled: Site) -> None:
    id = finding_of("plans")
    assert accept(filled.reader(Role.ANALYST), id, "subject", "asset") == HTTPStatus.FOUND
    assert PERSON in text(filled.reader(Role.AUDITOR).get("/findings/exceptions"))
    for given in (PARTNER, BOUND):
        assert PERSON not in text(filled.reader(given).get("/findings/exceptions"))
    refused = filled.reader(BOUND).post("/findings/exceptions/1/end", {"reason": "mine"})
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert queries.get(id).state == "excepted"


def test_an_exception_reaches_no_further_than_who_makes_it(filled: Site) -> None:
    id = finding_of("plans")
    near = filled.reader(Assignment(role=Role.ANALYST, organisations=("one.example",)))
    for names in (("source",), ("rule_id", "asset"), ("subject",)):
        assert accept(near, id, *names) == HTTPStatus.BAD_REQUEST
    assert exceptions() == []
    reads_all = (Role.AUDITOR, Assignment(role=Role.RESPONDER, organisations=("two.example",)))
    assert accept(filled.reader(*reads_all), id, "subject", "asset") == HTTPStatus.BAD_REQUEST
    assert accept(near, id, "subject", "asset") == HTTPStatus.FOUND
    assert "agreed" in text(near.get("/findings/exceptions"))


def test_the_overview_tells_of_no_others(filled: Site) -> None:
    whole = text(filled.reader(Role.ANALYST).get("/"))
    assert "Plans of the wing" in whole and "chart-ways" in whole
    bound = text(filled.reader(BOUND).get("/"))
    assert PERSON not in bound and "chart-ways" not in bound and "Groundwater audit" in bound
    low = text(filled.reader(Assignment(role=Role.AUDITOR, grade=Grade.SENSITIVE)).get("/"))
    assert "Plans of the wing" not in low
    for role in (Role.ADMINISTRATOR, Role.PRIVACY_OFFICER):
        page = text(filled.reader(role).get("/"))
        assert "Plans of the wing" not in page and PERSON not in page, "no records by that role"


def test_a_transfer_names_no_finding_beyond_reach(filled: Site) -> None:
    id, moved = finding_of("plans"), (2).to_bytes(16, "big")
    models.FindingTransfer.objects.create(finding_id=id, transfer=moved)
    assert id in text(filled.reader(Role.ANALYST).get(f"/transfers/{moved.hex()}"))
    assert id not in text(filled.reader(BOUND).get(f"/transfers/{moved.hex()}"))


def test_what_is_typed_as_a_reason_names_nobody(filled: Site) -> None:
    browser, id = filled.reader(Role.ANALYST), finding_of("plans")
    known = people.introduce(filled.installation, "zhao.rare")
    register_models.Party.objects.create(id=known, kind="person")
    said = {"id": id, "state": "in_progress", "reason": "asked zhao.rare"}
    assert browser.post("/findings/decide", said).status_code == HTTPStatus.FOUND
    assert f"asked {known}" in text(browser.get(f"/findings/{id}"))
    browser.post(f"/findings/{id}/accept", {"asset": "on", "until": "2999-01-01", "reason": "zhao.rare agreed"})
    browser.post("/findings/exceptions/1/end", {"reason": "zhao.rare left"})
    browser.post("/transfers/export", {"purpose": "for zhao.rare", "to_place": "wang.rare@x.example", "form": "csv"})
    assert "@x.example" in text(browser.get("/transfers"))
    browser.post("/views/transfers", {"name": "of zhao.rare", "query": "actor=zhao.rare"})
    rest = b"".join(path.read_bytes() for path in filled.data.rglob("*") if path.is_file())
    assert b"zhao.rare" not in rest and b"wang.rare" not in rest


def test_nobody_learns_by_counting_who_acted_where_that_is_withheld(filled: Site) -> None:
    browser = filled.reader(Role.ANALYST)
    for asked in (f"actor={SOURCE_OF_INTEREST}", "to_place=elsewhere.example"):
        counted, page = text(browser.get(f"/transfers/count?{asked}")), text(browser.get(f"/transfers?{asked}"))
        assert f"/transfers/{3:032x}" not in page
        assert ("0 " if "actor" in asked else "4 ") in counted
    assert "5 " in text(browser.get("/transfers/count"))


def test_what_no_database_keeps_is_no_fault(filled: Site) -> None:
    browser = filled.reader(Role.ANALYST)
    for path in ("/findings?asset=a%00b", "/transfers?actor=%00", "/ledger?id=%00plans"):
        assert browser.get(path).status_code == HTTPStatus.OK


def test_counts_of_other_exporters_are_not_told(filled: Site) -> None:
    exported = counters.Exported(date.today(), "one.example", "abroad", "personal", False, frozenset({"1", "2"}))
    counters.add([exported], filled.installation.folder.key("pseudonym"))
    assert "one.example" in text(filled.reader(Role.ANALYST).get("/counters"))
    assert "one.example" not in text(filled.reader(BOUND).get("/counters"))


def test_examples_of_a_rule_tell_of_nobody_beyond_reach_or_withheld(filled: Site) -> None:
    found = [stored.finding for stored in queries.every(queries.Filter(states=queries.ALL_STATES))]
    register = filled.installation.register()
    assert {"plans", "audit"} <= {one.asset for one in found}
    whole, bound = inquiry.plain(found, Reach.of([Bound()]), register), inquiry.plain(found, BOUND_REACH, register)
    assert "audit" not in {one.asset for one in whole} and PERSON in {one.subject for one in whole}
    assert "audit" not in {one.asset for one in bound} and PERSON not in {one.subject for one in bound}
    assert inquiry.plain(found, Reach(), register) == []

"""The pages of cases: figures first, nobody named where the public has an interest, all acts, nothing beyond reach."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.console.filled import PERSON, SOURCE_OF_INTEREST, filled
from tests.console.site import Site, empty_site, site
from tests.console.test_pages import finding_of, text

from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.cases import clocks, queries
from waybill.cases.words import CaseState, Origin
from waybill.findings import models
from waybill.findings import queries as findings
from waybill.flow import people
from waybill.flow.cases.bundle import verify
from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.proof.comparing import compare
from waybill.flow.proof.sequencing import sequence
from waybill.model.words import Intent, Severity
from waybill.register import models as register_models

__all__ = ["empty_site", "filled", "site"]

CLOCK = "cn-incident-reporting/4-other"


def case_of(asset: str) -> int:
    number = queries.case_of(finding_of(asset))
    assert number is not None
    return number


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_queue_and_a_case_are_shown(filled: Site, language: str) -> None:
    browser = filled.reader(Role.ANALYST)
    browser.cookies["django_language"] = language
    number = case_of("plans")
    assert f'href="/cases/{number}"' in text(browser.get("/cases"))
    page = text(browser.get(f"/cases/{number}"))
    assert PERSON in page and finding_of("plans") in page and "chart-ways" in page
    assert "cn-" in page, "the clocks that may run"
    assert page.index('id="figures"') < page.index('id="ways"')
    assert text(browser.get("/cases?state=closed&severity=critical"))


def test_where_the_public_has_an_interest_nobody_is_named(filled: Site) -> None:
    browser, number = filled.reader(Role.ANALYST), case_of("audit")
    sequence(filled.installation)
    for path in ("/cases", f"/cases/{number}", f"/ledger?id=case-{number}"):
        page = text(browser.get(path))
        assert SOURCE_OF_INTEREST not in page and "desk-of" not in page, path
    assert "elsewhere.example" not in text(browser.get(f"/cases/{number}")), "a receiver points at somebody too"


def test_everything_can_be_done_on_the_page(filled: Site) -> None:
    browser, number = filled.reader(Role.RESPONDER), case_of("plans")

    def do(act: str, **said: object) -> None:
        answer = browser.post(f"/cases/{number}/do", {"act": act, **said})
        assert answer.status_code == HTTPStatus.FOUND, answer.content[:3000]

    do("judge", state="analysis", severity="low", intent="accident", origin="unofficial", reason="a macro")
    do("harm", persons="12", amount="10.50", currency="cny", also="a river", reason="twelve rows")
    do("assign", mine="yes")
    do("note", text="rang the vendor")
    do("task", title="ask for deletion", due="2999-01-01")
    do("done", task=str(queries.tasks(number)[0].number))
    answers = {"incident_grade": "larger", "cn_operator": "yes", "ciio": "no", "state_organ": "no"}
    do("facts", reason="by the annex", **{f"fact-{name}": said for name, said in answers.items()})
    case = queries.get(number)
    assert (case.state, case.severity, case.intent) == (CaseState.ANALYSIS, Severity.LOW, Intent.ACCIDENT)
    assert case.origin is Origin.UNOFFICIAL and case.harm is not None and case.harm.persons == 12
    assert case.assignee.startswith("p-")
    assert any(one.certain for one in clocks.clocks([number], running=True)), "clocks follow what was said"
    running = clocks.clocks([number], running=True)
    do("clock", clock=running[0].id, met="yes", reason="receipt 7")
    do("clock", clock=running[1].id, drop="yes", reason="no such thing")
    page = text(browser.get(f"/cases/{number}"))
    for said in ("receipt 7", "rang the vendor", "twelve rows", "by the annex", "ask for deletion"):
        assert said in page, said


def test_cases_are_merged_and_split_on_the_page(filled: Site) -> None:
    browser, one, other = filled.reader(Role.RESPONDER), case_of("plans"), case_of("audit")
    browser.post(f"/cases/{other}/do", {"act": "merge", "into": str(one), "reason": "one deed"})
    assert len(queries.get(one).findings) > 1
    assert f'href="/cases/{one}"' in text(browser.get(f"/cases/{other}"))
    browser.post(f"/cases/{one}/do", {"act": "split", "finding": finding_of("audit"), "reason": "two"})
    assert case_of("audit") not in {one, other}


@pytest.mark.parametrize(
    "said",
    [
        {"act": "judge", "state": "closed", "reason": ""},
        {"act": "judge", "state": "merged", "reason": "x"},
        {"act": "harm", "persons": "many", "reason": "x"},
        {"act": "clock", "clock": "none", "met": "yes", "reason": "x"},
        {"act": "merge", "into": "99", "reason": "x"},
        {"act": "done", "task": "x"},
        {"act": "fly"},
    ],
)
def test_what_cannot_be_done_is_told_on_the_page(filled: Site, said: dict[str, str]) -> None:
    answer = filled.reader(Role.RESPONDER).post(f"/cases/{case_of('plans')}/do", said)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert 'role="alert"' in answer.content.decode()


def test_a_case_beyond_reach_is_as_if_there_were_none(filled: Site) -> None:
    number = case_of("plans")
    bound = filled.reader(Assignment(role=Role.ANALYST, organisations=("two.example",)))
    assert f'href="/cases/{number}"' not in text(bound.get("/cases"))
    assert bound.get(f"/cases/{number}").status_code == HTTPStatus.BAD_REQUEST
    said = {"act": "note", "text": "x"}
    assert bound.post(f"/cases/{number}/do", said).status_code == HTTPStatus.BAD_REQUEST
    assert filled.reader(Role.AUDITOR).post(f"/cases/{number}/do", said).status_code == HTTPStatus.FORBIDDEN
    reads = filled.reader(Role.AUDITOR, Assignment(role=Role.RESPONDER, organisations=("two.example",)))
    assert reads.post(f"/cases/{number}/do", said).status_code == HTTPStatus.BAD_REQUEST
    sequence(filled.installation)
    assert "opened" not in text(bound.get(f"/ledger?id=case-{number}")).split("outside of your roles")[-1]


def test_what_is_typed_names_nobody(filled: Site) -> None:
    browser, number = filled.reader(Role.RESPONDER), case_of("plans")
    known = people.introduce(filled.installation, "zhao.rare")
    register_models.Party.objects.create(id=known, kind="person")
    for said in ({"act": "note", "text": "rang zhao.rare"}, {"act": "assign", "assignee": "zhao.rare"}):
        browser.post(f"/cases/{number}/do", said)
    assert f"rang {known}" in text(browser.get(f"/cases/{number}"))
    rest = b"".join(path.read_bytes() for path in filled.data.rglob("*") if path.is_file())
    assert b"zhao.rare" not in rest


def test_a_protected_disclosure_shows_nobody_for_good(filled: Site) -> None:
    browser, number, id = filled.reader(Role.RESPONDER, Role.AUDITOR), case_of("plans"), finding_of("plans")
    sequence(filled.installation)
    moved = findings.get(id).finding.transfers[0]
    assert PERSON in text(browser.get(f"/findings/{id}")) and PERSON in text(browser.get(f"/transfers/{moved}"))
    answer = browser.post(f"/cases/{number}/do", {"act": "protect", "reason": "a report of wrongs"})
    assert answer.status_code == HTTPStatus.FOUND, answer.content[:2000]
    detect(filled.installation, load_detectors(only=["unauthorised"]), workers=0, progress=lambda _: None)
    models.DetectorState.objects.all().delete()
    detect(filled.installation, load_detectors(only=["unauthorised"]), workers=0, progress=lambda _: None)
    for path in (
        f"/cases/{number}", f"/findings/{id}", "/findings?state=all", f"/ledger?id={id}", f"/transfers/{moved}",
        f"/ledger?id=case-{number}",
    ):  # fmt: skip
        page = text(browser.get(path))
        assert PERSON not in page and "desk-of" not in page, path
    assert moved not in text(browser.get(f"/transfers?actor={PERSON}")), "nor by asking"
    again = browser.post(f"/cases/{number}/do", {"act": "protect", "reason": "again"})
    assert again.status_code == HTTPStatus.BAD_REQUEST
    sequence(filled.installation)
    assert not compare(filled.installation).faults, "the proofs of what stays hold"


def test_a_file_becomes_evidence_by_its_hash_and_is_not_kept(filled: Site) -> None:
    browser, number = filled.reader(Role.RESPONDER), case_of("plans")
    content = b"what the vendor wrote on 2026-03-03: never deleted"
    said = {"act": "evidence", "reason": "what was sent"}
    file = SimpleUploadedFile("mail.eml", content)
    assert browser.post(f"/cases/{number}/do", {**said, "file": file}).status_code == HTTPStatus.FOUND
    assert hashlib.sha256(content).hexdigest() in text(browser.get(f"/cases/{number}"))
    assert browser.post(f"/cases/{number}/do", said).status_code == HTTPStatus.BAD_REQUEST
    rest = b"".join(path.read_bytes() for path in filled.data.rglob("*") if path.is_file())
    assert content not in rest


def test_the_bundle_is_taken_along_from_the_page(filled: Site, tmp_path: Path) -> None:
    number = case_of("plans")
    said = {"reason": "for the regulator"}
    answer = filled.reader(Role.RESPONDER).post(f"/cases/{number}/bundle", said)
    assert answer.status_code == HTTPStatus.OK and f"case-{number}.zip" in answer["Content-Disposition"]
    file = tmp_path / "case.zip"
    file.write_bytes(answer.content)
    assert verify(file).sound
    assert filled.reader(Role.RESPONDER).post(f"/cases/{number}/bundle", {}).status_code == HTTPStatus.BAD_REQUEST
    bound = filled.reader(Assignment(role=Role.RESPONDER, organisations=("two.example",)))
    assert bound.post(f"/cases/{number}/bundle", said).status_code == HTTPStatus.BAD_REQUEST
    assert filled.reader(Role.PARTNER).post(f"/cases/{number}/bundle", said).status_code == HTTPStatus.FORBIDDEN

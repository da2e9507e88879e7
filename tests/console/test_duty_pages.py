"""The page of duty: planned, swapped, handed over by those concerned; the report tells what is in force until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import msgspec
import pytest
from django.test import Client
from tests.console.filled import filled
from tests.console.site import Site, confirm, empty_site, site
from tests.console.test_case_pages import case_of
from tests.console.test_pages import text
from tests.console.test_playbook_pages import HOLD, begun, held

from waybill.access import models as access
from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.cases import clocks, duty, journal, working
from waybill.cases.models import Case
from waybill.cases.words import Act
from waybill.flow.cases import clocks as case_clocks
from waybill.flow.cases.duty import on_call
from waybill.respond import notices
from waybill.respond.models import Run, RunAct
from waybill.respond.standing import standing

__all__ = ["empty_site", "filled", "held", "site"]

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def responder(site: Site, login: str) -> tuple[access.User, Client]:
    user = site.account(Role.RESPONDER, login=login)
    browser = site.browser_of(user)
    confirm(browser)
    return user, browser


def planned(site: Site, *people: access.User, hours: int = 12, begins: datetime = NOW - timedelta(hours=1)) -> None:
    duty.plan([one.pseudonym for one in people], begins, timedelta(hours=hours), 2, who="lead")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_is_on_call_is_shown_by_login_with_gaps(filled: Site, language: str) -> None:
    first, browser = responder(filled, "li.na")
    second, _ = responder(filled, "wang.wei")
    browser.cookies["django_language"] = language
    assert "<svg" not in text(browser.get("/duty")), "nobody is on the rota"
    said = {"act": "plan", "person": [first.pseudonym, second.pseudonym], "hours": "24", "count": "3"}
    answer = browser.post("/duty/do", {**said, "begins": f"{NOW:%Y-%m-%dT%H:%M}"})
    assert answer.status_code == HTTPStatus.FOUND, answer.content[:2000]
    page = text(browser.get("/duty"))
    assert "li.na" in page and "wang.wei" in page and 'class="gap"' in page
    assert len(duty.gaps(NOW, NOW + timedelta(days=14))) == 1


def test_a_swap_is_asked_and_taken_by_those_concerned(filled: Site) -> None:
    (first, li), (second, wang), (_, zhao) = (responder(filled, one) for one in ("li.na", "wang.wei", "zhao.yu"))
    planned(filled, first, second)
    mine = duty.shifts(NOW, NOW + timedelta(days=1))[0]
    asked = {"act": "ask", "shift": mine.number, "to": second.pseudonym, "reason": "a wedding"}
    assert zhao.post("/duty/do", asked).status_code == HTTPStatus.BAD_REQUEST, "it is not theirs"
    assert li.post("/duty/do", asked).status_code == HTTPStatus.FOUND
    answer = {"act": "answer", "swap": duty.swaps()[0].number, "taken": "yes"}
    assert zhao.post("/duty/do", answer).status_code == HTTPStatus.BAD_REQUEST
    assert "a wedding" in text(wang.get("/duty"))
    assert wang.post("/duty/do", answer).status_code == HTTPStatus.FOUND
    now = duty.on_duty(datetime.now(UTC))
    assert now is not None and now.person == second.pseudonym


def test_duty_is_handed_over_with_what_is_in_force(held: Site) -> None:
    (first, li), (second, wang) = responder(held, "li.na"), responder(held, "wang.wei")
    planned(held, first, second)
    number = begun(held, li)
    wang.post(f"/playbooks/acts/{standing(number).acts[0].number}/decide", {"granted": "yes", "reason": "seen"})
    working.add_task(case_of("plans"), "ring the vendor", who="x")
    assert wang.post("/duty/do", {"act": "hand-over", "note": "mine?"}).status_code == HTTPStatus.BAD_REQUEST
    li.post("/duty/do", {"act": "hand-over", "note": "the shipment stays held"})
    report = text(wang.get("/duty/handover"))
    for told in (
        "the shipment stays held",
        "permit.suspend",
        "nobody has said",
        "ring the vendor",
        "li.na",
        "wang.wei",
    ):
        assert told in report, told
    taken = {"act": "take-over", "handover": duty.handovers()[0].number}
    assert li.post("/duty/do", taken).status_code == HTTPStatus.BAD_REQUEST
    assert wang.post("/duty/do", taken).status_code == HTTPStatus.FOUND
    assert duty.handovers()[0].taken_at is not None


def test_what_is_in_force_is_told_of_closed_cases_too_and_names_nobody_that_is_withheld(held: Site) -> None:
    person = "p-" + "d" * 16
    for asset in ("plans", "audit"):
        run = Run.objects.create(
            case_id=case_of(asset), playbook="x", content=msgspec.json.encode([HOLD.content.decode()]).decode(),
            state="done", begun_at=NOW, begun_by="x",
        )  # fmt: skip
        RunAct.objects.create(
            run=run, key="x", step=f"lock-{asset}", command="ldap.lock", state="in-force", begun_at=NOW,
            arguments=msgspec.json.encode({"login": person, "minutes": "60"}).decode(),
        )  # fmt: skip
    Case.objects.update(state="closed")
    for path in ("/duty", "/duty/handover"):
        page = text(held.reader(Role.RESPONDER).get(path))
        assert "lock-plans" in page and "lock-audit" in page and f"{NOW + timedelta(hours=1):%Y-%m-%d %H:%M}" in page
        assert page.count(person) == 1, "that of the case that withholds nobody"


def test_what_lies_beyond_reach_is_in_no_report(filled: Site) -> None:
    bound = filled.reader(Assignment(role=Role.RESPONDER, organisations=("two.example",)))
    for path in ("/duty", "/duty/handover"):
        assert f'href="/cases/{case_of("plans")}' not in text(bound.get(path)), path
    assert f'href="/cases/{case_of("plans")}' in text(filled.reader(Role.AUDITOR).get("/duty/handover"))
    assert filled.reader(Role.AUDITOR).post("/duty/do", {"act": "plan"}).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "said",
    [
        {"act": "fly"},
        {"act": "plan", "begins": "soon", "hours": "24", "count": "2"},
        {"act": "plan", "begins": "2026-03-02T08:00", "hours": "99999", "count": "2"},
        {"act": "plan", "begins": "2026-03-02T08:00", "hours": "24", "count": "2", "person": "p-" + "0" * 16},
        {"act": "answer", "swap": "x"},
        {"act": "remove", "shift": "999", "reason": "x"},
    ],
)
def test_what_cannot_be_done_is_told(filled: Site, said: dict[str, str]) -> None:
    answer = filled.reader(Role.RESPONDER).post("/duty/do", said)
    assert answer.status_code == HTTPStatus.BAD_REQUEST and 'role="alert"' in answer.content.decode()


def test_deadlines_are_told_to_whoever_is_on_call(filled: Site) -> None:
    user, _ = responder(filled, "li.na")
    (filled.data / "respond.toml").write_text(
        '[notify]\n"li.na" = "jsons://127.0.0.1/li"\nduty = "jsons://127.0.0.1/d"\n'
    )
    now = datetime.now(UTC)
    assert on_call(filled.installation, now).receiver == "duty", "nobody is on call"
    planned(filled, user)
    called = on_call(filled.installation, now)
    assert (called.person, called.receiver) == (user.pseudonym, "li.na")
    late = max(one.due_at for one in clocks.clocks(running=True))
    assert case_clocks.tell(late, called)
    assert {one.receiver for one in notices.every()} == {"li.na"}
    told = [one for case in {one.case for one in clocks.clocks()} for one in journal.entries(case, Act.ESCALATED)]
    assert any(one.what.get("to") == user.pseudonym for one in told)

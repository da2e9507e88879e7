"""The pages "May I?" and "Rulebook": only what is needed is asked, an answer can be kept, what is wrong is told."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.console.site import Site

from waybill.access import tokens
from waybill.access.roles import Role
from waybill.access.scopes import Scope

LEAVING = {"from_country": "CN", "to_country": "DE"}
FREE = LEAVING | {
    "state_secret": "no", "foreign_authority": "no", "core_data": "no", "collected_abroad": "no",
    "personal_data": "no", "important_data": "no",
}  # fmt: skip


def test_only_what_is_still_needed_is_asked(site: Site) -> None:
    browser = site.reader(Role.TRADE_CONTROL)
    page = browser.get("/assess").content.decode()
    assert 'name="from_country"' in page
    asked = browser.get("/assess", LEAVING).content.decode()
    assert '<select id="state_secret"' in asked
    assert '<select id="us_security_met"' not in asked, "later questions depend on the first ones"
    page = browser.get("/assess", FREE | {"us_person": "no", "eu_personal_data": "no"}).content.decode()
    assert 'class="panel verdict permitted"' in page
    assert '<select id="us_person"' not in page and '<select id="state_secret"' not in page


def test_an_answer_is_kept_in_the_ledger(site: Site) -> None:
    browser = site.reader(Role.ANALYST)
    answer = browser.post("/assess/keep", FREE | {"day": "2026-11-22"})
    assert answer.status_code == 302
    page = browser.get(answer["location"])
    (record,) = re.findall(r"\?id=([0-9a-f]{32})", page.content.decode())
    from waybill.outbox.models import Row

    row = Row.objects.get(record=record)
    assert row.kind == "assessment" and '"permitted"' in row.content


def test_what_is_wrong_is_told(site: Site) -> None:
    browser = site.reader(Role.TRADE_CONTROL)
    contradiction = {"core_data": "yes", "important_data": "no"}
    for wrong in ({"to_country": "Germany"}, contradiction, {"day": "tomorrow"}, {"day": "0001-01-01"}):
        answer = browser.get("/assess", LEAVING | wrong)
        assert answer.status_code == 400
        assert b'class="fault"' in answer.content and b"gap" not in answer.content
    answer = browser.get("/assess", LEAVING | {"cn_item": "<script>alert(1)</script>"})
    assert b"<script>alert" not in answer.content


def test_the_rulebook_tells_what_is_unverified(site: Site) -> None:
    browser = site.reader(Role.AUDITOR)
    page = browser.get("/rulebook").content.decode()
    assert "unverified" in page and "cn-announcement-2025-62/1" in page
    found = browser.get("/rulebook", {"text": "order 16", "standing": "unverified"}).content.decode()
    assert "7(2)" in found
    assert "cn-pipl" not in found
    assert browser.get("/assess").status_code == 403, "an auditor asks for nothing"


def test_programs_ask_over_http(site: Site) -> None:
    _, secret = tokens.create("program", [Scope.READ], who="test")

    def ask(body: object) -> tuple[int, Any]:
        answer = site.browser().post(
            "/api/v1/assessments", body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
        )
        return answer.status_code, answer.json()

    status, told = ask({"facts": {"from_country": "CN", "to_country": "DE"}, "day": "2026-11-11"})
    assert status == 200
    data = next(one for one in told["answers"] if one["regime"] == "cn-data")
    assert data["outcome"] is None and "state_secret" in data["questions"]
    assert told["record"] == ""
    status, told = ask({"facts": dict(FREE), "keep": True})
    assert status == 200 and len(told["record"]) == 32
    for wrong in ({"facts": {"to_country": "Germany"}}, {"facts": {"no": 1}}, {"day": "1066-01-01", "facts": {}}, [1]):
        status, told = ask(wrong)
        assert status == 400 and told["detail"]


def test_a_rule_is_tried_on_what_is_stored(site: Site) -> None:
    browser = site.reader(Role.ANALYST)
    listed = browser.get("/rules", {"text": "T1567"}).content.decode()
    (rule, *_) = re.findall(r'data-row href="(/rules/[^"]+)"', listed)
    assert b"findings over" not in browser.get(rule, {"days": "30"}).content, "to look begins nothing"
    assert browser.post(f"{rule}/try", {"days": "30"})["Location"] == f"{rule}?days=30#backtest"
    assert browser.post(f"{rule}/try", {"days": "30"}).status_code == 302, "it is under way"
    assert browser.post(f"{rule}/try", {"days": "7"}).status_code == 503, "one at a time"
    assert b"Looking: 0 transfers so far" in browser.get(rule, {"days": "30"}).content
    until = time.monotonic() + 60
    while b"0 findings over 0 transfers" not in browser.get(rule, {"days": "30"}).content:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert browser.post(f"{rule}/try", {"days": "9999"}).status_code == 400
    assert browser.get("/rules/no-such-rule").status_code == 404
    assert browser.post("/rules/no-such-rule/try", {"days": "7"}).status_code == 404
    for number in ("9999", "²"):
        assert browser.get(rule, {"days": number}).status_code == 200, "another number asks for nothing"
    assert b"T1567" in browser.get("/rules/coverage").content

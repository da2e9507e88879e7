"""The pages "May I?" and "Rulebook": only what is needed is asked, an answer can be kept, what is wrong is told."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from tests.console.site import Site, confirm

from waybill.access import tokens
from waybill.access.accounts import Assignment
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
    _, secret = tokens.create("program", [Scope.READ, Scope.RECORD], who="test")

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


QUOTE = "自当年1月1日起累计向境外提供100万人以上个人信息（不含敏感个人信息）的，应当申报数据出境安全评估。"


def test_a_person_verifies_a_rule_on_the_page(site: Site) -> None:
    browser, rule = site.reader(Role.TRADE_CONTROL), "cn-order-16/7-2-persons"
    asked = {"rule": rule, "quote": QUOTE, "source": "cac.gov.cn"}
    assert browser.post("/rulebook/verify", asked).status_code == 302, "first show again who you are"
    assert not site.installation.law.current().provisions[rule][1].quote
    confirm(browser)
    answer = browser.post("/rulebook/verify", asked | {"quote": QUOTE.replace("100万", "10万")})
    assert answer.status_code == 400 and b"1,000,000" in answer.content
    assert browser.post("/rulebook/verify", asked).status_code == 302
    assert site.installation.law.current().provisions[rule][1].quote == QUOTE
    page = browser.get("/rulebook", {"text": rule, "standing": "verified"}).content.decode()
    assert "100万人以上" in page
    reader = site.reader(Role.AUDITOR)
    confirm(reader)
    assert reader.post("/rulebook/verify", asked).status_code == 403


def test_a_broken_file_of_rules_is_told_on_the_page(site: Site, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("id = 1", encoding="utf-8")
    (site.data / "waybill.toml").write_text(f'rulebook = ["{own}"]', encoding="utf-8")
    from waybill.flow.installation import Installation
    from waybill.flow.law.rule_set import RuleSet

    vars(site.installation)["law"] = RuleSet(Installation.open(site.data, django="waybill.console.settings"))
    page = site.reader(Role.AUDITOR).get("/rulebook").content.decode()
    assert "the last good rules stay in force" in page and "own.toml" in page


def test_counters_tell_distance_forecast_and_splits(site: Site, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from tests.flow.test_exits import register

    from waybill.flow.law.counters import add_exports

    parties = "id,kind,org\ngroup,organisation,\nshop,organisation,group\nbank,organisation,group\n"
    register(site.installation, tmp_path / "register", parties=parties)
    file, day = tmp_path / "exports.csv", datetime.now(UTC).date()
    rows = [f"{day},{who},abroad,sensitive,,P-{n}" for who, first in (("shop", 0), ("bank", 6_000))
            for n in range(first, first + 6_000)]  # fmt: skip
    file.write_text("day,exporter,recipient,category,basis,person\n" + "\n".join(rows), encoding="utf-8")
    add_exports(site.installation, file)
    page = site.reader(Role.AUDITOR).get("/counters").content.decode()
    assert "4,000" in page and "10,000" in page, "distance and threshold"
    assert "Split over affiliates" in page and "12,000" in page
    assert site.reader(Role.ADMINISTRATOR).get("/counters").status_code == 403


def test_an_asset_is_graded_on_the_page(site: Site, tmp_path: Path) -> None:
    from tests.flow.test_exits import register

    assets = "id,name,kind,grade,owner\npatients,Patients,data,general,clinic\nother,Other,data,general,else\n"
    register(site.installation, tmp_path / "register", assets=assets,
             parties="id,kind\nclinic,organisation\nelse,organisation\n")  # fmt: skip
    browser = site.reader(Assignment(role=Role.TRADE_CONTROL, organisations=("clinic",)))
    page = browser.get("/grades").content.decode()
    assert "Patients" in page and "Other" not in page
    said = {"asset": "patients", "fact": "health_data", "value": "yes"}
    assert browser.post("/grades/say", said).status_code == 302
    assert browser.post("/grades/say", said | {"asset": "other"}).status_code == 400, "beyond the reader"
    assert browser.post("/grades/say", said | {"value": "perhaps"}).status_code == 400
    page = browser.get("/grades").content.decode()
    assert "should be graver" in page and "cn-pipl/28-health-data" in page
    confirm(browser)
    decided = {"asset": "patients", "grade": "sensitive", "reason": "health"}
    assert browser.post("/grades/confirm", decided | {"reason": ""}).status_code == 400
    assert browser.post("/grades/confirm", decided | {"grade": "huge"}).status_code == 400
    assert browser.post("/grades/confirm", decided).status_code == 302
    page = browser.get("/grades").content.decode()
    assert "should be graver" not in page and "confirmed by" in page
    assert site.reader(Role.AUDITOR).post("/grades/say", said).status_code == 403


def test_steps_of_a_leaver_are_done_on_the_page(site: Site) -> None:
    from datetime import date

    from waybill.flow.law import roles
    from waybill.register import posts

    posts.define(posts.Post(id="lead", title="Head", org="works", secrecy_class="core"), who="hr")
    posts.define(posts.Post(id="far", title="Far away", org="else"), who="hr")
    person = roles.person_of(site.installation, "zhao.min")
    roles.take(site.installation, "lead", person, date(2026, 1, 1), None, who="hr")
    roles.leave(site.installation, "lead", person, posts.Leaving(on=date(2026, 11, 1)), who="hr")
    browser = site.reader(Assignment(role=Role.TRADE_CONTROL, organisations=("works",)))
    page = browser.get("/posts").content.decode()
    assert person in page and "zhao.min" not in page and "Far away" not in page
    assert "steps undone" in page
    done = {"post": "lead", "person": person, "step": "access_revoked"}
    assert browser.post("/posts/do", done).status_code == 302
    assert browser.post("/posts/do", done | {"post": "far"}).status_code == 400
    assert browser.post("/posts/do", done | {"step": "party"}).status_code == 400
    assert "access_revoked" in posts.holdings()[0].done
    assert site.reader(Role.AUDITOR).post("/posts/do", done).status_code == 403
    assert site.reader(Role.ANALYST).get("/posts").status_code == 403

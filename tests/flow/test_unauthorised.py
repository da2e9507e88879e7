"""A transfer that no permit covers is told with what the rules say of it, and which of them free it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.flow.test_exits import register

from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.flow.law.alarms import alarms
from waybill.model.findings import Finding
from waybill.model.words import Grade, Severity

QUOTE = "Sensitive designs may go to the site in Germany."
FREES = f"""\
id = "company"
regime = "company"
name = {{ en = "Company rules", zh = "公司规定" }}
source = "intranet"
first = 2024-01-01
confidence = "text"

[[rules]]
id = "company/designs"
article = "1"
priority = 10
outcome = "permitted"
when = ["asset_grade = sensitive", "to_country = DE"]
says = {{ en = "Designs go to Germany.", zh = "图纸可送往德国。" }}
quote = "{QUOTE}"
quote_sha256 = "{hashlib.sha256(QUOTE.encode()).hexdigest()}"
verified_on = 2026-01-01
review_on = 2030-01-01

[[rules]]
id = "company/rest"
article = "2"
priority = 900
outcome = "file"
filing = "sign-off"
when = []
says = {{ en = "All else is signed off first.", zh = "其他须先审批。" }}
"""
SETTLED = (
    "unlawful_rare_earth = false\nmade_abroad = false\ncn_value_share = 0\ncn_technology = false\n"
    'chinese_assistance = false\ncn_listed = false\ncn_item = "NONE"\ncn_end_use_risk = false\n'
    "end_use_changed = false\ncore_data = false\n"
    "cn_licence = false\ncn_end_user_listed = false\ncn_military_end_user = false\nstate_secret = false\n"
    "foreign_authority = false\npersonal_data = false\nimportant_data = false\nus_person = false\nus_item = false\n"
    'us_kind = "none"\neu_personal_data = false\nsecrecy_class = "none"\nrecipient_restricted = false\n'
    "collected_abroad = false\nciio = false\nassessment_passed = false\nus_content_share = 0\nus_licence = false\n"
    'us_owner_listed = false\nus_licence_required = false\nus_destination = "other"\n'
)


def found(folder: Path, *, rules: str = "", facts: str = "", grade: str = "sensitive", said: bool = False) -> Finding:
    """Return the finding about a design that went to Germany."""
    data = folder / "data"
    data.mkdir()
    here = Installation.open(data, create=True)
    lines = []
    for name, key, text in (("company.toml", "rulebook", rules), ("facts.toml", "rulebook_facts", facts)):
        if text:
            (folder / name).write_text(text, encoding="utf-8")
            lines.append(f'{key} = ["{folder / name}"]' if key == "rulebook" else f'{key} = "{folder / name}"')
    (data / "waybill.toml").write_text("\n".join(lines), encoding="utf-8")
    here = Installation.open(data)
    register(
        here,
        folder / "register",
        places="id,patterns,jurisdiction\nhome,.home.example,CN\nlab,.lab.example,DE\n",
        assets=f"id,name,kind,grade,home,patterns\ndesigns,Designs,data,{grade},home,/designs/*\n",
    )
    if said:
        from waybill.register import profiles

        profiles.say("designs", {"personal_data": True, "separate_consent": False}, who="li")
    row = {"time": "2026-11-20T08:00:00Z", "action": "upload", "channel": "web", "actor": "li.na",
           "asset": "/designs/1", "to_place": "ftp.lab.example", "outcome": "success"}  # fmt: skip
    log = folder / "log.jsonl"
    log.write_text(json.dumps(row) + "\n", encoding="utf-8")
    ingest(here, [log], here.plan(source="waybill"), workers=0, progress=lambda _: None)
    detect(here, load_detectors((), ["unauthorised"]), workers=0, progress=lambda _: None)
    from waybill.findings.queries import Filter, every

    (stored,) = [one for one in every(Filter()) if one.finding.detector == "unauthorised"]
    return stored.finding


def test_the_finding_tells_regimes_articles_and_duties(tmp_path: Path) -> None:
    told = found(tmp_path, grade="important", facts=SETTLED.replace("important_data = false\n", ""), said=True)
    assert told.rule_id == "unauthorised.no-permit" and told.severity is Severity.HIGH
    (part,) = [part for part in told.parts if part.name == "rules: cn-data"]
    assert (part.value, part.usual) == ("file", "cn-network-data-regulation/37")
    assert "China: data: not before it was filed (cn-network-data-regulation/37)" in told.advice.en
    assert "Duties: apply for a security assessment" in told.advice.en
    assert "须先申报或取得许可" in told.advice.zh
    assert not [part for part in told.parts if part.name == "rules: us-data"], "what is not concerned is not told"


def test_what_is_open_is_told_with_what_it_depends_on(tmp_path: Path) -> None:
    told = found(tmp_path)
    (part,) = [part for part in told.parts if part.name == "rules: cn-data"]
    assert "prohibited" in part.value
    assert "depends on state_secret" in told.advice.en


def test_law_alone_frees_nothing(tmp_path: Path) -> None:
    told = found(tmp_path, facts=SETTLED)
    (part,) = [part for part in told.parts if part.name == "rules: cn-data"]
    assert part.value == "permitted" and told.severity is Severity.MEDIUM


def test_an_own_verified_rule_frees_where_nothing_else_bars(tmp_path: Path) -> None:
    told = found(tmp_path, rules=FREES, facts=SETTLED)
    assert told.severity is Severity.INFORMATIONAL
    assert "company: permitted (company/designs)" in told.advice.en


@pytest.mark.parametrize(
    ("rules", "facts"),
    [
        (FREES.replace("verified_on = 2026-01-01\n", ""), SETTLED),
        (FREES.replace('"to_country = DE"', '"to_country = FR"'), SETTLED),
        (FREES, ""),
        (FREES, SETTLED.replace("state_secret = false", "state_secret = true")),
    ],
    ids=["unverified", "another country", "law is open", "law forbids"],
)
def test_nothing_less_frees_it(tmp_path: Path, rules: str, facts: str) -> None:
    assert found(tmp_path, rules=rules, facts=facts).severity is Severity.MEDIUM


def test_a_broken_rule_file_stops_nothing_and_is_told(tmp_path: Path) -> None:
    """The last good set stays in force, after a new start too; without one, the built-in rules do."""
    own, data = tmp_path / "own.toml", tmp_path / "data"
    own.write_text(FREES, encoding="utf-8")
    Installation.open(data, create=True)
    (data / "waybill.toml").write_text(f'rulebook = ["{own}"]', encoding="utf-8")
    here = Installation.open(data)
    good = here.law.current()
    assert "company/designs" in good.rules and here.law.fault is None
    own.write_text(FREES.replace("permitted", "permited"), encoding="utf-8")
    for again in (here, Installation.open(data)):
        assert again.law.current().digest == good.digest
        assert again.law.fault is not None and again.law.fault.where.endswith("own.toml:8")
    own.write_text(FREES.replace("when = []", 'when = ["ciio"]'), encoding="utf-8")
    assert here.law.current().digest == good.digest, "a gap is a fault too"
    assert "gap" in str(here.law.fault)
    assert "law.rules-broken" in {one.rule_id for one in alarms(here, datetime.now(UTC))}
    own.write_text(FREES.replace("Designs go", "Plans go"), encoding="utf-8")
    assert here.law.current().digest != good.digest and here.law.fault is None
    (data / "rulebook.json").unlink()
    own.unlink()
    bare = Installation.open(data)
    assert "company/designs" not in bare.law.current().rules and bare.law.fault is not None


def test_a_broken_file_of_facts_stops_nothing_and_is_told(tmp_path: Path) -> None:
    told = found(tmp_path, facts="ciio = maybe")
    assert "depends on state_secret" in told.advice.en, "what the file would have said is unknown"
    (one,) = alarms(Installation.open(tmp_path / "data"), datetime.now(UTC))
    assert one.rule_id == "law.rules-broken" and "facts.toml" in one.sentence.en


def test_a_person_confirms_a_grade_that_rules_suggest(tmp_path: Path) -> None:
    from waybill.flow.law.grading import confirm, suggestions
    from waybill.model.errors import UsageError

    here, day = Installation.open(tmp_path / "data", create=True), date(2026, 11, 22)
    register(
        here,
        tmp_path / "r",
        assets="id,name,kind,grade\npatients,Patients,data,general\nlogs,Logs,data,general\n",
    )
    from waybill.register import profiles

    profiles.say("patients", {"health_data": True, "persons_in_asset": 12_000_000}, who="li")
    first, second = suggestions(here, day)
    assert (first.asset.id, first.suggested, first.is_open) == ("patients", Grade.IMPORTANT, True)
    assert [rule.id for rule in first.by] == ["cn-network-data-regulation/28"] and first.by[0].verified
    assert "core_data" in first.questions
    assert (second.suggested, second.is_open) == (None, False)
    with pytest.raises(UsageError, match="no reason"):
        confirm(here, "patients", Grade.IMPORTANT, " ", day, who="zhao")
    with pytest.raises(UsageError, match="no such asset"):
        confirm(here, "nothing", Grade.IMPORTANT, "annex", day, who="zhao")
    confirm(here, "patients", Grade.IMPORTANT, "twelve million persons", day, who="zhao")
    assert {asset.id: asset.grade for asset in here.register().assets}["patients"] is Grade.IMPORTANT
    assert not suggestions(here, day)[0].is_open
    from waybill.outbox.models import Row

    rows = [json.loads(row.content) for row in Row.objects.filter(kind="grading", reference="patients").order_by("pk")]
    assert rows[-1]["what"]["rules"] == ["cn-network-data-regulation/28"] and rows[-1]["who"] == {"by": "zhao"}


def test_facts_of_an_asset_that_cannot_be_are_refused(tmp_path: Path) -> None:
    from waybill.model.errors import UsageError
    from waybill.register import profiles

    here = Installation.open(tmp_path / "data", create=True)
    register(here, tmp_path / "r", assets="id,name,kind,grade\npatients,Patients,data,general\n")
    for given in ({"helth_data": True}, {"persons_in_asset": -1}, {"health_data": True, "personal_data": False}):
        with pytest.raises(UsageError):
            profiles.say("patients", given, who="li")
    with pytest.raises(UsageError, match="no such asset"):
        profiles.say("nothing", {"health_data": True}, who="li")
    assert profiles.say("patients", {"health_data": True}, who="li").facts["personal_data"] is True

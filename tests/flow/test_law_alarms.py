"""Permits that end, counts that were split, posts that are due: told once, closed when the cause is gone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.flow.test_exits import register

from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.flow.law.alarms import alarms, tell_alarms
from waybill.flow.law.counters import add_exports
from waybill.model.findings import Finding
from waybill.model.words import Severity

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    """Return a fresh installation."""
    return Installation.open(tmp_path / "data", create=True)


def told(here: Installation, rule: str, now: datetime = NOW) -> list[Finding]:
    """Return the alarms of a rule."""
    return [one for one in alarms(here, now) if one.rule_id == rule]


def test_a_permit_is_told_thirty_days_before_it_ends(here: Installation, tmp_path: Path) -> None:
    register(
        here,
        tmp_path / "register",
        assets="id,name,kind,grade\nplans,Plans,data,core\n",
        permits="id,asset,valid_until\nends,plans,2026-12-22T09:00:00Z\nlater,plans,2026-12-22T09:00:01Z\nover,plans,"
        "2026-11-22T09:00:00Z\nalways,plans,\n",
    )
    (one,) = told(here, "law.permit-expires")
    assert "ends on 2026-12-22, in 30 days" in one.sentence.en and one.asset == "plans"


def test_what_transfers_use_up_of_a_permit_is_told(here: Installation, tmp_path: Path) -> None:
    register(
        here,
        tmp_path / "register",
        places="id,patterns,jurisdiction\nlab,.lab.example,DE\nhome,.home.example,CN\n",
        assets="id,name,kind,grade,home,patterns\nplans,Plans,data,core,home,/plans/*\n",
        permits="id,asset,place,max_bytes,max_records,max_kilograms\nspring,plans,lab,100,100,\nheavy,plans,lab,,,1.5\n",
    )
    row = {"time": "2026-11-01T00:00:00Z", "action": "upload", "channel": "web", "actor": "li.na", "asset": "/plans/1",
           "to_place": "ftp.lab.example", "bytes": 80, "records": 79, "outcome": "success",
           "quantity": 1250, "unit": "GRM"}  # fmt: skip
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps(row) + "\n", encoding="utf-8")
    ingest(here, [log], here.plan(source="waybill"), workers=0, progress=lambda _: None)
    heavy, one = sorted(told(here, "law.permit-used-up"), key=lambda found: found.source.file)
    assert "1.25 of 1.5" in heavy.sentence.en
    assert "80% of the permit spring for plans is used: 80 of 100 bytes" in one.sentence.en


def exports(here: Installation, folder: Path, *rows: tuple[str, str, str, range]) -> None:
    """Count persons: day, exporter, category, persons."""
    file = folder / "exports.csv"
    lines = ["day,exporter,recipient,category,basis,person"]
    lines += [
        f"{day},{exporter},abroad,{category},,P-{number}" for day, exporter, category, who in rows for number in who
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    add_exports(here, file)


PARTIES = "id,kind,org\ngroup,organisation,\nshop,organisation,group\nbank,organisation,group\nother,organisation,\n"


@pytest.mark.parametrize(("second", "persons"), [(range(4_000, 10_000), 10_000), (range(4_001, 10_000), None)])
def test_splitting_over_affiliates_is_a_finding(
    here: Installation, tmp_path: Path, second: range, persons: int | None
) -> None:
    """10,000 persons with sensitive data ask for an assessment, whoever of the group sends them."""
    register(here, tmp_path / "register", parties=PARTIES)
    first = range(5_000) if persons else range(1, 5_000)
    exports(here, tmp_path, ("2026-03-01", "shop", "sensitive", first), ("2026-04-01", "bank", "sensitive", second),
            ("2026-04-01", "other", "sensitive", range(20_000, 25_000)))  # fmt: skip
    found = told(here, "law.split-affiliates")
    if persons is None:
        assert found == []
    else:
        (one,) = found
        assert one.severity is Severity.HIGH
        assert "bank, shop belong together and exported sensitive data of 10,000 distinct persons" in one.sentence.en


def test_one_affiliate_that_reaches_the_threshold_alone_split_nothing(here: Installation, tmp_path: Path) -> None:
    register(here, tmp_path / "register", parties=PARTIES)
    exports(here, tmp_path, ("2026-03-01", "shop", "sensitive", range(10_000)),
            ("2026-04-01", "bank", "sensitive", range(10_000, 10_100)))  # fmt: skip
    assert told(here, "law.split-affiliates") == []


def test_splitting_over_new_year_is_a_finding(here: Installation, tmp_path: Path) -> None:
    exports(here, tmp_path, ("2025-12-20", "shop", "sensitive", range(5_000)),
            ("2026-01-10", "shop", "sensitive", range(5_000, 10_000)))  # fmt: skip
    (one,) = told(here, "law.split-new-year", datetime(2026, 1, 20, tzinfo=UTC))
    assert "10,000 persons within twelve months" in one.sentence.en and one.severity is Severity.HIGH
    assert told(here, "law.split-new-year") != [], "the twelve months go on into autumn"
    assert told(here, "law.split-new-year", datetime(2026, 12, 21, tzinfo=UTC)) == []


def test_a_threshold_that_is_near_is_told(here: Installation, tmp_path: Path) -> None:
    exports(here, tmp_path, ("2026-11-01", "shop", "sensitive", range(9_000)))
    (one,) = told(here, "law.threshold-near")
    assert "10,000 persons (sensitive) on 2026-12-02" in one.sentence.en


def test_each_is_told_once_and_closed_by_itself(here: Installation, tmp_path: Path) -> None:
    from waybill.findings.queries import ALL_STATES, Filter, every
    from waybill.findings.states import FindingState

    register(
        here,
        tmp_path / "register",
        assets="id,name,kind,grade\nplans,Plans,data,core\n",
        permits="id,asset,valid_until\nends,plans,2026-12-01T00:00:00Z\n",
    )
    assert tell_alarms(here, NOW) == 1 and tell_alarms(here, NOW + timedelta(days=1)) == 1
    (one,) = every(Filter())
    assert one.finding.rule_id == "law.permit-expires"
    assert tell_alarms(here, datetime(2026, 12, 1, tzinfo=UTC)) == 0
    (one,) = every(Filter(states=ALL_STATES))
    assert one.state is FindingState.RESOLVED


def test_people_come_and_go_as_transfers_of_know_how(here: Installation, tmp_path: Path) -> None:
    from waybill.flow.detect import detect
    from waybill.flow.detectors import load_detectors
    from waybill.flow.law import roles
    from waybill.model.errors import UsageError
    from waybill.register import posts

    register(
        here,
        tmp_path / "register",
        places="id,jurisdiction\nworks,CN\n",
        assets="id,name,kind,grade,home\nsintering,How we sinter,know-how,important,works\n",
    )
    with pytest.raises(UsageError, match="no such asset"):
        posts.define(posts.Post(id="lead", title="Head", assets=("nothing",)), who="hr")
    with pytest.raises(UsageError, match="no class"):
        posts.define(posts.Post(id="lead", title="Head", secrecy_class="huge"), who="hr")
    post = posts.Post(id="lead", title="Head", secrecy_class="important", assets=("sintering",), vetting_months=12,
                      rotation_months=24)  # fmt: skip
    posts.define(post, who="hr")
    person = roles.person_of(here, "li.na")
    assert person.startswith("p-") and roles.person_of(here, person) == person
    held = roles.take(here, "lead", person, date(2025, 1, 1), date(2024, 12, 1), who="hr")
    first = roles.checklist(here.law.current(), held, date(2025, 1, 2))
    assert {one.fact: bool(one.done) for one in first} == {"vetted": True, "trained": False, "pledge_signed": False}
    assert [one.rule_id for one in alarms(here, datetime(2025, 12, 2, tzinfo=UTC))] == ["law.vetting-due"]
    assert {one.rule_id for one in alarms(here, datetime(2027, 1, 2, tzinfo=UTC))} == {
        "law.vetting-due", "law.rotation-due"}  # fmt: skip
    posts.do("lead", person, "pledge_signed", who="hr")
    with pytest.raises(UsageError, match="before it begins"):
        roles.leave(here, "lead", person, posts.Leaving(on=date(2026, 11, 20), secret_until=date(2026, 1, 1)), who="hr")
    gone = posts.Leaving(on=date(2026, 11, 20), goes_to="Nordic Magnets", goes_to_country="SE",
                         compete_until=date(2029, 11, 20))  # fmt: skip
    held = roles.leave(here, "lead", person, gone, who="hr")
    steps = {
        one.fact: bool(one.done) for one in roles.checklist(here.law.current(), held, date(2026, 11, 22)) if one.fact
    }
    assert set(steps) == {"carriers_returned", "access_revoked", "talk_held", "pledge_signed", "period_fixed"}
    assert not any(steps.values()), "the pledge of who leaves is another than that of who came"
    duties = [one.rule for one in roles.checklist(here.law.current(), held, date(2026, 11, 22)) if not one.fact]
    assert "cn-labour-contract-law/24" in duties, "three years of non-compete are too long"
    (open_,) = told(here, "law.leaving-open")
    assert "access_revoked" in open_.sentence.en and open_.subject == person
    for step in steps:
        posts.do("lead", person, step, who="hr")
    assert told(here, "law.leaving-open") == []
    with pytest.raises(UsageError, match="no such step"):
        posts.do("lead", person, "party", who="hr")
    detect(here, load_detectors((), ["unauthorised"]), workers=0, progress=lambda _: None)
    from waybill.findings.queries import Filter, every

    (one,) = [one.finding for one in every(Filter()) if one.finding.detector == "unauthorised"]
    assert (one.channel, one.subject, one.asset) == ("employment", person, "sintering")
    assert "Nordic Magnets" in one.sentence.en
    assert b"li.na" not in (tmp_path / "data" / "control.sqlite3").read_bytes()

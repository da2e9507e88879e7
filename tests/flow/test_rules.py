"""Rules over what is stored: how each fared, backtests, coverage, tests of their own, and updates."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from waybill.detect.sigma import CorrelationDetector, RuleState, SigmaDetector
from waybill.flow.detect import detect
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.flow.rules.backtest import backtest
from waybill.flow.rules.coverage import rule_coverage
from waybill.flow.rules.in_use import rules_in_use, run_rule_tests
from waybill.flow.rules.update import update_rules
from waybill.flow.settings import RULES_FOLDER
from waybill.model.errors import UsageError

USB_RULE = "Copy to removable media"
DAYS = ("2026-03-02", "2026-03-02", "2026-03-04")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with a few copies to a stick, over which the rules have run."""
    folder = tmp_path_factory.mktemp("rules")
    opened = Installation.open(folder / "data", create=True)
    log = folder / "log.ndjson"
    record = {"action": "copy", "channel": "usb", "from_place": "ws-1", "to_place": "E:", "outcome": "success"}
    lines = [
        {**record, "time": f"{day}T09:0{number}:00Z", "asset": f"a{number}.txt", "actor": f"p{number}"}
        for number, day in enumerate(DAYS)
    ]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    ingest(opened, [log], opened.plan(), workers=0, progress=lambda count: None)
    detect(opened, [SigmaDetector(), CorrelationDetector()], workers=0, progress=lambda count: None)
    return opened


def rule(folder: Path, name: str = "rule", **more: Any) -> Path:
    """Write a rule about copies to a stick, and return its file."""
    document = {
        "title": "Stick",
        "id": "11111111-1111-4111-8111-111111111111",
        "level": "high",
        "logsource": {"product": "waybill", "category": "transfer"},
        "detection": {"selection": {"channel": "usb", "action": "copy"}, "condition": "selection"},
        **more,
    }
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.yml"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    return file


def test_each_rule_says_how_it_fared(installation: Installation) -> None:
    found = {one.title.en: one for one in rules_in_use(installation, with_data=True).rules}
    usb = found[USB_RULE]
    assert (usb.state, usb.findings, usb.own) == (RuleState.FIRED, 3, True)
    assert usb.last == datetime(2026, 3, 4, 9, 2, tzinfo=UTC)
    cloud = found["Machine image shared outside the account"]
    assert (cloud.state, cloud.findings) == (RuleState.SILENT, 0)
    assert "no record of its log source aws//cloudtrail" in cloud.why
    assert found["Very many files copied to removable media"].correlation


def test_a_backtest_tells_days_and_examples_and_stores_nothing(installation: Installation, tmp_path: Path) -> None:
    before = [one.findings for one in rules_in_use(installation).rules]
    report = backtest(installation, [rule(tmp_path / "new")])
    (tried,) = report.rules
    assert (tried.findings, tried.transfers, report.transfers) == (3, 3, 3)
    assert [(str(one.day), one.findings) for one in tried.days] == [("2026-03-02", 2), ("2026-03-04", 1)]
    assert len(tried.examples) == 3
    assert [one.findings for one in rules_in_use(installation).rules] == before


def test_a_backtest_looks_at_the_days_that_are_asked_for(installation: Installation, tmp_path: Path) -> None:
    (tried,) = backtest(installation, [rule(tmp_path / "new")], since=datetime(2026, 3, 3, tzinfo=UTC)).rules
    assert tried.findings == 1
    (tried,) = backtest(installation, [rule(tmp_path / "new")], until=datetime(2026, 3, 3, tzinfo=UTC)).rules
    assert tried.findings == 2


def test_a_backtest_says_why_a_rule_could_not_fire(installation: Installation, tmp_path: Path) -> None:
    detection = {"selection": {"channel": "usb", "Serial": "x"}, "condition": "selection"}
    (tried,) = backtest(installation, [rule(tmp_path / "new", detection=detection)]).rules
    assert tried.state is RuleState.NOT_EVALUABLE
    assert "Serial" in tried.why


def test_coverage_names_every_technique_of_exfiltration_and_every_channel(installation: Installation) -> None:
    found = rule_coverage(installation)
    techniques = {one.name: one for one in found.techniques}
    lacking = [name for name, one in techniques.items() if not one.rules]
    assert lacking == []
    assert techniques["T1052.001"].fired >= 1
    channels = {one.name: one for one in found.channels}
    assert (channels["usb"].records, channels["email"].records) == (3, 0)
    assert channels["usb"].fed > 0


def test_rules_bring_tests_of_their_own(tmp_path: Path) -> None:
    record = {"channel": "usb", "action": "copy"}
    good = {"fires": [record], "silent": [{**record, "action": "read", "because": "only read"}]}
    rule(tmp_path / "good", tests=good)
    assert (run_rule_tests([tmp_path / "good"]).passed, run_rule_tests([tmp_path / "good"]).failed) == (2, ())
    rule(tmp_path / "bad", tests={"silent": [{**record, "because": "wrong on purpose"}]})
    (failed,) = run_rule_tests([tmp_path / "bad"]).failed
    assert (failed.fired, failed.because) == (True, "wrong on purpose")
    rule(tmp_path / "wrong", tests={"fire": []})
    (problem,) = run_rule_tests([tmp_path / "wrong"]).problems
    assert "'fires' and 'silent'" in problem.what


def test_an_update_takes_what_is_right_and_keeps_exceptions(tmp_path: Path) -> None:
    from waybill.findings.exceptions import Match, add_exception, exceptions

    opened = Installation.open(tmp_path / "data", create=True)
    first = tmp_path / "first"
    rule(first)
    report = update_rules(opened.folder, first)
    assert (len(report.added), report.removed, report.orphaned) == (1, (), ())
    assert Installation.open(tmp_path / "data").settings.rules == (tmp_path / "data" / RULES_FOLDER,)
    number = add_exception(
        Match(rule_id="11111111-1111-4111-8111-111111111111"),
        owner="zhao",
        reason="agreed",
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    second = tmp_path / "second"
    rule(second, level="low")
    rule(second, "other", id="22222222-2222-4222-8222-222222222222")
    (second / "broken.yml").write_text("title: [")
    dry = update_rules(opened.folder, second, dry_run=True)
    assert update_rules(opened.folder, second) == dry
    assert (len(dry.added), len(dry.changed), len(dry.problems)) == (1, 1, 1)
    assert sorted(file.name for file in (tmp_path / "data" / RULES_FOLDER).iterdir()) == ["other.yml", "rule.yml"]
    third = tmp_path / "third"
    rule(third, "other", id="22222222-2222-4222-8222-222222222222")
    report = update_rules(opened.folder, third)
    assert (len(report.removed), report.unchanged, report.orphaned) == (1, 1, (number,))
    assert [one.number for one in exceptions()] == [number]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no rules"):
        update_rules(opened.folder, tmp_path / "empty")

"""What a finding says: whom and what it is about, why, where to look, in both languages, without counts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.detect.sigma_tables import DAY, detector, events, findings, rule, table, transfer

from waybill.model.findings import group_id
from waybill.model.protocols import Tables
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.transfers import empty
from waybill.model.words import AssetKind, Grade, Severity

TRANSFERS = {"product": "waybill", "category": "transfer"}


def test_one_finding_for_each_rule_actor_asset_and_day(tmp_path: Path) -> None:
    rows = [
        transfer(1, actor="p-1", asset="a"),
        transfer(2, actor="p-1", asset="a", time=DAY + timedelta(hours=2)),
        transfer(3, actor="p-1", asset="b"),
        transfer(4, actor="p-2", asset="a"),
        transfer(5, actor="p-1", asset="a", time=DAY + timedelta(days=1)),
        transfer(6, actor=None, asset=None),
        transfer(7, actor="p-1", asset="a", time=DAY - timedelta(hours=1)),
    ]
    made = detector(tmp_path / "rules", rule({"selection": {"channel": "host"}}, logsource=TRANSFERS))
    found = findings(made, table(rows))
    evidence = {tuple(int(identity, 16) for identity in finding.transfers) for finding in found}
    assert evidence == {(1, 2, 7), (3,), (4,), (5,), (6,)}
    joined = next(finding for finding in found if finding.count == 3)
    assert (joined.time, joined.last_time) == (DAY - timedelta(hours=1), DAY + timedelta(hours=2))
    assert (joined.subject, joined.asset) == ("p-1", "a")
    assert (joined.source.name, joined.source.file, joined.source.position) == ("sample", "sample.ndjson", 7)
    assert joined.id == group_id("sigma", joined.rule_id, "p-1", "a", DAY)


def test_days_are_those_of_utc(tmp_path: Path) -> None:
    midnight = DAY.replace(hour=0, minute=0)
    rows = [transfer(1, time=midnight - timedelta(microseconds=1)), transfer(2, time=midnight)]
    made = detector(tmp_path / "rules", rule({"selection": {"channel": "host"}}, logsource=TRANSFERS))
    assert len(findings(made, table(rows))) == 2


def test_assets_go_by_their_name_in_the_register(tmp_path: Path) -> None:
    register = RegisterSnapshot(
        assets=(Asset(id="plans", name="Plans", kind=AssetKind.DATA, grade=Grade.CORE, patterns=("s3://plans/*",)),)
    )
    rows = table([transfer(1, asset="s3://plans/a"), transfer(2, asset="s3://plans/b"), transfer(3, asset="other")])
    made = detector(tmp_path / "rules", rule({"selection": {"channel": "host"}}, logsource=TRANSFERS))
    found = made.run(Tables(rows, register), {}).findings
    assert {finding.asset: finding.count for finding in found} == {"plans": 2, "other": 1}


def test_parts_tell_which_fields_matched_which_values(tmp_path: Path) -> None:
    detection = {
        "tool": {"Image|endswith": "\\rclone.exe"},
        "verb": {"CommandLine|contains": ["copy", "sync"], "Missing": None},
        "other": {"CommandLine|contains": "never"},
        "filter": {"User": "service"},
        "condition": "tool and (verb or other) and not filter",
    }
    found = findings(
        detector(tmp_path / "rules", rule(detection)),
        events({"Image": r"C:\Rclone.exe", "CommandLine": "x sync y" + "z" * 500, "User": ["p-1", "p-2"]}),
    )
    parts = {part.name: part for part in found[0].parts}
    assert set(parts) == {"Image", "CommandLine"}
    assert parts["Image"].value == r"C:\Rclone.exe"
    assert parts["CommandLine"].value.startswith("x sync y")
    assert len(parts["CommandLine"].value) <= 160
    assert sum(part.share for part in found[0].parts) == pytest.approx(1)
    assert all(part.usual == "" for part in found[0].parts)


def test_a_rule_of_others_gets_a_sentence_in_both_languages(tmp_path: Path) -> None:
    document = rule({"selection": {"Image": "a"}}, title="Renamed tool", tags=["attack.t1036.003"], level="critical")
    (found,) = findings(detector(tmp_path / "rules", document), events({"Image": "A"}, actor="p-9", asset=None))
    assert found.sentence.en == "“Renamed tool”: actor p-9, asset unknown; seen: Image = A."
    assert found.sentence.zh == "“Renamed tool”：主体 p-9，对象 未知；所见：Image = A。"
    assert (found.severity, found.score, found.tags) == (Severity.CRITICAL, 95.0, ("attack.t1036.003",))
    assert (found.channel, found.outcome, found.detector) == ("host", "success", "sigma")


def test_a_rule_may_bring_its_own_words(tmp_path: Path) -> None:
    document = rule(
        {"selection": {"channel": "host"}},
        logsource=TRANSFERS,
        title="Copied",
        title_zh="已复制",
        sentence_en="{actor} copied {asset} ({bytes} bytes) to {to_place} with {application}.",
        sentence_zh="{actor} 用 {application} 将 {asset} 复制到 {to_place}。",
    )
    row = transfer(1, actor="p-1", asset="plan.dwg", bytes=2048, to_place="{actor}")
    (found,) = findings(detector(tmp_path / "rules", document), table([row]))
    assert (found.title.en, found.title.zh) == ("Copied", "已复制")
    assert found.sentence.en == "p-1 copied plan.dwg (2048 bytes) to {actor} with unknown."
    assert found.sentence.zh == "p-1 用 未知 将 plan.dwg 复制到 {actor}。"


@pytest.mark.parametrize("sentence", ["{nobody} did", "{actor.__class__}", "{0}", "{actor!r:>100000}", "{actor"])
def test_a_sentence_that_asks_for_something_else_is_told(tmp_path: Path, sentence: str) -> None:
    rules = detector(tmp_path / "rules", rule({"selection": {"A": "b"}}, sentence_en=sentence)).rules
    assert not rules.rules
    assert len(rules.problems) == 1


def test_values_cannot_break_a_line_of_a_report(tmp_path: Path) -> None:
    (found,) = findings(
        detector(tmp_path / "rules", rule({"selection": {"A|contains": "x"}})), events({"A": "x\n\x1b[31mfake\u202e"})
    )
    assert found.parts[0].value == "x  [31mfake "
    assert "\n" not in found.sentence.en


def test_a_rule_that_matches_by_absence_has_no_parts(tmp_path: Path) -> None:
    document = rule({"selection": {"A": "b"}, "condition": "not selection"})
    (found,) = findings(detector(tmp_path / "rules", document), events({"A": "c"}))
    assert found.parts == ()
    assert found.sentence.en == "“Sample”: actor unknown, asset unknown."


def test_no_rows_and_no_rules(tmp_path: Path) -> None:
    made = detector(tmp_path / "rules", rule({"selection": {"A": "b"}}))
    assert findings(made, empty()) == []
    (tmp_path / "none").mkdir()
    assert findings(detector(tmp_path / "none"), events({"A": "b"})) == []


def test_who_moved_what_is_of_public_interest_is_withheld(tmp_path: Path) -> None:
    audit = Asset(id="audit", name="Audit", kind=AssetKind.DOCUMENT, grade=Grade.CORE, public_interest=True)
    made = detector(
        tmp_path / "rules",
        rule(
            {"selection": {"channel": "host", "actor|startswith": "p-"}},
            logsource=TRANSFERS,
            sentence_en="{actor} took it.",
        ),
    )
    found = made.run(Tables(table([transfer(1, actor="p-1", asset="audit")]), RegisterSnapshot(assets=(audit,))), {})
    (finding,) = found.findings
    assert finding.subject == ""
    assert "p-1" not in repr(finding)


def test_a_rule_says_what_to_do(tmp_path: Path) -> None:
    made = detector(
        tmp_path / "rules",
        rule({"selection": {"channel": "host"}}, logsource=TRANSFERS, advice_en="Ask.", advice_zh="询问。"),
    )
    (finding,) = findings(made, table([transfer(1)]))
    assert (finding.advice.en, finding.advice.zh) == ("Ask.", "询问。")

"""Findings: how statements of one thing merge, and the schema of what is exported."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import jsonschema
import msgspec
from hypothesis import given
from hypothesis import strategies as st

from waybill.model.findings import Finding, Part, Position, Text, group_id, json_schema, merge
from waybill.model.words import Severity

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """Return a finding about one of a few groups; its text follows from its earliest record, as detectors make it."""
    subject = draw(st.sampled_from(["p-a", "p-b"]))
    position = draw(st.integers(1, 50))
    time = START + timedelta(minutes=position)
    return Finding(
        id=group_id("sigma", "rule", subject, "asset", time),
        detector="sigma",
        rule_id="rule",
        title=Text("title", "标题"),
        severity=draw(st.sampled_from(list(Severity))),
        score=draw(st.floats(0, 100)),
        time=time,
        last_time=time,
        subject=subject,
        asset="asset",
        channel="usb",
        outcome="success",
        source=Position("waybill", "day.ndjson", position),
        transfers=(f"{position:032x}",),
        sentence=Text(f"record {position}", f"记录 {position}"),
        parts=(Part("bytes", str(position)),),
        tags=tuple(draw(st.sets(st.sampled_from(["attack.t1052.001", "attack.t1567"]), max_size=2))),
    )


@given(st.lists(findings(), max_size=12), st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_grouping_merges_to_the_same(said: list[Finding], chance: random.Random, parts: int) -> None:
    shuffled = said[:]
    chance.shuffle(shuffled)
    partial = [merge(shuffled[part::parts]) for part in range(parts)]
    assert merge(finding for part in partial for finding in part) == merge(said)


@given(st.lists(findings(), min_size=1, max_size=12))
def test_merging_keeps_all_evidence(said: list[Finding]) -> None:
    merged = merge(said)
    assert {t for finding in merged for t in finding.transfers} == {t for finding in said for t in finding.transfers}
    assert len({finding.id for finding in merged}) == len(merged)
    assert [finding.time for finding in merged] == sorted(finding.time for finding in merged)
    assert merge(merged) == merged


@given(findings())
def test_exported_findings_follow_the_schema_and_come_back(finding: Finding) -> None:
    encoded = msgspec.json.encode(finding)
    jsonschema.Draft202012Validator(json_schema()).validate(msgspec.json.decode(encoded))
    assert msgspec.json.decode(encoded, type=Finding) == finding


def test_the_schema_refuses_what_is_no_finding() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    assert not validator.is_valid({"id": "x"})
    jsonschema.Draft202012Validator.check_schema(json_schema())

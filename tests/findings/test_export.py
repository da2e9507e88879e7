"""What leaves as JSON lines, OCSF or SARIF is what those formats demand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from waybill.findings import ocsf, sarif
from waybill.findings.export import Format, write
from waybill.findings.states import FindingState
from waybill.model.findings import Finding, Position, Text, json_schema
from waybill.model.words import Severity

from .samples import DAY, finding


def exported(findings: list[Finding], form: Format) -> bytes:
    stream = BytesIO()
    write(findings, form, stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def ocsf_schemas() -> dict[int, Any]:
    schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(ocsf.VERSION))
    return {
        uid: jsonschema.Draft202012Validator(schemas.get_class_schema(schemas.lookup_class_name_from_uid(uid), []))
        for uid in (ocsf.DETECTION_FINDING, ocsf.DATA_SECURITY_FINDING)
    }


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
drawn_findings = st.builds(
    finding,
    st.integers(0, 50),
    detector=st.sampled_from(["unauthorised", "sigma"]),
    severity=st.sampled_from(Severity),
    score=st.floats(0, 100),
    subject=texts,
    asset=texts,
    source=st.builds(Position, texts, texts, st.integers(0, 10**9)),
    transfers=st.lists(st.binary(min_size=16, max_size=16).map(bytes.hex), max_size=3, unique=True).map(tuple),
    sentence=st.builds(Text, texts, texts),
    tags=st.lists(
        texts | st.sampled_from(["attack.t1048", "attack.t1567.002", "attack.", "attack.command-and-control", "car.1"]),
        max_size=3,
    ).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(made=drawn_findings, state=st.sampled_from(FindingState))
def test_every_finding_is_a_valid_ocsf_event(ocsf_schemas: dict[int, Any], made: Finding, state: FindingState) -> None:
    event = json.loads(msgspec.json.encode(ocsf.event(made, state)))
    ocsf_schemas[event["class_uid"]].validate(event)


@pytest.mark.parametrize(("detector", "class_uid"), [("unauthorised", 2006), ("sigma", 2004)])
def test_an_ocsf_event_says_what_the_finding_says(detector: str, class_uid: int) -> None:
    made = finding(3, detector=detector)
    event = ocsf.event(made)
    assert (event["class_uid"], event["type_uid"]) == (class_uid, class_uid * 100 + 1)
    assert event["time"] == int(made.time.timestamp() * 1000)
    assert event["severity_id"] == 4
    assert event["finding_info"]["related_events"] == [{"uid": made.transfers[0]}]
    assert event["finding_info"]["attacks"] == [
        {"tactic": {"name": "Exfiltration"}},
        {"technique": {"uid": "T1567"}, "sub_technique": {"uid": "T1567.002"}},
    ]
    assert made.subject in json.dumps(event)
    assert event["unmapped"]["sentence_zh"] == made.sentence.zh


def test_a_withheld_subject_stays_out_of_the_event(ocsf_schemas: dict[int, Any]) -> None:
    for detector in ("unauthorised", "sigma"):
        event = ocsf.event(finding(0, subject="", asset="", detector=detector))
        ocsf_schemas[event["class_uid"]].validate(event)
        assert "actor" not in json.dumps(event)


def test_the_state_is_told_in_ocsf() -> None:
    told = {state: ocsf.event(finding(), state)["status"] for state in FindingState}
    assert told[FindingState.EXCEPTED] == told[FindingState.SUMMARISED] == "Suppressed"
    assert told[FindingState.NEW] == "New"


@given(st.lists(drawn_findings, max_size=3))
def test_json_lines_follow_the_models_schema_and_are_read_back(findings: list[Finding]) -> None:
    lines = exported(findings, Format.JSONL).split(b"\n")
    assert lines.pop() == b""
    for line in lines:
        jsonschema.validate(json.loads(line), json_schema())
    assert [msgspec.json.decode(line, type=Finding) for line in lines] == findings
    assert msgspec.json.decode(exported(findings, Format.JSON), type=list[Finding]) == findings


# What SARIF 2.1.0 requires of the objects used here: section of the standard -> (path, required properties).
REQUIRED = {
    "3.13 sarifLog": ("", {"version", "runs"}),
    "3.14 run": ("runs", {"tool"}),
    "3.18 tool": ("runs.tool", {"driver"}),
    "3.19 toolComponent": ("runs.tool.driver", {"name"}),
    "3.49 reportingDescriptor": ("runs.tool.driver.rules", {"id"}),
    "3.27 result": ("runs.results", {"message"}),
    "3.11 message": ("runs.results.message", {"text"}),
    "3.30 region": ("runs.results.locations.physicalLocation.region", {"startLine"}),
}


def at(value: Any, path: str) -> list[Any]:
    found = value if isinstance(value, list) else [value]
    for name in filter(None, path.split(".")):
        found = [item[name] for item in found if name in item]
        found = [part for item in found for part in (item if isinstance(item, list) else [item])]
    return found


@settings(deadline=None)
@given(st.lists(drawn_findings, max_size=4))
def test_a_sarif_log_has_what_the_standard_requires(findings: list[Finding]) -> None:
    log = json.loads(exported(findings, Format.SARIF))
    assert log["version"] == "2.1.0"
    for section, (path, names) in REQUIRED.items():
        for item in at(log, path):
            assert names <= item.keys(), section
    (run,) = log["runs"]
    assert len(run["results"]) == len(findings)
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(ids) == len(set(ids))
    for result, made in zip(run["results"], findings, strict=True):
        assert ids[result["ruleIndex"]] == result["ruleId"] == made.rule_id
        assert result["level"] in {"none", "note", "warning", "error"}
        assert 0 <= result["rank"] <= 100
        assert result["occurrenceCount"] >= 1
        assert result["fingerprints"] == {"waybill/1": made.id}
        for region in at(result, "locations.physicalLocation.region"):
            assert region["startLine"] >= 1
        (uri,) = at(result, "locations.physicalLocation.artifactLocation.uri")
        assert re.fullmatch(r"[A-Za-z0-9\-._~%!$&'()*+,;=:@/]*", uri)
        assert unquote(urlsplit(uri).path if uri.startswith("file:") else uri) == made.source.file


def test_a_sarif_result_points_at_file_and_line_in_both_languages() -> None:
    (run,) = sarif.log([finding(0)])["runs"]
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "logs/2026-03-02.ndjson"},
        "region": {"startLine": 17},
    }
    assert result["message"]["text"] == finding(0).sentence.en
    assert result["properties"]["sentence"]["zh"] == finding(0).sentence.zh
    assert run["tool"]["driver"]["rules"][0]["properties"]["title"]["zh"] == finding(0).title.zh


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b.log", "a%20b.log"),
        ("c:d.log", "c%3Ad.log"),
        ("/var/log/x", "file:///var/log/x"),
        ("日志.csv", "%E6%97%A5%E5%BF%97.csv"),
    ],
)
def test_file_names_become_uris(file: str, uri: str) -> None:
    (run,) = sarif.log([finding(0, source=Position("s", file, 0))])["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": uri}}


def test_excepted_and_false_findings_are_suppressed_in_sarif() -> None:
    states = {finding(0).id: FindingState.EXCEPTED, finding(1).id: FindingState.FALSE_POSITIVE}
    (run,) = sarif.log([finding(n) for n in range(3)], states)["runs"]
    assert ["suppressions" in result for result in run["results"]] == [True, True, False]


def test_levels_follow_severity() -> None:
    levels = {s: sarif.log([finding(0, severity=s)])["runs"][0]["results"][0]["level"] for s in Severity}
    assert list(levels.values()) == ["note", "note", "warning", "error", "error"]


def test_exports_and_the_budget_need_no_django() -> None:
    code = "import sys, waybill.findings.export, waybill.findings.budget; print('django' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_exported_times_are_exact() -> None:
    made = finding(0, time=DAY.replace(microsecond=999_999))
    assert ocsf.event(made)["time"] % 1000 == 999

"""Findings as a SARIF 2.1.0 log (OASIS standard, 27 March 2020), for tools that show results beside files.

The line of a location is the line of the log, or the number of the record for formats that have no lines. Messages
are English; the Chinese ones are in ``properties``, where SARIF leaves room for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from waybill import __version__
from waybill.findings.states import FindingState
from waybill.model.findings import Finding, known_again
from waybill.model.words import Severity

_LEVELS = {
    Severity.INFORMATIONAL: "note",
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}


def log(findings: Iterable[Finding], states: Mapping[str, FindingState] | None = None) -> dict[str, Any]:
    """Return one log with one run. ``states`` by finding id; excepted and false findings are marked as suppressed."""
    findings = list(findings)
    numbers: dict[str, int] = {}
    rules: list[dict[str, Any]] = []
    for finding in findings:
        if finding.rule_id not in numbers:
            numbers[finding.rule_id] = len(rules)
            rules.append(_rule(finding))
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Waybill", "semanticVersion": __version__, "rules": rules}},
                "language": "en",
                "columnKind": "unicodeCodePoints",
                "results": [_result(f, numbers[f.rule_id], (states or {}).get(f.id)) for f in findings],
            }
        ],
    }


def _rule(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.rule_id,
        "shortDescription": {"text": finding.title.en},
        **({"help": {"text": finding.advice.en}} if finding.advice.en else {}),
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {
            "detector": finding.detector,
            "title": {"en": finding.title.en, "zh": finding.title.zh},
            "tags": list(finding.tags),
        },
    }


def _result(finding: Finding, rule: int, state: FindingState | None) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule_id,
        "ruleIndex": rule,
        "kind": "fail",
        "level": _LEVELS[finding.severity],
        "rank": min(100.0, max(0.0, finding.score)),
        "message": {"text": finding.sentence.en},
        "locations": [_location(finding)],
        "fingerprints": {"waybill/1": finding.id},
        **({"partialFingerprints": {"waybill/same/1": known}} if (known := known_again(finding)) else {}),
        "occurrenceCount": max(1, finding.count),
        "properties": {
            "severity": str(finding.severity),
            "time": finding.time.isoformat(),
            "lastTime": finding.last_time.isoformat(),
            "subject": finding.subject,
            "asset": finding.asset,
            "channel": finding.channel,
            "outcome": finding.outcome,
            "transfers": list(finding.transfers),
            "sentence": {"en": finding.sentence.en, "zh": finding.sentence.zh},
            "advice": {"en": finding.advice.en, "zh": finding.advice.zh},
            "tags": list(finding.tags),
        },
    }
    if state in (FindingState.EXCEPTED, FindingState.FALSE_POSITIVE):
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": str(state)}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.source.file)}}
    if finding.source.position >= 1:  # SARIF counts lines from 1; 0 means that the record has no line
        place["region"] = {"startLine": finding.source.position}
    name = {"name": finding.source.name, "kind": "resource"}
    return {"physicalLocation": place, "logicalLocations": [name]}


def _uri(file: str) -> str:
    """Return a file name as a URI reference (RFC 3986); the colon of ``a:b`` must not make ``a`` a scheme."""
    quoted = quote(file)
    return f"file://{quoted}" if quoted.startswith("/") else quoted

"""Writes findings for people's tools: JSON lines, one JSON document, OCSF events, SARIF. Needs no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import BinaryIO

import msgspec

from waybill.findings import ocsf, sarif
from waybill.findings.states import FindingState
from waybill.model.findings import Finding


class Format(StrEnum):
    """How findings are written."""

    JSONL = "jsonl"
    """One finding a line, by the JSON Schema of ``model.findings``."""
    JSON = "json"
    """One array of the same."""
    OCSF = "ocsf"
    """One OCSF event a line."""
    SARIF = "sarif"
    """One SARIF log."""


States = Mapping[str, FindingState]
"""How findings are handled, by id; those not named are new."""


def write(findings: Iterable[Finding], form: Format, stream: BinaryIO, states: States | None = None) -> None:
    """Write ``findings`` to ``stream``; line formats as they come, documents when all have come."""
    for part in encoded(findings, form, states or {}):
        stream.write(part)


def encoded(findings: Iterable[Finding], form: Format, states: States) -> Iterator[bytes]:
    """Yield the bytes that ``write`` writes."""
    match form:
        case Format.JSONL:
            for finding in findings:
                yield msgspec.json.encode(finding) + b"\n"
        case Format.OCSF:
            for finding in findings:
                yield msgspec.json.encode(ocsf.event(finding, states.get(finding.id, FindingState.NEW))) + b"\n"
        case Format.JSON:
            yield msgspec.json.format(msgspec.json.encode(list(findings))) + b"\n"
        case Format.SARIF:
            yield msgspec.json.format(msgspec.json.encode(sarif.log(findings, states))) + b"\n"

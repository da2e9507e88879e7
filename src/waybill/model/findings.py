"""What a detector says: a finding with its evidence and its explanation, and how statements of one thing merge."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from waybill.model.ids import finding_id
from waybill.model.words import Grade, Severity

SCHEMA_ID = "https://waybill.invalid/schema/finding-1.json"
"""Identifier of the JSON Schema of findings, version 1; a name, not an address to fetch."""


SHIELDED = "waybill.shielded"
"""Tag of a finding that belongs to a protected disclosure: who acted was taken out of it."""


SAME = "waybill.same."
"""Beginning of a tag by which a finding is known again wherever it is made anew: its lines and dates do not matter."""


class Text(msgspec.Struct, frozen=True):
    """One sentence in both languages of the product."""

    en: str
    zh: str


SEVERITIES = {
    Severity.CRITICAL: Text("critical", "严重"),
    Severity.HIGH: Text("high", "高"),
    Severity.MEDIUM: Text("medium", "中"),
    Severity.LOW: Text("low", "低"),
    Severity.INFORMATIONAL: Text("informational", "提示"),
}
"""How severities are called."""

GRADES = {
    Grade.GENERAL: Text("general", "一般"),
    Grade.SENSITIVE: Text("sensitive", "敏感"),
    Grade.IMPORTANT: Text("important", "重要"),
    Grade.CORE: Text("core", "核心"),
}
"""How grades are called."""


class Position(msgspec.Struct, frozen=True):
    """Where the decisive record was read."""

    name: str
    """The source."""
    file: str
    """Relative to what was named to be read."""
    position: int
    """Line or record number, from 1."""


class Part(msgspec.Struct, frozen=True):
    """One reason behind the score: what was usual, what peers do, what was seen, and its share of the score."""

    name: str
    value: str
    usual: str = ""
    peers: str = ""
    share: float = 0.0


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A detector's statement with evidence and explanation (OCSF Detection Finding 2004, Data Security 2006)."""

    id: str
    """32 hex digits; the same detector, rule, subject, asset and day give the same finding."""
    detector: str
    rule_id: str
    title: Text
    severity: Severity
    score: float
    """0 to 100; orders findings of one severity."""
    time: datetime
    """When the first of its transfers happened."""
    last_time: datetime
    """When the last of its transfers happened."""
    subject: str
    """Pseudonym or service name of the actor; empty where the actor is unknown or withheld."""
    asset: str
    """Id of the registered asset, else the name the log gives; may be empty."""
    channel: str
    outcome: str
    source: Position
    transfers: tuple[str, ...]
    """Ids of the transfers that are the evidence, as hex, sorted."""
    sentence: Text
    """What happened and why it is not allowed."""
    advice: Text = Text("", "")
    """What to do about it; empty where the detector cannot say."""
    parts: tuple[Part, ...] = ()
    tags: tuple[str, ...] = ()
    """ATT&CK techniques as the rule names them, for example ``attack.t1567.002``."""

    @property
    def count(self) -> int:
        """How many transfers it rests on."""
        return len(self.transfers)


def gravity(finding: Finding) -> tuple[int, float, datetime, str]:
    """Return the sorting key that puts the gravest finding first."""
    return -finding.severity.number, -finding.score, finding.time, finding.id


def known_again(finding: Finding) -> str:
    """Return by what a finding is known again wherever it is made anew; empty where nothing says it (``SAME``)."""
    return next((tag.removeprefix(SAME) for tag in finding.tags if tag.startswith(SAME)), "")


def group_id(detector: str, rule_id: str, subject: str, asset: str, time: datetime) -> str:
    """Return the id of the finding that a transfer of this subject and asset on this day (UTC) belongs to."""
    return finding_id(detector, rule_id, subject, asset, time.date().isoformat())


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """Join findings of equal id and return all of them by time, then id.

    The order in which findings arrive, and how their transfers were spread over partitions, make no difference:
    transfers are united, the gravest severity and the highest score stay, and the rest is taken from the
    statement with the earliest transfer.
    """
    joined: dict[str, Finding] = {}
    for finding in findings:
        known = joined.get(finding.id)
        joined[finding.id] = finding if known is None else _join(known, finding)
    return sorted(joined.values(), key=lambda finding: (finding.time, finding.id))


def _join(one: Finding, other: Finding) -> Finding:
    first, second = sorted((one, other), key=lambda f: (f.time, f.source.file, f.source.position, f.transfers[:1]))
    return msgspec.structs.replace(
        first,
        severity=max(first.severity, second.severity, key=lambda severity: severity.number),
        score=max(first.score, second.score),
        last_time=max(first.last_time, second.last_time),
        transfers=tuple(sorted({*first.transfers, *second.transfers})),
        tags=tuple(sorted({*first.tags, *second.tags})),
    )


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one finding as it is exported."""
    (reference,), components = msgspec.json.schema_components([Finding], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **reference,
        "$defs": components,
    }

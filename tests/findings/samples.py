"""Invented findings for the tests of this room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from waybill.model.findings import Finding, Part, Position, Text
from waybill.model.ids import finding_id
from waybill.model.words import Severity

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def finding(number: int = 0, **changes: Any) -> Finding:
    """Return an invented finding; equal numbers give equal findings."""
    made = Finding(
        id=finding_id("sample", str(number)),
        detector="unauthorised",
        rule_id="unauthorised.no-permit",
        title=Text("Controlled asset moved without a permit", "受控资产未经许可转移"),
        severity=Severity.HIGH,
        score=65.0,
        time=DAY + timedelta(minutes=number),
        last_time=DAY + timedelta(minutes=number),
        subject="p-00aa11",
        asset="a1",
        channel="web",
        outcome="success",
        source=Position("gateway", "logs/2026-03-02.ndjson", 17 + number),
        transfers=(f"{number:032x}",),
        sentence=Text("The important asset “Drawings” went to drop.example.", "重要资产“图纸”转移至 drop.example。"),
        parts=(Part("grade", "important", share=0.6), Part("permit", "none", share=0.4)),
        tags=("attack.exfiltration", "attack.t1567.002"),
    )
    return msgspec.structs.replace(made, **changes)

"""Invented reports for the tests of this room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from waybill.model.findings import Finding, Position, Text
from waybill.model.ids import finding_id
from waybill.model.words import Channel, Intent, Severity
from waybill.report import Control, Day, End, Flow, Lane, Ran, Rejection, Report, Row, Scope, Source

DAY = datetime(2026, 3, 2, 9, 14, tzinfo=UTC)


def finding(number: int = 0, **changes: Any) -> Finding:
    """Return an invented finding; numbers spread over rules, severities, channels and sixty days."""
    moment = DAY + timedelta(days=number * 7 % 60, minutes=number)
    made = Finding(
        id=finding_id("report", str(number)),
        detector="unauthorised",
        rule_id=f"unauthorised.{number % 6}",
        title=Text(
            f"Controlled asset moved without a permit, case {number % 6}", f"受控资产未经许可转移（{number % 6}）"
        ),
        severity=list(Severity)[number % 5],
        score=float(number % 100),
        time=moment,
        last_time=moment + timedelta(minutes=number % 3),
        subject=f"p-{number % 90:016d}".translate(str.maketrans("01", "az")),
        asset=f"drawings-{number % 17}",
        channel=list(Channel)[number % len(Channel)],
        outcome="blocked" if number % 9 == 0 else "success",
        source=Position("gateway", f"gateway/2026/egress-{number % 40:03d}.ndjson.gz", 17 + number),
        transfers=tuple(f"{number:016x}{part:016x}" for part in range(1 + number % 5)),
        sentence=Text(
            f"The important asset “Wing drawings {number}” went from eda-store-{number % 11} to "
            f"drop-{number % 23}.example over the web. The nearest permit, supplier-2026, does not cover it: "
            "it is for the place supplier.",
            f"重要资产“机翼图纸 {number}”经网页从 eda-store-{number % 11} 转移至 drop-{number % 23}.example（已发生）。"
            "最接近的许可 supplier-2026 不适用：仅限地点 supplier。",
        ),
        advice=Text("Stop or recall the transfer; ask the owner of the asset.", "停止或追回该转移；向资产负责人核实。"),
    )
    return msgspec.structs.replace(made, **changes)


def row(number: int = 0, **changes: Any) -> Row:
    """Return an invented row around the finding of this number."""
    made = Row(
        finding=finding(number),
        lane=list(Lane)[number % 3],
        asset=f"Wing drawings {number}",
        origin=End(f"eda-store-{number % 11}", "设计中心", "CN"),
        destination=End(f"drop-{number % 23}.example"),
        more_destinations=number % 4,
    )
    return msgspec.structs.replace(made, **changes)


def scope(**changes: Any) -> Scope:
    """Return an invented scope."""
    made = Scope(
        first=DAY,
        last=DAY + timedelta(days=59),
        sources=(Source("gateway", 120_000), Source("mail", 8_000)),
        files=40,
        rejected=3,
        rejections=(Rejection("mail", "the line is not JSON", 3),),
        protected="<10",
        detectors=(
            Ran(name="sigma", rules=87, unfed=6, remarks=("own.yml:3: no 'detection'",)),
            Ran(name="unauthorised"),
        ),
        controlled=True,
        marks_old=False,
    )
    return msgspec.structs.replace(made, **changes)


def report(rows: int | Sequence[Row] = 40, **changes: Any) -> Report:
    """Return an invented report of sixty days with so many rows, or with these."""
    given = [row(number) for number in range(rows)] if isinstance(rows, int) else rows
    made = Report(
        made_at=DAY + timedelta(days=60),
        version="0.0",
        scope=scope(),
        rows=tuple(sorted(given, key=lambda one: -one.finding.severity.number)),
        flows=(Flow("web", "drop-1.example", 900, 12_000_000), Flow("freight", "", 3, 0)),
        days=tuple(Day(DAY.date() + timedelta(days=number), 2_000) for number in range(60) if number not in (20, 21)),
        controls=(Control(date(2026, 4, 1), "USB locked"),),
    )
    return msgspec.structs.replace(made, **changes)


def decided(number: int, intent: Intent) -> Row:
    """Return a row of which the intent is known."""
    return row(number, intent=intent)

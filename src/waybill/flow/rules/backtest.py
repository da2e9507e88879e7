"""What new or changed rules would have found in the past: on every stored day, with examples, before they go live."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.sigma import CorrelationDetector, Problem, Rule, RuleState, SigmaDetector, standings
from waybill.flow import memory
from waybill.flow.detection import Detection
from waybill.flow.installation import Installation
from waybill.flow.intake.tally import Progress
from waybill.flow.rules.in_use import data_in
from waybill.model.findings import Finding, Text, gravity
from waybill.model.protocols import Detector
from waybill.model.transfers import NAMES, TIME
from waybill.model.words import Severity

EXAMPLES = 5
"""Findings of each rule that are shown, the gravest first."""


class DayCount(msgspec.Struct, frozen=True):
    """How many findings begin on a day (UTC)."""

    day: date
    findings: int


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule would have found."""

    id: str
    title: Text
    level: Severity
    state: RuleState
    why: str
    """Why it could not have fired, if so."""
    findings: int
    transfers: int
    """Transfers that these findings rest on."""
    days: tuple[DayCount, ...]
    examples: tuple[Finding, ...]


class BacktestReport(msgspec.Struct, frozen=True, kw_only=True):
    """What all tried rules would have found, the loudest first."""

    rules: tuple[Backtest, ...]
    problems: tuple[Problem, ...]
    transfers: int
    """Transfers that were looked at."""
    seconds: float


def backtest(
    installation: Installation,
    paths: Sequence[Path],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    own: bool = False,
    workers: int = 0,
    progress: Progress = lambda count: None,
) -> BacktestReport:
    """Run the rules of these files and folders over what is stored, from ``since`` to before ``until``; store nothing.

    ``own`` tries the built-in rules too.
    """
    begun = time.monotonic()
    sigma = SigmaDetector(paths, own)
    detectors: list[Detector] = [sigma, CorrelationDetector(paths, own)]
    columns = [name for name in NAMES if any(name in detector.columns for detector in detectors)]
    seen = 0
    with memory.kept(), installation.lake.snapshot() as snapshot:
        data = data_in(snapshot)
        with Detection(detectors, installation.register(), workers=workers) as detection:
            for table in snapshot.scan(columns=columns):
                wanted = between(table, since, until)
                detection.feed(wanted)
                seen += wanted.num_rows
                progress(table.num_rows)
            results = detection.finish()
    findings: dict[str, list[Finding]] = {}
    for result in results.values():
        for finding in result.findings:
            findings.setdefault(finding.rule_id, []).append(finding)
    rules = sigma.rules
    tried = [
        _backtest(one.rule, one.state, one.why, findings.get(one.rule.id, []))
        for one in standings(rules, findings.keys(), data)
    ]
    loudest = tuple(sorted(tried, key=lambda one: (-one.findings, one.title.en)))
    return BacktestReport(rules=loudest, problems=rules.problems, transfers=seen, seconds=time.monotonic() - begun)


def between(table: pa.Table, since: datetime | None, until: datetime | None) -> pa.Table:
    """Return the rows from ``since`` to before ``until``; None does not restrict."""
    if since is not None:
        table = table.filter(pc.field("time") >= pa.scalar(since, TIME))
    if until is not None:
        table = table.filter(pc.field("time") < pa.scalar(until, TIME))
    return table


def _backtest(rule: Rule, state: RuleState, why: str, findings: Sequence[Finding]) -> Backtest:
    days = Counter(finding.time.date() for finding in findings)
    return Backtest(
        id=rule.id,
        title=rule.title,
        level=rule.level,
        state=state,
        why=why,
        findings=len(findings),
        transfers=len({transfer for finding in findings for transfer in finding.transfers}),
        days=tuple(DayCount(day, count) for day, count in sorted(days.items())),
        examples=tuple(sorted(findings, key=gravity)[:EXAMPLES]),
    )

"""The alert budget: how many findings of a source are shown a day; the rest are told in one summary, none is hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import msgspec

from waybill.model.findings import SEVERITIES, Finding, Text, gravity
from waybill.model.words import Severity

Key = tuple[str, date]
"""Source and day (UTC)."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one source and day that went beyond the budget: how many of which rule and severity."""

    source: str
    day: date
    count: int
    by_rule: dict[str, int]
    """Most frequent first."""
    by_severity: dict[Severity, int]
    """Gravest first."""
    first_time: datetime
    last_time: datetime
    findings: tuple[str, ...]
    """Ids, gravest first."""
    sentence: Text


def within_budget(findings: Iterable[Finding], per_day: int) -> tuple[list[Finding], list[Summary]]:
    """Return the findings to show, at most ``per_day`` for each source and day, and summaries of the others.

    The gravest are shown: by severity, then score, then the earliest. Both lists are in the order of time.
    """
    groups: dict[Key, list[Finding]] = {}
    for finding in findings:
        day = finding.time.astimezone(UTC).date()
        groups.setdefault((finding.source.name, day), []).append(finding)
    shown: list[Finding] = []
    summaries: list[Summary] = []
    for key in sorted(groups, key=lambda key: (key[1], key[0])):
        group = sorted(groups[key], key=gravity)
        shown += group[:per_day]
        if group[per_day:]:
            summaries.append(summary(key, group[per_day:]))
    return sorted(shown, key=lambda finding: (finding.time, finding.id)), summaries


def summary(key: Key, findings: Sequence[Finding]) -> Summary:
    """Return what these findings, gravest first, say together."""
    source, day = key
    rules = Counter(finding.rule_id for finding in findings)
    severities = Counter(finding.severity for finding in findings)
    by_severity = {severity: severities[severity] for severity in reversed(Severity) if severities[severity]}
    by_rule = dict(sorted(rules.items(), key=lambda item: (-item[1], item[0])))
    return Summary(
        source=source,
        day=day,
        count=len(findings),
        by_rule=by_rule,
        by_severity=by_severity,
        first_time=min(finding.time for finding in findings),
        last_time=max(finding.last_time for finding in findings),
        findings=tuple(finding.id for finding in findings),
        sentence=_sentence(source, day, by_severity, by_rule),
    )


def _sentence(source: str, day: date, by_severity: dict[Severity, int], by_rule: dict[str, int]) -> Text:
    total = sum(by_rule.values())
    severities = ", ".join(f"{count} {SEVERITIES[severity].en}" for severity, count in by_severity.items())
    (rule, most), *_ = by_rule.items()
    return Text(
        f"{total} more finding{'s' * (total != 1)} from {source} on {day} ({severities}); "
        f"most by the rule {rule} ({most}).",
        f"{source} 在 {day} 另有 {total} 项发现（"
        + "，".join(f"{SEVERITIES[severity].zh} {count}" for severity, count in by_severity.items())
        + f"）；最多的规则为 {rule}（{most}）。",
    )

"""What a message says: how many findings of which weight, a line for each of the gravest, and nobody's name.

People are called by a pseudonym that is made for one receiver and month; assets by name only up to the grade that the
settings allow, and only if the register lists them. Sentences and file names stay inside, since they name both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from waybill.findings.queries import StoredFinding
from waybill.model.findings import GRADES, SEVERITIES, Finding, Text, gravity
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Grade, Severity
from waybill.outbox.subjects import people, person
from waybill.register.pseudonyms import outward

LINES = 20
"""Findings that get a line; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Discretion:
    """What may be said to one receiver."""

    key: bytes
    purpose: str
    grade: Grade | None
    register: RegisterSnapshot
    chinese: bool
    link: str = ""
    """Where the console is; empty if it goes by no name."""

    def read(self, text: Text) -> str:
        """Return a text in the receiver's language."""
        return text.zh if self.chinese else text.en

    def subject(self, finding: Finding) -> str:
        """Return what the person of a finding is called outside; nothing for accounts that are no person's."""
        inside = person(finding.subject)
        return outward(self.key, self.purpose, inside) if inside else ""

    def asset(self, finding: Finding) -> str:
        """Return the name of the asset if it may be told, else its grade if that is known."""
        asset = self.register.asset_of(finding.asset) if finding.asset else None
        if asset is None:
            return ""
        if self.grade is not None and asset.grade.rank <= self.grade.rank and not people(asset.name):
            return asset.name or asset.id
        return self.read(Text(f"an asset graded {GRADES[asset.grade].en}", f"{GRADES[asset.grade].zh}级资产"))

    def title(self, finding: Finding) -> str:
        """Return the title of a finding's rule; its id where the title says more than that."""
        title = self.read(finding.title)
        names = [name for name in (finding.asset, finding.subject, finding.source.file) if len(name) > 1]
        return finding.rule_id if people(title) or any(name in title for name in names) else title


def purpose_of(receiver: str, now: datetime) -> str:
    """Return for whom and when pseudonyms are made: others for each receiver, and each month."""
    return f"alert {receiver} {now:%Y-%m}"


def compose(items: Sequence[StoredFinding], number: int, discretion: Discretion) -> tuple[str, str]:
    """Return title and body of a message about these findings."""
    findings = sorted((item.finding for item in items), key=gravity)
    say, many = discretion.read, len(findings)
    count = Counter(one.severity for one in findings)
    present = [severity for severity in reversed(Severity) if count[severity]]
    weights = ", ".join(f"{count[severity]} {say(SEVERITIES[severity])}" for severity in present)
    title = say(Text(f"Waybill: {many} new findings ({weights})", f"Waybill：{many} 项新发现（{weights}）"))
    lines = [_line(one, discretion) for one in findings[:LINES]]
    if many > LINES:
        rest = many - LINES
        lines.append(say(Text(f"… and {rest} more", f"……另有 {rest} 项")))
    if discretion.link:
        lines += ["", discretion.link]
    lines += ["", say(Text(f"Message {number}. It names nobody.", f"消息 {number}。不含任何人名。"))]
    return title, "\n".join(lines)


def _line(finding: Finding, discretion: Discretion) -> str:
    parts = [
        discretion.read(SEVERITIES[finding.severity]),
        discretion.title(finding),
        discretion.asset(finding),
        finding.channel,
        discretion.subject(finding),
        f"{finding.time:%Y-%m-%d %H:%M} UTC",
        finding.id[:12],
    ]
    return " · ".join(part for part in parts if part)

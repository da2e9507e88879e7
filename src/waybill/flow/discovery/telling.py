"""What discovery found, as findings: for SARIF and every other form in which findings leave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from waybill.flow.discovery.contents import kinds
from waybill.model.findings import GRADES, Finding, Part, Position, Text
from waybill.model.ids import finding_id
from waybill.model.words import Channel, Grade, Outcome, Severity
from waybill.register.discovered import Found

DETECTOR = "discovery"

_SEVERITY = {
    Grade.GENERAL: Severity.INFORMATIONAL,
    Grade.SENSITIVE: Severity.LOW,
    Grade.IMPORTANT: Severity.MEDIUM,
    Grade.CORE: Severity.HIGH,
}
_TITLES = {
    "graded": Text("Sensitive content", "敏感内容"),
    "partial": Text("Content that could not be inspected", "未能检查的内容"),
}
_KINDS = 10


def findings(found: Iterable[Found]) -> Iterator[Finding]:
    """Yield a finding for what is graver than general, and one for what was inspected only partly."""
    for one in found:
        if one.grade is not Grade.GENERAL or one.documents:
            yield _finding(one, "graded", _SEVERITY[one.grade], _sentence(one), tuple(_parts(one)))
        if one.partial:
            reasons = Text("; ".join(text.en for text in one.caveats), "；".join(text.zh for text in one.caveats))
            yield _finding(one, "partial", Severity.LOW, reasons, ())


def _finding(one: Found, rule: str, severity: Severity, sentence: Text, parts: tuple[Part, ...]) -> Finding:
    return Finding(
        id=finding_id(DETECTOR, rule, one.place, one.name),
        detector=DETECTOR,
        rule_id=rule,
        title=_TITLES[rule],
        severity=severity,
        score=25.0 * one.grade.rank,
        time=one.inspected_at,
        last_time=one.inspected_at,
        subject=one.owner,
        asset=one.name,
        channel=str(Channel.FILE),
        outcome=str(Outcome.UNKNOWN),
        source=Position(one.place, one.name, 1),
        transfers=(),
        sentence=sentence,
        parts=parts,
    )


def _sentence(one: Found) -> Text:
    grade = GRADES[one.grade]
    en = f"{one.name} is suggested to be {grade.en}: {one.reason.en}"
    zh = f"建议将 {one.name} 定为{grade.zh}：{one.reason.zh}"
    for document in one.further[:3]:
        said = document.text()
        en, zh = f"{en}; {said.en}", f"{zh}；{said.zh}"
    return Text(en, zh)


def _parts(one: Found) -> Iterator[Part]:
    for name, count in kinds(one, _KINDS):
        yield Part(name.en, f"{count:,}")
    for document in one.documents:
        yield Part(document.name, f"{document.share:.0%}")

"""Reports for people: what was read, what was found and why, and where things went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from waybill.cli.language import read, say
from waybill.cli.output import err, out
from waybill.model.findings import GRADES, SEVERITIES, Finding, gravity
from waybill.model.sizes import size
from waybill.model.words import Grade, Severity

if TYPE_CHECKING:
    from waybill.flow.intake.tally import Intake

STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
    Severity.INFORMATIONAL: "dim",
}
BAR_WIDTH = 24
KINDS = 6
"""Kinds of data that are named; all of them stand in the JSON."""
UUID_LENGTH = 36


def print_intake(intake: Intake, seconds: float) -> None:
    """Tell what was read, what could not be read and why, and what was left out."""
    span = ""
    if intake.first and intake.last:
        span = f", {intake.first:%Y-%m-%d %H:%M} – {intake.last:%Y-%m-%d %H:%M} UTC"
    out.print(
        say(
            f"[bold]Read {intake.transfers:,} records[/] of {_count(len(intake.by_source), 'source', 'sources')} in "
            f"{_count(len(intake.files), 'file', 'files')} ({size(intake.bytes)}{span}; {seconds:.1f} s)",
            f"[bold]读取 {intake.transfers:,} 条记录[/]，{len(intake.by_source)} 个来源，{len(intake.files)} 个文件"
            f"({size(intake.bytes)}{span};{seconds:.1f} 秒)",
        )
    )
    most = max(intake.by_source.values(), default=0)
    sources = Table(box=None, show_header=False, pad_edge=True, padding=(0, 1))
    for source, count in intake.by_source.most_common():
        sources.add_row(escape(source), f"[cyan]{bar(count, most)}[/]", f"{count:,}")
    out.print(sources)
    if intake.duplicates:
        out.print(say(f"  {intake.duplicates:,} of them were read twice", f"  其中 {intake.duplicates:,} 条重复读取"))
    if intake.protected:
        out.print(
            say(
                f"  {intake.protected} records touch a protected channel and were left out",
                f"  {intake.protected} 条记录涉及受保护渠道，未作记录",
            )
        )
    if intake.inspected.things:
        _print_inspected(intake)
    if intake.rejected:
        _print_rejected(intake)


def _print_inspected(intake: Intake) -> None:
    """Tell what was found in what was sent: grades that are suggested, and kinds of data by frequency."""
    from waybill.content import types

    found = intake.inspected
    out.print(
        say(
            f"  looked into {_count(found.things, 'thing that was sent', 'things that were sent')}: "
            f"{found.recognised:,} hold something registered, {found.partly:,} could be read only partly",
            f"  检查了 {found.things:,} 项所发送的内容：{found.recognised:,} 项含有已登记内容，"
            f"{found.partly:,} 项仅部分可读",
        )
    )
    told = [f"{read(GRADES[Grade(name)])} {count:,}" for name, count in found.grades.most_common()]
    names = types()
    told += [f"{names[kind].names[say('en', 'zh')]} {count:,}" for kind, count in found.kinds.most_common(KINDS)]
    out.print(Padding(escape(" · ".join(told)), (0, 0, 0, 4)))


def print_findings(findings: Sequence[Finding], *, shown: int | None = None, none: str = "") -> None:
    """Tell each finding: what, who, when, the evidence and why; the gravest first. Without any, tell ``none``."""
    out.print()
    if not findings:
        none = none or say("Nothing found that nobody authorised.", "未发现未经授权的转移。")
        out.print(f"[bold green]{none}[/]")
        return
    count = Counter(finding.severity for finding in findings)
    tally = " · ".join(
        f"[{STYLES[severity]}]{count[severity]} {severity_name(severity)}[/]"
        for severity in reversed(Severity)
        if count[severity]
    )
    head = say(_count(len(findings), "finding", "findings"), f"{len(findings)} 项发现")
    out.print(f"[bold]{head}[/]  {tally}")
    for finding in sorted(findings, key=gravity)[:shown]:
        print_finding(finding)
    if shown is not None and len(findings) > shown:
        rest = len(findings) - shown
        out.print(say(f"\n  … and {rest:,} more: `--all` shows them", f"\n  …… 另有 {rest:,} 项：用 `--all` 查看"))


def print_flows(intake: Intake, most: int = 8) -> None:
    """Tell where things went: the largest flows by channel and place."""
    flows = intake.flows(most)
    if not flows:
        return
    out.print()
    out.print(say("[bold]Where things went[/] (largest flows)", "[bold]流向[/](最大的几项)"))
    largest = max(flow.bytes for flow in flows)
    table = Table(box=None, show_header=False, pad_edge=True, padding=(0, 1))
    for flow in flows:
        name = escape(flow.place) or say("(not said)", "(未注明)")
        transfers = say(_count(flow.transfers, "transfer", "transfers"), f"{flow.transfers:,} 次")
        table.add_row(flow.channel, f"→ {name}", f"[cyan]{bar(flow.bytes, largest)}[/]", size(flow.bytes), transfers)
    out.print(table)


def tell_remarks(remarks: Sequence[str]) -> None:
    """Tell on standard error what detectors could not do."""
    if remarks:
        about = say(f"{len(remarks)} remarks, the first:", f"{len(remarks)} 条说明，第一条：")
        err.print(f"[yellow]{about}[/] {escape(remarks[0])}")


def severity_name(severity: Severity) -> str:
    """Return the name of a severity in the language of this run."""
    return read(SEVERITIES[severity])


def bar(value: int, most: int) -> str:
    """Return a bar as long as the value's share of the largest."""
    return "█" * max(1, round(BAR_WIDTH * value / most)) if most else ""


def _place(file: str, position: int) -> str:
    """Return where a record stands; the file alone where it is meant as a whole."""
    return f"{file}:{position}" if position else file


def _short(rule_id: str) -> str:
    """Return a rule's id; of a UUID the first letters, which tell it apart."""
    return rule_id[:8] if len(rule_id) == UUID_LENGTH else rule_id


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def print_finding(finding: Finding) -> None:
    """Tell one finding: what, why, what to do, when, by which rule, and where the evidence is."""
    out.print()
    title = Line(" ")
    title.append(f" {severity_name(finding.severity).upper()} ", STYLES[finding.severity])
    title.append(f"  {read(finding.title)}", "bold")
    out.print(title)
    more = finding.count - 1
    evidence = _place(finding.source.file, finding.source.position)
    if more > 0:
        evidence += say(f" and {more:,} more", f" 等 {finding.count:,} 条")
    when, rule = f"{finding.time:%Y-%m-%d %H:%M:%S}", _short(finding.rule_id)
    facts = [(say("when", "时间"), when), (say("rule", "规则"), rule), (say("evidence", "证据"), evidence)]
    line = "   ".join(f"[dim]{name}:[/] {escape(value)}" for name, value in facts)
    out.print(Padding(escape(read(finding.sentence)), (0, 0, 0, 4)))
    if read(finding.advice):
        out.print(Padding(f"[green]→[/] {escape(read(finding.advice))}", (0, 0, 0, 4)))
    out.print(Padding(line, (0, 0, 0, 4)))


def _print_rejected(intake: Intake) -> None:
    records = intake.rejected - intake.refused
    counted = [
        say(_count(records, "record", "records"), f"{records:,} 条记录") if records else "",
        say(_count(intake.refused, "file", "files"), f"{intake.refused:,} 个文件") if intake.refused else "",
    ]
    what = say(" and ", "、").join(part for part in counted if part)
    out.print(say(f"  [yellow]{what} could not be read[/]", f"  [yellow]{what}无法读取[/]"))
    for (source, reason), count in intake.reasons.most_common(5):
        example = next(r for r in intake.examples if (r.source, r.reason) == (source, reason))
        out.print(f"    {count:,}× {escape(reason)}  [dim]{escape(_place(example.file, example.position))}[/]")

"""A case as a report to be read: what is told, section by section, in one language.

``page`` and ``pdf`` set it. Nothing in it points at who acted where that is withheld.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from waybill.cases.clocks import Clock
from waybill.cases.wording import ACTS, LINKS, ORIGINS, STATES
from waybill.cases.words import Act
from waybill.flow.cases.view import Whole
from waybill.model.findings import SEVERITIES, Text
from waybill.report.wording import INTENTS, WITHHELD
from waybill.respond.standing import Standing
from waybill.respond.wording import ACTS as RUN_ACTS
from waybill.respond.wording import halves

Say = Callable[[Text], str]
Rows = Iterable[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the report."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The report in one language."""

    language: str
    """``en`` or ``zh-Hans``."""
    title: str
    standing: tuple[str, ...]
    notes: tuple[str, ...]
    """What must be said before anything else."""
    sections: tuple[Section, ...]
    nothing: str
    """Stands in a section without rows."""


def document(whole: Whole, clocks: Sequence[Clock], runs: Sequence[Standing], *, chinese: bool) -> Document:
    """Return the report of a case, as it may be shown; ``runs`` without whom the case withholds."""

    def say(text: Text) -> str:
        return text.zh if chinese else text.en

    def section(title: Text, heads: Text, rows: Rows) -> Section:
        cells = tuple(tuple(str(cell) for cell in row) for row in rows)
        return Section(say(title), tuple(say(heads).split("|")), cells)

    case = whole.case
    withheld = Text("Who acted is withheld.", "行为人不公开。")
    protected = Text("This is a protected disclosure.", "本案为受保护的披露。")
    evidence = ((one.name, one.bytes, one.sha256, one.added_by, _at(one.added_at)) for one in whole.evidence)
    return Document(
        language="zh-Hans" if chinese else "en",
        title=f"{say(Text('Case', '案件'))} {case.number}: {say(whole.title)}",
        standing=tuple(_standing(whole, say)),
        notes=tuple(say(one) for one, is_so in ((withheld, case.withheld), (protected, case.protected)) if is_so),
        sections=(
            section(Text("Findings", "发现"), _FINDINGS, _findings(whole, say)),
            section(Text("What was judged, and why", "判定与理由"), _JUDGED, _judged(whole, say)),
            section(Text("Clocks of the law", "法定时限"), _CLOCKS, _clocks(clocks, say)),
            section(Text("What was done to stop it", "遏制措施"), _RUNS, _runs(runs, say)),
            section(Text("What happened", "经过"), _STEPS, _steps(whole, say)),
            section(Text("Tasks", "任务"), _TASKS, _tasks(whole)),
            section(Text("Evidence", "证据"), _EVIDENCE, evidence),
            section(Text("What was done", "处理记录"), _ENTRIES, _entries(whole, say)),
        ),
        nothing=say(Text("none", "无")),
    )


_FINDINGS = Text("severity|when|what|why it is here", "严重程度|时间|内容|归入理由")
_JUDGED = Text("what|judgement|who|when|because", "事项|判定|经办|时间|理由")
_CLOCKS = Text("report to|by|due|came of it", "报告对象|依据|截止|结果")
_RUNS = Text("run|act|arguments|state|approved by|seen", "运行|操作|参数|状态|批准人|核实")
_STEPS = Text("time|who|what|where|how|transfers", "时间|谁|什么|去向|方式|转移")
_TASKS = Text("task|for|due|done", "任务|负责人|截止|完成")
_EVIDENCE = Text("file|bytes|SHA-256|by|added", "文件|字节|SHA-256|经办|时间")
_ENTRIES = Text("time|act|what|who|reason", "时间|事项|内容|经办|理由")
_JUDGEMENTS = (Act.SEVERITY, Act.INTENT, Act.ORIGIN, Act.HARM, Act.STATE, Act.FACTS)


def _standing(whole: Whole, say: Say) -> Iterator[str]:
    case = whole.case
    yield from map(say, (SEVERITIES[case.severity], STATES[case.state], INTENTS[case.intent], ORIGINS[case.origin]))
    if case.harm is not None:
        told = ((case.harm.persons, say(Text("persons", "人"))), (case.harm.amount, case.harm.currency))
        yield from (f"{value} {name}".strip() for value, name in told if value)
        if case.harm.also:
            yield case.harm.also
    if whole.asset:
        yield whole.asset


def _findings(whole: Whole, say: Say) -> Rows:
    for one in whole.members:
        finding = one.row.finding
        yield say(SEVERITIES[finding.severity]), _at(finding.time), say(finding.sentence), say(LINKS[one.placed.link])


def _judged(whole: Whole, say: Say) -> Rows:
    for act in _JUDGEMENTS:
        entry = whole.latest.get(act)
        if entry is not None:
            yield say(ACTS[act]), _told(entry.what), entry.who, _at(entry.at), entry.reason


def _clocks(clocks: Sequence[Clock], say: Say) -> Rows:
    for one in clocks:
        came = (
            Text("met", "已报告")
            if one.is_met
            else Text("runs", "进行中")
            if one.runs
            else Text("does not apply", "不适用")
        )
        sure = "" if one.certain or not one.runs else say(Text(" (may not apply)", "（可能不适用）"))
        yield say(one.told.to), f"{say(one.told.instrument)} {one.told.article}", _at(one.due_at), say(came) + sure


def _runs(runs: Sequence[Standing], say: Say) -> Rows:
    for run in reversed(runs):
        for act in run.acts:
            told = say(halves(act.step)), _told(act.arguments), say(RUN_ACTS[act.state]), act.approved_by
            yield run.run, *told, _at(act.verified_at) if act.verified_at else ""


def _steps(whole: Whole, say: Say) -> Rows:
    for one in whole.steps:
        who = say(WITHHELD) if whole.case.withheld else one.way.who
        how = f"{one.action} {one.channel} {one.outcome}"
        yield _at(one.first), who, one.way.what, one.way.where, how, one.transfers


def _tasks(whole: Whole) -> Rows:
    for one in whole.tasks:
        due, done = (_at(moment) if moment else "" for moment in (one.due_at, one.done_at))
        yield one.title, one.assignee, due, done


def _entries(whole: Whole, say: Say) -> Rows:
    for one in whole.entries:
        yield _at(one.at), say(ACTS[one.act]), _told(one.what), one.who, one.reason


def _told(what: object) -> str:
    return ", ".join(f"{name}: {value}" for name, value in what.items()) if isinstance(what, dict) else str(what)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"

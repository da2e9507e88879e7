"""A case as one page to be read and printed: no script, no address, both languages told apart by who makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from waybill.cases.clocks import Clock
from waybill.cases.wording import ACTS, LINKS, ORIGINS, STATES
from waybill.flow.case_view import Whole
from waybill.model.findings import SEVERITIES, Text
from waybill.report.markup import Markup, joined, tag
from waybill.report.wording import INTENTS, WITHHELD

_CSS = Markup(
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{border-bottom:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "small{color:#555}"
)

Say = Callable[[Text], str]


def page(whole: Whole, clocks: Sequence[Clock], *, chinese: bool) -> str:
    """Return the page of a case, as it may be shown."""

    def say(text: Text) -> str:
        return text.zh if chinese else text.en

    case = whole.case
    title = f"{say(Text('Case', '案件'))} {case.number}: {say(whole.title)}"
    withheld = Text("Who acted is withheld.", "行为人不公开。")
    body = [
        tag("h1", title),
        tag("p", " · ".join(_standing(whole, say))),
        tag("p", tag("strong", say(withheld))) if case.withheld else None,
        _section(say, Text("Findings", "发现"), _FINDINGS, _findings(whole, say)),
        _section(say, Text("Clocks of the law", "法定时限"), _CLOCKS, _clocks(clocks, say)),
        _section(say, Text("What happened", "经过"), _STEPS, _steps(whole, say)),
        _section(say, Text("What was done", "处理记录"), _ENTRIES, _entries(whole, say)),
        _section(
            say, Text("Evidence", "证据"), _EVIDENCE, ((one.name, one.bytes, one.sha256) for one in whole.evidence)
        ),
    ]
    head = [tag("meta", charset="utf-8"), tag("title", title), tag("style", _CSS)]
    return "<!doctype html>\n" + tag("html", tag("head", head), tag("body", body), lang="zh-Hans" if chinese else "en")


_FINDINGS = Text("severity|when|what|why it is here", "严重程度|时间|内容|归入理由")
_CLOCKS = Text("report to|by|due|came of it", "报告对象|依据|截止|结果")
_STEPS = Text("time|who|what|where|how|transfers", "时间|谁|什么|去向|方式|转移")
_ENTRIES = Text("time|act|what|who|reason", "时间|事项|内容|经办|理由")
_EVIDENCE = Text("file|bytes|SHA-256", "文件|字节|SHA-256")


def _section(say: Say, title: Text, heads: Text, rows: Iterable[Sequence[object]]) -> Markup:
    body = [tag("tr", (tag("td", str(cell)) for cell in row)) for row in rows]
    if not body:
        return joined([tag("h2", say(title)), tag("p", say(Text("none", "无")))])
    head = tag("tr", (tag("th", name, scope="col") for name in say(heads).split("|")))
    return joined([tag("h2", say(title)), tag("table", tag("thead", head), tag("tbody", body))])


def _standing(whole: Whole, say: Say) -> list[str]:
    case = whole.case
    told = [SEVERITIES[case.severity], STATES[case.state], INTENTS[case.intent], ORIGINS[case.origin]]
    harm = [] if case.harm is None else [
        f"{value} {name}".strip()
        for value, name in (
            (case.harm.persons, say(Text("persons", "人"))),
            (case.harm.amount, case.harm.currency),
            (case.harm.also, ""),
        )
        if value
    ]  # fmt: skip
    return [*map(say, told), *harm, whole.asset]


def _findings(whole: Whole, say: Say) -> Iterable[Sequence[object]]:
    for one in whole.members:
        finding = one.row.finding
        yield say(SEVERITIES[finding.severity]), _at(finding.time), say(finding.sentence), say(LINKS[one.placed.link])


def _clocks(clocks: Sequence[Clock], say: Say) -> Iterable[Sequence[object]]:
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


def _steps(whole: Whole, say: Say) -> Iterable[Sequence[object]]:
    for one in whole.steps:
        who = say(WITHHELD) if whole.case.withheld else one.way.who
        yield (
            _at(one.first),
            who,
            one.way.what,
            one.way.where,
            f"{one.action} {one.channel} {one.outcome}",
            one.transfers,
        )


def _entries(whole: Whole, say: Say) -> Iterable[Sequence[object]]:
    for one in whole.entries:
        what = ", ".join(f"{name}: {value}" for name, value in one.what.items())
        yield _at(one.at), say(ACTS[one.act]), what, one.who, one.reason


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"

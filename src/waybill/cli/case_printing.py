"""How a case and its clocks are printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from waybill.cli.language import read, say
from waybill.cli.output import out, write_table

if TYPE_CHECKING:
    from waybill.cases.clocks import Clock
    from waybill.flow.cases.clocks import Asked
    from waybill.flow.cases.view import Whole


def print_case(found: Whole) -> None:
    """Print a case with all that belongs to it."""
    from waybill.cases.wording import ACTS, LINKS, ORIGINS, STATES
    from waybill.report.wording import INTENTS, WITHHELD

    case = found.case
    out.print(f"[bold]{case.number}[/] ", end="")
    out.print(f"{read(found.title)} · {found.asset}", markup=False)
    facts = [case.severity, read(STATES[case.state]), read(INTENTS[case.intent]), read(ORIGINS[case.origin])]
    out.print(" · ".join([*facts, case.assignee or say("nobody's yet", "未指派")]), markup=False)
    if case.withheld:
        out.print(say("Who acted is withheld.", "行为人不公开。"))
    out.print()
    write_table(
        say("finding|severity|why it is here|what", "发现|严重程度|归入理由|内容").split("|"),
        (
            [
                one.row.finding.id[:12],
                one.row.finding.severity,
                f"{read(LINKS[one.placed.link])} {one.placed.via[:12]}",
                read(one.row.finding.sentence),
            ]
            for one in found.members
        ),
        markup=False,
    )
    out.print()
    write_table(
        say("time|who|what|where|how|transfers", "时间|谁|什么|去向|方式|转移").split("|"),
        (
            [
                f"{step.first:%Y-%m-%d %H:%M}",
                step.way.who or read(WITHHELD),
                step.way.what,
                step.way.where,
                f"{step.action} {step.channel} {step.outcome}",
                step.transfers,
            ]
            for step in found.steps
        ),
        right=[5],
        markup=False,
    )
    out.print()
    for entry in found.entries:
        told = " ".join(f"{name}={value}" for name, value in entry.what.items() if not isinstance(value, list | dict))
        out.print(
            f"  {entry.at:%Y-%m-%d %H:%M} {read(ACTS[entry.act])} ({entry.who}) {told} {entry.reason}".rstrip(),
            markup=False,
        )
    for one in found.tasks:
        mark = "x" if one.done_at else " "
        due = f" {one.due_at:%Y-%m-%d %H:%M}" if one.due_at else ""
        out.print(f"  [{mark}] {one.number} {one.title} {one.assignee}{due}".rstrip(), markup=False)


def print_clocks(found: Sequence[Clock]) -> None:
    """Print clocks, the next due first."""
    now = datetime.now(UTC)
    write_table(
        say("clock|case|report to|by|due (UTC)|standing", "时限|案件|报告对象|依据|截止 (UTC)|状态").split("|"),
        (
            [
                one.id,
                one.case,
                read(one.told.to),
                f"{read(one.told.instrument)} {one.told.article}",
                f"{one.due_at:%Y-%m-%d %H:%M}",
                _standing(one, now),
            ]
            for one in found
        ),
        markup=False,
    )


def print_undecided(found: Sequence[Clock], asked: Sequence[Asked]) -> None:
    """Print how many clocks may run, and the questions that decide it."""
    if not found:
        return
    count, first = len(found), found[0]
    due = f"{first.due_at:%Y-%m-%d %H:%M}"
    out.print()
    out.print(
        say(
            f"To be decided: {count} clocks may run, the first by {due} UTC to {first.told.to.en}.",
            f"待定：{count} 个时限可能适用，最早 {due} UTC，报告对象：{first.told.to.zh}。",
        ),
        markup=False,
    )
    print_asked([one for one in asked if one.decides])


def print_asked(found: Sequence[Asked]) -> None:
    """Print what the law asks: which clocks rest on the answer, and what is known."""
    write_table(
        say("fact|question|known|clocks|next due (UTC)", "事实|问题|已知|时限数|最早截止 (UTC)").split("|"),
        (
            [
                one.name,
                read(one.ask),
                one.known,
                one.decides or "",
                f"{one.next_due:%Y-%m-%d %H:%M}" if one.next_due else "",
            ]
            for one in found
        ),
        right=[3],
        markup=False,
    )


def _standing(one: Clock, now: datetime) -> str:
    if one.is_met:
        late = say(", late", "，逾期") if one.is_late(now) else ""
        return say(f"met {one.ended_at:%Y-%m-%d %H:%M}{late}", f"已报告 {one.ended_at:%Y-%m-%d %H:%M}{late}")
    if not one.runs:
        return say("does not apply", "不适用")
    left = one.due_at - now
    hours = abs(left.total_seconds()) / 3600
    said = (
        say(f"overdue by {hours:.1f} h", f"逾期 {hours:.1f} 小时")
        if left.total_seconds() < 0
        else say(f"{hours:.1f} h left", f"剩余 {hours:.1f} 小时")
    )
    return said if one.certain else say(f"may run: {said}", f"可能适用：{said}")

"""The figures in words: each with its value, or unknown, and with what it rests on."""

from __future__ import annotations

from typing import NamedTuple

from waybill.model.findings import SEVERITIES, Text
from waybill.model.words import Severity
from waybill.report.data import Control, Report
from waybill.report.drawing import table
from waybill.report.figures import Change, Figures, Rate, Share
from waybill.report.markup import Content, Markup, both, tag
from waybill.report.wording import UNKNOWN, WHY_UNKNOWN, count, same


class Told(NamedTuple):
    """A figure, and what it rests on or why it is unknown."""

    value: Text
    rests_on: Text


class Compared(NamedTuple):
    """What is told of a control."""

    control: Control
    before: Told
    after: Told
    change: Told


def told(report: Report, found: Figures) -> dict[Text, Told]:
    """Return the figures that head a report, by name."""
    return {
        Text("Findings", "发现"): _findings(found),
        Text("Unauthorised transfers", "未经授权的转移"): _unauthorised(found),
        Text("Were accidents", "属于意外"): _share(found.accidents, "intent"),
        Text("Came through old systems", "经由旧系统"): _share(
            found.old_systems, "way-not-known" if report.scope.marks_old else "marks-no-old"
        ),
    }


def compared(found: Figures) -> list[Compared]:
    """Return what unauthorised transfers did before and after each control."""
    return [Compared(one.control, _rate(one.before), _rate(one.after), _change(one)) for one in found.changes]


def cards(report: Report, found: Figures) -> Markup:
    """Return the figures for the page."""
    return tag(
        "dl",
        (
            tag(
                "div",
                tag("dt", both(name)),
                tag("dd", both(one.value), class_="value"),
                tag("dd", both(one.rests_on), class_="note"),
            )
            for name, one in told(report, found).items()
        ),
        class_="cards",
    )


def controls(found: Figures) -> Markup:
    """Return the comparison for the page."""
    title = Text("Unauthorised transfers before and after a control", "管控措施前后的未经授权转移")
    if not found.changes:
        why = WHY_UNKNOWN["no-control"]
        unknown = Text(f"{UNKNOWN.en}: {why.en}", f"{UNKNOWN.zh}：{why.zh}")
        return tag("div", tag("h3", both(title)), tag("p", both(unknown)))
    columns = [
        Text("control", "管控措施"),
        Text("a week before", "此前每周"),
        Text("a week after", "此后每周"),
        Text("change", "变化"),
    ]
    rows = (
        [f"{one.control.day} {one.control.name}", *(_cell(part) for part in (one.before, one.after, one.change))]
        for one in compared(found)
    )
    note = Text(
        "Transfers that went through, on days with logs. Transfers come in bursts, so the intervals (95 %, exact) "
        "count findings, one for each actor, asset, reason and day. They tell change from chance; they do not tell "
        "what caused it.",
        "仅计有日志之日中已发生的转移。由于转移常成批出现，区间（95%，精确）按发现计算，即每一主体、资产、原因与日期计一项。"
        "区间用于区分变化与偶然，并不说明原因。",
    )
    return tag("div", table(title, columns, rows), tag("p", both(note), class_="note"))


def _cell(one: Told) -> Content:
    return [tag("b", both(one.value)), " ", tag("span", both(one.rests_on), class_="note")]


def _findings(found: Figures) -> Told:
    grave = found.severities[Severity.CRITICAL] + found.severities[Severity.HIGH]
    critical, high = SEVERITIES[Severity.CRITICAL], SEVERITIES[Severity.HIGH]
    aside = Text(
        f" {found.aside:,} more are set aside: false alarms, or accepted." if found.aside else "",
        f"另有 {found.aside:,} 项已排除：误报或已接受。" if found.aside else "",
    )
    return Told(
        same(f"{found.findings:,}"),
        Text(
            f"{grave:,} {critical.en} or {high.en}; {found.transfers:,} transfers are the evidence.{aside.en}",
            f"其中{critical.zh}或{high.zh} {grave:,} 项；证据为 {found.transfers:,} 次转移。{aside.zh}",
        ),
    )


def _unauthorised(found: Figures) -> Told:
    if found.unauthorised is None:
        return Told(UNKNOWN, WHY_UNKNOWN["nothing-controlled"])
    stopped = found.stopped or 0
    return Told(
        same(f"{found.unauthorised:,}"),
        Text(
            f"of registered assets, without a permit that covers them; {stopped:,} more were stopped.",
            f"登记资产在无适用许可的情况下转移；另有 {stopped:,} 次被阻止。",
        ),
    )


def _share(share: Share, why: str) -> Told:
    if not share.known:
        return Told(UNKNOWN, WHY_UNKNOWN[why if share.total else "no-findings"])
    low, high = share.interval
    rest = share.total - share.known
    return Told(
        same(f"{share.part / share.known:.0%}"),
        Text(
            f"{share.part:,} of {share.known:,} of which it is known (95 % interval {low:.0%} to {high:.0%})"
            + (f"; of {rest:,} it is unknown." if rest else "."),
            f"已知的 {share.known:,} 项中有 {share.part:,} 项（95% 区间 {low:.0%} 至 {high:.0%}）"
            + (f"；{rest:,} 项未知。" if rest else "。"),
        ),
    )


def _rate(rate: Rate) -> Told:
    if not rate.days:
        return Told(UNKNOWN, Text("no day with logs", "没有有日志的日子"))
    low, high = rate.interval
    days, findings = count(rate.days, "day", "days", "天"), count(rate.findings, "finding", "findings", "项发现")
    return Told(
        same(f"{rate.transfers_per_week:.1f}"),
        Text(
            f"n = {rate.transfers:,} in {findings.en}, {days.en} with logs; "
            f"{rate.findings_per_week:.1f} findings a week ({low:.1f} to {high:.1f})",
            f"n = {rate.transfers:,}，{findings.zh}，有日志 {days.zh}；"
            f"每周 {rate.findings_per_week:.1f} 项发现（{low:.1f} 至 {high:.1f}）",
        ),
    )


def _change(change: Change) -> Told:
    if change.unknown:
        return Told(UNKNOWN, WHY_UNKNOWN[change.unknown])
    low, high = change.interval
    if low <= 1 <= high:
        verdict = Text("cannot be told from chance", "无法与偶然波动区分")
    else:
        verdict = Text("fewer than before", "较此前减少") if high < 1 else Text("more than before", "较此前增多")
    upper = "∞" if high == float("inf") else f"{high:.2f}"
    return Told(
        same("× ∞" if change.ratio is None else f"× {change.ratio:.2f}"),
        Text(f"{low:.2f} to {upper}: {verdict.en}", f"{low:.2f} 至 {upper}：{verdict.zh}"),
    )

"""What the report rests on: sources, what could not be read, what was left out, and what looked at it."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.model.findings import SEVERITIES, Text
from waybill.model.sizes import size
from waybill.report.data import Flow, Ran, Report, Scope
from waybill.report.drawing import clipped, table
from waybill.report.markup import NOTHING, Content, Markup, both, tag
from waybill.report.wording import NONE, NOT_SAID, UNKNOWN, channel, count

MOST_LINES = 50
"""Sources, remarks of a detector, and reasons of rejection that are listed one by one."""

NOT_RUN = Text("has not run", "尚未运行")
BEHIND = Text("has not seen the newest transfers; run `waybill detect`", "尚未检查最新转移；请运行 `waybill detect`")
SOURCES = 6
"""Sources that the head of the page names."""


def period(scope: Scope) -> Text:
    """Return the time that the transfers span."""
    if scope.first is None or scope.last is None:
        return Text("no transfers", "无转移记录")
    span = f"{scope.first:%Y-%m-%d %H:%M} – {scope.last:%Y-%m-%d %H:%M} UTC"
    return Text(span, span)


def short(report: Report) -> Markup:
    """Return the scope in a few lines, for the head of the page."""
    return tag("dl", _facts(report), class_="facts")


def _facts(report: Report) -> Iterator[Markup]:
    scope = report.scope
    yield _fact(Text("Period", "时段"), both(period(scope)))
    yield _fact(Text("Read", "读取"), both(_read(scope)))
    yield _fact(Text("Not readable", "无法读取"), both(count(scope.rejected, "record", "records", "条记录")))
    yield _fact(Text("Left out", "未作记录"), both(_protected(scope)))
    yield _fact(Text("Looked at by", "检测方式"), both(_detectors(scope)))
    if scope.less:
        least = SEVERITIES[scope.least]
        less = count(scope.less, "finding", "findings", "项发现")
        yield _fact(
            Text("Not in this report", "未列入本报告"),
            both(Text(f"{less.en} below {least.en}, as asked", f"按要求略去低于“{least.zh}”的 {less.zh}")),
        )


def _read(scope: Scope) -> Text:
    counted = [
        count(scope.transfers, "transfer", "transfers", "次转移"),
        count(len(scope.sources), "source", "sources", "个来源"),
        *([count(scope.files, "file", "files", "个文件")] if scope.files is not None else []),
    ]
    names = [source.name for source in scope.sources[:SOURCES]] + ["…"] * (len(scope.sources) > SOURCES)
    return Text(
        ", ".join(one.en for one in counted) + (f": {', '.join(names)}" if names else ""),
        "，".join(one.zh for one in counted) + (f"：{'、'.join(names)}" if names else ""),
    )


def _fact(name: Text, *told: Content) -> Markup:
    return tag("div", tag("dt", both(name)), tag("dd", *told))


def _protected(scope: Scope) -> Text:
    if scope.protected is None:
        return Text(
            "unknown: what touches a protected channel is told once, when it is read, and not kept",
            "未知：涉及受保护渠道的记录仅在读取时告知数量，不作保存",
        )
    if not scope.protected:
        return Text("none touched a protected channel", "无记录涉及受保护渠道")
    return Text(f"{scope.protected} records touch a protected channel", f"{scope.protected} 条记录涉及受保护渠道")


def _detectors(scope: Scope) -> Text:
    told = [_detector_in_short(ran) for ran in scope.detectors] or [NONE]
    return Text(", ".join(one.en for one in told), "、".join(one.zh for one in told))


def _detector_in_short(ran: Ran) -> Text:
    if not ran.ran or ran.behind:
        more = BEHIND if ran.ran else NOT_RUN
    elif ran.rules:
        more = count(ran.rules, "rule", "rules", "条规则")
    else:
        return Text(ran.name, ran.name)
    return Text(f"{ran.name} ({more.en})", f"{ran.name}（{more.zh}）")


def whole(report: Report) -> Iterator[Markup]:
    """Yield everything the report rests on, as tables."""
    scope = report.scope
    transfers = Text("transfers", "转移")
    yield table(
        Text("Sources", "来源"),
        [Text("source", "来源"), transfers],
        ([source.name, f"{source.transfers:,}"] for source in scope.sources[:MOST_LINES]),
        right=[1],
    )
    yield _more(len(scope.sources))
    yield table(
        Text("Detectors and rules", "检测器与规则"),
        [
            Text("detector", "检测器"),
            Text("rules asked", "执行的规则"),
            Text("of those without logs", "其中无对应日志"),
            Text("could not", "未能执行"),
        ],
        (_detector(ran) for ran in scope.detectors),
        right=[1, 2, 3],
    )
    yield from _remarks(scope)
    if scope.rejections:
        yield _rejections(scope)
    yield _flows(report.flows)


def _detector(ran: Ran) -> list[Content]:
    if not ran.ran:
        return [ran.name, both(NOT_RUN), "", ""]
    return [
        ran.name,
        f"{ran.rules:,}" if ran.rules else "–",
        f"{ran.unfed:,}" if ran.rules else "–",
        f"{len(ran.remarks):,}",
    ]


def _remarks(scope: Scope) -> Iterator[Markup]:
    for ran in scope.detectors:
        if ran.remarks:
            told = Text(f"What {ran.name} could not do", f"{ran.name} 未能执行的内容")
            lines = (tag("li", remark) for remark in ran.remarks[:MOST_LINES])
            yield tag(
                "details",
                tag("summary", both(told), f" ({len(ran.remarks):,})"),
                tag("ul", lines),
                _more(len(ran.remarks)),
            )


def _more(lines: int) -> Markup:
    more = lines - MOST_LINES
    return tag("p", both(Text(f"and {more:,} more", f"另有 {more:,} 条")), class_="note") if more > 0 else NOTHING


def _rejections(scope: Scope) -> Markup:
    rows = ([one.source or both(UNKNOWN), one.reason, f"{one.records:,}"] for one in scope.rejections[:MOST_LINES])
    title = Text("What could not be read", "无法读取的内容")
    head = [Text("source", "来源"), Text("reason", "原因"), Text("records", "记录")]
    return tag("div", table(title, head, rows, right=[2]), _more(len(scope.rejections)))


def _flows(flows: tuple[Flow, ...]) -> Markup:
    rows = (
        [
            both(channel(flow.channel)),
            clipped(flow.place, 90) if flow.place else both(NOT_SAID),
            f"{flow.transfers:,}",
            size(flow.bytes),
        ]
        for flow in flows
    )
    return table(
        Text("Where things went: the largest flows, permitted or not", "流向：最大的流量（不论是否获准）"),
        [Text("over", "渠道"), Text("to", "去向"), Text("transfers", "转移"), Text("size", "大小")],
        rows,
        right=[2, 3],
    )

"""Findings by severity, by time and by reason, each as a picture and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from waybill.model.findings import SEVERITIES, Text
from waybill.report.data import Control
from waybill.report.drawing import figure, hatch, line, picture, rectangle, table, words
from waybill.report.figures import Bar, Figures
from waybill.report.markup import Markup, both, tag
from waybill.report.wording import count, same

FINDINGS = Text("findings", "发现")
TRANSFERS = Text("transfers", "转移")

_WIDTH, _LEFT, _BASE, _TOP = 720, 40, 170, 24
MOST_REASONS = 10
"""Reasons that are listed; the rest is told in one line."""


def by_severity(figures: Figures) -> Markup:
    """Return findings by severity."""
    most = max(figures.severities.values(), default=0)
    shapes = []
    for number, (severity, findings) in enumerate(figures.severities.items()):
        y = 26 * number
        length = 150 * findings / most if most else 0.0
        shapes += [
            words(100, y + 16, SEVERITIES[severity], anchor="end"),
            rectangle(108, y + 4, length, 16, f"bar {severity}"),
            words(114 + length, y + 16, same(f"{findings:,}"), class_="value"),
        ]
    title = Text("Findings by severity", "按严重程度")
    return figure(
        "by-severity",
        title,
        picture(320, 26 * len(figures.severities), shapes, labelled_by="by-severity", class_="narrow"),
        table(
            title,
            [Text("severity", "严重程度"), FINDINGS],
            ([both(SEVERITIES[severity]), f"{findings:,}"] for severity, findings in figures.severities.items()),
            right=[1],
        ),
    )


def by_time(figures: Figures, controls: Sequence[Control]) -> Markup:
    """Return findings by day or longer stretch, with the controls as upright lines and stretches without logs."""
    bars = figures.bars
    title = _title(bars)
    columns = [
        Text("from", "起始日"),
        Text("critical and high", "严重与高"),
        Text("medium and lower", "中及以下"),
        Text("days with logs", "有日志的天数"),
    ]
    rows = ([f"{bar.begin:%Y-%m-%d}", f"{bar.grave:,}", f"{bar.other:,}", f"{bar.logs}/{bar.days}"] for bar in bars)
    return figure(
        "by-time",
        title,
        picture(
            _WIDTH, 212, hatch("lesser"), *_axes(bars), *_bars(bars), *_marks(bars, controls), labelled_by="by-time"
        ),
        table(title, columns, rows, right=[1, 2, 3]),
        note=_legend(controls),
        class_="wide",
    )


def _title(bars: Sequence[Bar]) -> Text:
    days = bars[0].days if bars else 1
    if days == 1:
        return Text("Findings by day (UTC)", "按日分布（UTC）")
    if days == 7:
        return Text("Findings by week (UTC)", "按周分布（UTC）")
    return Text(f"Findings in stretches of {days} days (UTC)", f"按每 {days} 天分布（UTC）")


def _legend(controls: Sequence[Control]) -> list[Markup]:
    def key(kind: str, text: Text) -> Markup:
        swatch = tag("svg", rectangle(1, 1, 14, 10, kind), viewBox="0 0 16 12", class_="swatch", aria_hidden="true")
        return tag("span", swatch, both(text), class_="key")

    numbered = "; ".join(f"{number} = {control.day} {control.name}" for number, control in enumerate(controls, 1))
    lines = Text(f"Upright lines: {numbered}.", f"竖线：{numbered}。")
    return [
        key("grave", Text("critical and high", "严重与高")),
        key("lesser", Text("medium and lower", "中及以下")),
        key("silent", Text("no logs", "无日志")),
        *([tag("span", both(lines), class_="key")] if controls else []),
    ]


def _scale(bars: Sequence[Bar]) -> tuple[float, int]:
    """Return how wide one bar's stretch is, and what the highest bar counts."""
    return (_WIDTH - _LEFT) / max(1, len(bars)), max((bar.grave + bar.other for bar in bars), default=0)


def _axes(bars: Sequence[Bar]) -> Iterator[Markup]:
    wide, most = _scale(bars)
    yield line(_LEFT, _BASE, _WIDTH, _BASE, "axis")
    yield words(_LEFT - 6, _BASE, same("0"), anchor="end")
    if most:
        yield line(_LEFT, _TOP, _WIDTH, _TOP, "grid")
        yield words(_LEFT - 6, _TOP + 4, same(f"{most:,}"), anchor="end")
    for number in sorted({0, len(bars) // 2, len(bars) - 1} if bars else ()):
        middle = min(max(_LEFT + wide * (number + 0.5), _LEFT + 32), _WIDTH - 36)
        yield words(middle, _BASE + 32, same(f"{bars[number].begin:%Y-%m-%d}"), anchor="middle")


def _bars(bars: Sequence[Bar]) -> Iterator[Markup]:
    wide, most = _scale(bars)
    thick = min(wide * 0.8, 48)
    unit = (_BASE - _TOP) / most if most else 0.0
    for number, bar in enumerate(bars):
        x = _LEFT + wide * (number + 0.5) - thick / 2
        if bar.grave:
            yield rectangle(x, _BASE - bar.grave * unit, thick, bar.grave * unit, "grave")
        if bar.other:
            yield rectangle(x, _BASE - (bar.grave + bar.other) * unit, thick, bar.other * unit, "lesser")
        if not bar.logs:
            yield rectangle(_LEFT + wide * number, _BASE + 3, wide, 7, "silent")


def _marks(bars: Sequence[Bar], controls: Sequence[Control]) -> Iterator[Markup]:
    wide, _ = _scale(bars)
    end = bars[-1].begin + timedelta(days=bars[-1].days) if bars else None
    for number, control in enumerate(controls, 1):
        if end is not None and bars[0].begin <= control.day <= end:
            x = _LEFT + wide * ((control.day - bars[0].begin).days / bars[0].days)
            yield line(x, 14, x, _BASE + 12, "control")
            yield words(x, 11, same(str(number)), anchor="middle", class_="value")


def by_reason(figures: Figures) -> Markup:
    """Return the most frequent reasons; a table whose bars need no other picture."""
    most = max((reason.findings for reason in figures.reasons), default=0)
    rows = (
        [both(reason.title), _bar(reason.findings, most), f"{reason.findings:,}", f"{reason.transfers:,}"]
        for reason in figures.reasons[:MOST_REASONS]
    )
    title = Text("Most frequent reasons", "最常见的原因")
    more = len(figures.reasons) - MOST_REASONS
    rest = sum(reason.findings for reason in figures.reasons[MOST_REASONS:])
    reasons, findings = (
        count(more, "more reason", "more reasons", "种原因"),
        count(rest, "finding", "findings", "项发现"),
    )
    told = Text(f"{reasons.en} with {findings.en}.", f"另有 {reasons.zh}，共 {findings.zh}。")
    head = [Text("reason", "原因"), Text("share", "占比"), FINDINGS, TRANSFERS]
    return tag(
        "div",
        table(title, head, rows, right=[2, 3], class_="reasons"),
        tag("p", both(told), class_="note") if more > 0 else None,
    )


def _bar(value: int, most: int) -> Markup:
    length = 100 * value / most if most else 0.0
    shape = rectangle(0, 1, length, 10, "bar")
    return tag("svg", shape, viewBox="0 0 100 12", class_="inline", aria_hidden="true", preserveAspectRatio="none")

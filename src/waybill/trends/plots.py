"""Pictures of trends as SVG, the same for the console, for files and for the public site.

Each says below what it rests on: the version of the data and the command that makes its figures again. A picture holds
words of one language, and colours come from the page (``CLASSES`` in console.css) or, in a file, from ``STYLE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from waybill.report.drawing import clipped, line, picture, rectangle
from waybill.report.markup import Content, Markup, tag
from waybill.trends.figures import COMPLETE, Newest

STYLE = """
text { font: 13px system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; fill: #1b2230; }
.plot-quiet { fill: #525c6b; font-size: 12px; } .plot-axis { stroke: #8a94a3; } .plot-grid { stroke: #dde3ea; }
.plot-range { stroke: #24476f; stroke-width: 2.5; } .plot-dot, .plot-bar, .plot-tile { fill: #24476f; }
.plot-open, .plot-rest { fill: #c8d0da; } .plot-known { fill: #8fa9c8; }
.plot-hidden { fill: none; stroke: #8a94a3; stroke-dasharray: 3 3; }
"""
"""How pictures look in files, where no page says so."""

_WIDTH, _LINE, _LABEL = 760, 26, 300
_FONT = 7.2


@dataclass(frozen=True, slots=True)
class Basis:
    """What a picture rests on."""

    version: str
    command: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Counts by rows and columns, words and all; None stands for a hidden one."""

    rows: Sequence[str]
    columns: Sequence[str]
    counts: Sequence[Sequence[int | None]]


@dataclass(frozen=True, slots=True)
class Dot:
    """A value with its interval, and what it rests on."""

    label: str
    value: float | None
    """None: not told, for ``note`` says why."""
    low: float
    high: float
    note: str
    known: float | None = None
    """Share of which it is known at all."""


def dots(
    name: str, title: str, rows: Sequence[Dot], basis: Basis, *, most: float, unit: Callable[[float], str]
) -> Markup:
    """Return dots with their intervals, a bar of what is known beside each if there is one, and n."""
    left, right = _LABEL, 560
    scale = (right - left) / most if most else 0.0
    shapes: list[Content] = []
    for step in range(5):
        at = left + (right - left) * step / 4
        shapes += [
            line(at, 8, at, 12 + _LINE * len(rows), "plot-grid"),
            _words(at, 6 + 18 + _LINE * len(rows) + 6, unit(most * step / 4), "middle", "plot-quiet"),
        ]
    for number, row in enumerate(rows):
        y = 22 + _LINE * number
        shapes.append(_words(left - 10, y + 4, clipped(row.label, 40), "end"))
        if row.value is not None:
            low, high, at = (left + scale * min(max(one, 0.0), most) for one in (row.low, row.high, row.value))
            shapes += [line(low, y, high, y, "plot-range"), tag("circle", cx=at, cy=float(y), r=4, class_="plot-dot")]
        if row.known is not None:
            shapes += [
                rectangle(right + 14, y - 5, 44, 10, "plot-rest"),
                rectangle(right + 14, y - 5, 44 * row.known, 10, "plot-known"),
            ]
        shapes.append(_words(right + (66 if row.known is not None else 14), y + 4, row.note, "start", "plot-quiet"))
    return _picture(name, title, 40 + _LINE * len(rows), shapes, basis)


def tiles(name: str, title: str, grid: Grid, basis: Basis) -> Markup:
    """Return a grid of tiles, each with a bar that grows with the root of its count; a hidden one is dashed."""
    wide = min(110.0, (_WIDTH - 170) / max(1, len(grid.columns)))
    most = max((one or 0 for row in grid.counts for one in row), default=0)
    shapes: list[Content] = [
        _words(170 + wide * (number + 0.5), 16, clipped(column, max(4, int(wide / _FONT))), "middle", "plot-quiet")
        for number, column in enumerate(grid.columns)
    ]
    for number, (row, cells) in enumerate(zip(grid.rows, grid.counts, strict=True)):
        y = 26.0 + 30 * number
        shapes.append(_words(160, y + 19, clipped(row, 22), "end"))
        for place, count in enumerate(cells):
            x = 170 + wide * place
            if count is None:
                shapes += [
                    rectangle(x + 2, y + 2, wide - 4, 26, "plot-hidden"),
                    _words(x + wide / 2, y + 19, "·", "middle", "plot-quiet"),
                ]
            else:
                share = (count / most) ** 0.5 if most else 0.0
                shapes += [
                    rectangle(x + 2, y + 2, wide - 4, 6, "plot-open"),
                    rectangle(x + 2, y + 2, (wide - 4) * share, 6, "plot-tile"),
                    _words(x + wide / 2, y + 24, f"{count:,}", "middle"),
                ]
    return _picture(name, title, 36 + 30 * len(grid.rows), shapes, basis)


def multiples(name: str, title: str, grid: Grid, basis: Basis) -> Markup:
    """Return a small bar chart for each row, all on one scale; a hidden count is dashed."""
    most = max((one or 0 for row in grid.counts for one in row), default=0)
    wide, high, across = 240.0, 74.0, 3
    shapes: list[Content] = []
    for number, (row, cells) in enumerate(zip(grid.rows, grid.counts, strict=True)):
        x, y = 8 + (wide + 8) * (number % across), 18 + (high + 30) * (number // across)
        bar = wide / max(1, len(cells))
        shapes += [_words(x, y, clipped(row, 30), "start"), line(x, y + high, x + wide, y + high, "plot-axis")]
        for place, count in enumerate(cells):
            if count is None:
                shapes.append(rectangle(x + bar * place + 1, y + high - 8, bar - 2, 8, "plot-hidden"))
            elif count:
                tall = (high - 10) * count / most
                shapes.append(rectangle(x + bar * place + 1, y + high - tall, bar - 2, tall, "plot-bar"))
        if grid.columns:
            shapes += [
                _words(x, y + high + 13, grid.columns[0], "start", "plot-quiet"),
                _words(x + wide, y + high + 13, grid.columns[-1], "end", "plot-quiet"),
            ]
    lines = -(-len(grid.rows) // across)
    return _picture(name, title, 20 + (high + 30) * lines, shapes, basis)


def weeks(name: str, title: str, newest: Newest, basis: Basis) -> Markup:
    """Return weekly counts; weeks that are not complete, or nobody knows of, are grey."""
    counts = newest.weeks.counts
    most, bar, high = max(counts.max(initial=0.0), 1.0), (_WIDTH - 40) / max(1, len(counts)), 130.0
    shapes: list[Content] = [
        line(34, 20 + high, _WIDTH, 20 + high, "plot-axis"),
        _words(30, 30, f"{most:,.0f}", "end", "plot-quiet"),
    ]
    for place, (count, complete) in enumerate(zip(counts, newest.complete, strict=True)):
        tall = high * float(count) / most
        kind = "plot-bar" if complete is not None and complete >= COMPLETE else "plot-open"
        shapes.append(rectangle(36 + bar * place, 20 + high - tall, max(1.0, bar - 1), tall, kind))
    mondays = newest.weeks.mondays
    for place in {0, len(mondays) // 2, len(mondays) - 1} if mondays else ():
        at = min(max(36 + bar * place, 70.0), _WIDTH - 40.0)
        shapes.append(_words(at, 38 + high, f"{mondays[place]}", "middle", "plot-quiet"))
    return _picture(name, title, 52 + high, shapes, basis)


def as_file(picture: Markup) -> str:
    """Return a picture as a file that stands alone."""
    head, _, rest = picture.partition(">")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head} xmlns="http://www.w3.org/2000/svg"><style>{STYLE}</style>{rest}\n'


def _picture(name: str, title: str, height: float, shapes: Iterable[Content], basis: Basis) -> Markup:
    """Return the picture with what it rests on below."""
    told = [f"data {basis.version or '–'}", *_broken(basis.command, 104)]
    notes = [_words(4, height + 18 + 16 * number, text, "start", "plot-quiet") for number, text in enumerate(told)]
    whole = height + 24 + 16 * len(told)
    label = tag("title", title, id=f"{name}-title")
    return picture(_WIDTH, whole, label, *shapes, *notes, labelled_by=f"{name}-title", class_="plot")


def _words(x: float, y: float, text: str, anchor: str, class_: str | None = None) -> Markup:
    return tag("text", text, x=float(x), y=float(y), text_anchor=anchor, class_=class_)


def _broken(text: str, width: int) -> list[str]:
    """Return a text in lines that fit, broken at blanks."""
    lines = [""]
    for part in text.split(" "):
        if len(lines[-1]) + len(part) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {part}".strip()
    return lines

"""What all pictures share: words in two languages, labels that fit, and the frame with a table beside it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from waybill.model.findings import Text
from waybill.report.markup import ZH, Content, Markup, both, joined, tag


def picture(
    width: float, height: float, *shapes: Content, labelled_by: str, class_: str = "", scales: bool = True
) -> Markup:
    """Return an SVG picture; ``labelled_by`` is the id of the element that says what it is.

    It scales with the page; ``scales=False`` keeps its size, for one that grows with what it shows. Assistive software
    gets that name and the table beside the picture, not the shapes.
    """
    return tag(
        "svg",
        *shapes,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=None if scales else f"{width:.0f}",
        height=None if scales else f"{height:.0f}",
        role="img",
        aria_labelledby=labelled_by,
        class_=class_ or None,
    )


def words(x: float, y: float, text: Text, *, class_: str | None = None, anchor: str | None = None) -> Markup:
    """Return words at a place of a picture, in both languages."""
    if text.en == text.zh:
        return tag("text", text.en, x=x, y=y, class_=class_, text_anchor=anchor)
    return joined(
        tag("text", said, x=x, y=y, class_=class_, text_anchor=anchor, lang=language)
        for said, language in ((text.en, "en"), (text.zh, ZH))
    )


def rectangle(x: float, y: float, width: float, height: float, class_: str) -> Markup:
    """Return a rectangle."""
    return tag("rect", x=x, y=y, width=width, height=height, class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """Return a straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def hatch(name: str) -> Markup:
    """Return the definition of slanted lines, to fill with ``url(#name)``: told from a solid fill without colour."""
    stroke = tag("line", x1=0, y1=0, x2=0, y2=6, class_="hatch")
    pattern = tag(
        "pattern", stroke, id=name, width=6, height=6, patternUnits="userSpaceOnUse", patternTransform="rotate(45)"
    )
    return tag("defs", pattern)


def clipped(text: str, width: int) -> str:
    """Return a label at most so many letters wide, its middle left out; East Asian letters count for two."""
    if len(text) <= width and sum(map(_width, text)) <= width:
        return text
    head = _fitting(text, width * 2 // 3)
    tail = _fitting(reversed(text), width - width * 2 // 3 - 1)
    return f"{''.join(head)}…{''.join(reversed(tail))}"


def _fitting(letters: Iterable[str], width: int) -> list[str]:
    """Return the first letters that fit."""
    fitting: list[str] = []
    for letter in letters:
        width -= _width(letter)
        if width < 0:
            break
        fitting.append(letter)
    return fitting


def _width(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def figure(name: str, title: Text, drawn: Content, table: Content, *, note: Content = None, class_: str = "") -> Markup:
    """Return a picture with its title, a note, and the same figures as a table that opens on demand."""
    twin = tag("details", tag("summary", both(Text("The same as a table", "以表格查看"))), table, class_="twin")
    caption = tag("figcaption", tag("h3", both(title), id=name), tag("p", note, class_="note") if note else None)
    frame = tag("div", drawn, class_="frame", tabindex=0, role="group", aria_labelledby=name)
    return tag("figure", caption, frame, twin, class_=class_ or None)


def table(
    caption: Text,
    columns: Sequence[Text],
    rows: Iterable[Sequence[Content]],
    *,
    right: Sequence[int] = (),
    class_: str = "",
) -> Markup:
    """Return a table with a caption; the first cell of each row is its head, columns in ``right`` hold numbers."""
    classes = ["number" if number in right else None for number in range(len(columns))]
    heads = (tag("th", both(column), scope="col", class_=kind) for column, kind in zip(columns, classes, strict=True))
    return tag(
        "table",
        tag("caption", both(caption)),
        tag("thead", tag("tr", heads)),
        tag("tbody", (_row(row, classes) for row in rows)),
        class_=class_ or None,
    )


def _row(cells: Sequence[Content], classes: Sequence[str | None]) -> Markup:
    first, *rest = cells
    others = (tag("td", cell, class_=kind) for cell, kind in zip(rest, classes[1:], strict=True))
    return tag("tr", tag("th", first, scope="row"), others)

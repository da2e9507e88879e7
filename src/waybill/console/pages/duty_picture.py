"""Draws a rota: a line for each person, a bar for each shift, and where nobody is on call. The table says the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from waybill.cases.duty import Shift
from waybill.report import drawing
from waybill.report.drawing import clipped, hatch, line, rectangle
from waybill.report.markup import Markup, tag

WIDTH, LEFT, TOP, ROW = 960.0, 150.0, 26.0, 30.0
BAR = 18.0
DAY = timedelta(days=1)


def picture(
    shifts: Sequence[Shift],
    gaps: Collection[tuple[datetime, datetime]],
    names: Mapping[str, str],
    since: datetime,
    until: datetime,
    *,
    labelled_by: str,
) -> SafeString | None:
    """Return the picture of a rota; None where nobody is on it. ``labelled_by``: the id of its title."""
    people = list(dict.fromkeys(one.person for one in shifts))
    if not people:
        return None
    rows = [*people, ""] if gaps else people
    height = TOP + ROW * len(rows) + 4

    def at(moment: datetime) -> float:
        share = (min(max(moment, since), until) - since) / (until - since)
        return LEFT + share * (WIDTH - LEFT - 4)

    def bar(row: int, begins: datetime, ends: datetime, class_: str) -> Markup:
        top = TOP + ROW * row + (ROW - BAR) / 2
        return rectangle(at(begins), top, max(2.0, at(ends) - at(begins) - 1), BAR, class_)

    shapes = [hatch("gap"), *_days(since, until, at, height)]
    for row, person in enumerate(rows):
        said = clipped(names.get(person, person), 18) if person else _("nobody")
        class_ = "name" if person else "late"
        shapes.append(tag("text", said, x=LEFT - 10, y=TOP + ROW * row + 19, text_anchor="end", class_=class_))
        shapes += [bar(row, one.begins_at, one.ends_at, "shift") for one in shifts if person and one.person == person]
    shapes += [bar(len(people), begins, ends, "gap") for begins, ends in gaps]
    svg = drawing.picture(WIDTH, height, shapes, labelled_by=labelled_by, class_="flow rota", scales=False)
    return mark_safe(svg)  # noqa: S308  made of escaped parts by report.markup


def _days(since: datetime, until: datetime, at: Callable[[datetime], float], height: float) -> list[Markup]:
    """Draw where each day begins (UTC)."""
    shapes: list[Markup] = []
    day = since.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    while day < until:
        x = at(day)
        shapes.append(line(x, TOP - 4, x, height, "day"))
        if x < WIDTH - 40:
            shapes.append(tag("text", f"{day:%m-%d}", x=x + 3, y=14, class_="kind"))
        day += DAY
    return shapes

"""Draws a playbook as SVG, in the reader's language: what each step is, what decides, what a second person approves.

The table beside the picture says the same; step numbers lead from one to the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from waybill.console.pages.playbook_layout import Box, Label, Layout, Line, Sort, layout
from waybill.console.pages.writing import spoken
from waybill.report import drawing
from waybill.report.drawing import clipped
from waybill.report.markup import Markup, joined, tag
from waybill.respond.acting import Connectors
from waybill.respond.performing import MANUAL
from waybill.respond.playbook import VARIABLE, Playbook, Step, StepType

LETTERS = 27
"""Letters of a line in a step, East Asian ones counted twice."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a step, in the picture and in the table."""

    number: int
    """0: no way leads to it."""
    id: str
    name: str
    kind: str
    """What sort of step it is, in the reader's language."""
    does: str
    """Commands, the condition, or what is called."""
    acts: bool
    """Whether it is an act, of a connector or a person."""
    by_person: bool
    needs_two: bool


def steps_of(playbook: Playbook, connectors: Connectors) -> list[Told]:
    """Return what is told of each step but the start and the ends, in the order of the picture."""
    drawn = layout(playbook)
    order = {id: number for number, id in enumerate(drawn.order if drawn else (), 1)}
    told = [
        _told(order.get(id, 0), id, step, connectors)
        for id, step in playbook.steps.items()
        if step.type not in {StepType.START, StepType.END}
    ]
    return sorted(told, key=lambda one: (one.number or len(told) + 1, one.id))


def picture(playbook: Playbook, steps: Iterable[Told], *, labelled_by: str) -> SafeString | None:
    """Return the picture of a playbook; None for one with too many steps. ``labelled_by``: the id of its title."""
    drawn = layout(playbook)
    if drawn is None:
        return None
    told = {one.id: one for one in steps}
    width, height = drawn.block.width, drawn.block.height
    shapes = [*_boxes(drawn, playbook, told), *map(_line, drawn.block.lines), *map(_label, drawn.block.labels)]
    svg = drawing.picture(width, height, shapes, labelled_by=labelled_by, class_="flow", scales=False)
    return mark_safe(svg)  # noqa: S308  made of escaped parts by report.markup


def _told(number: int, id: str, step: Step, connectors: Connectors) -> Told:
    by_person = any(command.type == MANUAL for command in step.commands)
    tools = [connectors[one.command] for one in step.commands if one.command in connectors]
    return Told(
        number=number,
        id=id,
        name=spoken(step.name) or _KINDS[step.type](),
        kind=_("by hand") if by_person else _KINDS[step.type](),
        does=_does(step),
        acts=step.type is StepType.ACTION,
        by_person=by_person,
        needs_two=any(one.needs_two for one in tools),
    )


def _does(step: Step) -> str:
    match step.type:
        case StepType.ACTION:
            return ", ".join(_plain(spoken(one.command or one.description)) for one in step.commands)
        case StepType.PLAYBOOK:
            return step.playbook_id
        case StepType.SWITCH:
            return _plain(step.switch)
        case StepType.IF | StepType.WHILE:
            return _plain(step.condition)
    return ""


def _plain(text: str) -> str:
    """Return a text with its variables by their bare names."""
    return VARIABLE.sub(r"\1", text)


_KINDS = {
    StepType.START: lambda: _("start"),
    StepType.END: lambda: _("end"),
    StepType.ACTION: lambda: _("act"),
    StepType.PLAYBOOK: lambda: _("another playbook"),
    StepType.PARALLEL: lambda: _("all at once"),
    StepType.IF: lambda: _("if"),
    StepType.WHILE: lambda: _("as long as"),
    StepType.SWITCH: lambda: _("one of several"),
}


def _boxes(drawn: Layout, playbook: Playbook, told: dict[str, Told]) -> Iterator[Markup]:
    for box in sorted(drawn.block.boxes, key=lambda one: one.sort is not Sort.FRAME):
        if box.sort is Sort.STEP:
            yield _step(box, playbook.steps[box.id], told[box.id])
        elif box.sort is Sort.PILL:
            words = _KINDS[playbook.steps[box.id].type]()
            yield joined([_rounded(box, "pill", box.height / 2), _words(box, 0.64, words, "kind")])
        elif box.sort is Sort.AGAIN:
            one = told.get(box.id)
            words = f"→ {one.number}" if one else _("a step that is not there")
            yield joined([_rounded(box, "again", 6), _words(box, 0.64, words, "kind" if one else "late")])
        else:
            yield _rounded(box, box.sort.value, {Sort.FRAME: 10, Sort.DOT: 5}.get(box.sort, 2))


def _step(box: Box, step: Step, told: Told) -> Markup:
    """Draw a step: its shape says what sort it is, its words which, the mark at its corner who must agree."""
    conditional = step.type in {StepType.IF, StepType.WHILE, StepType.SWITCH}
    shape = _pointed(box) if conditional else _rounded(box, "by-person" if told.by_person else "act", 8)
    names = _wrapped(told.name)
    does = [] if told.by_person or len(names) > 1 or not told.does else [clipped(told.does, LETTERS + 4)]
    lines = [
        (f"{told.number} · {told.kind}", "kind"),
        *((one, "name") for one in names),
        *((one, "does") for one in does),
    ]
    top = 0.58 - 0.13 * (len(lines) - 1)
    parts = [shape, *(_words(box, top + 0.26 * at, line, kind) for at, (line, kind) in enumerate(lines))]
    if told.needs_two:
        parts.append(_two(box.x + box.width - 25, box.y + 13))
    return joined([tag("title", f"{told.number}. {told.name}: {told.does}") if told.does else None, *parts])


def _two(x: float, y: float) -> Markup:
    """Draw two people."""
    shapes = (
        f"M{left - 5} {y + 8}a5 5 0 0 1 10 0z M{left - 2.6} {y - 1}a2.6 2.6 0 1 1 5.2 0a2.6 2.6 0 1 1-5.2 0z"
        for left in (x, x + 11)
    )
    return joined(tag("path", d=shape, class_="two") for shape in shapes)


def _rounded(box: Box, class_: str, radius: float) -> Markup:
    return tag("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=radius, class_=class_)


def _pointed(box: Box) -> Markup:
    """Draw a hexagon: it decides."""
    x, y, w, h, tip = box.x, box.y, box.width, box.height, 14
    points = (
        f"{x},{y + h / 2} {x + tip},{y} {x + w - tip},{y} {x + w},{y + h / 2} {x + w - tip},{y + h} {x + tip},{y + h}"
    )
    return tag("polygon", points=points, class_="decides")


def _words(box: Box, down: float, text: str, class_: str) -> Markup:
    return tag("text", text, x=box.x + box.width / 2, y=box.y + box.height * down, text_anchor="middle", class_=class_)


def _line(line: Line) -> Markup:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.points)
    drawn = tag("polyline", points=points, class_="way")
    if not line.arrow:
        return drawn
    (bx, by), (x, y) = line.points[-2:]
    across = (1 if x > bx else -1) if by == y else 0
    tip = (
        f"{x},{y} {x - 8 * across},{y - 4} {x - 8 * across},{y + 4}"
        if across
        else f"{x},{y} {x - 4},{y - 8} {x + 4},{y - 8}"
    )
    return joined([drawn, tag("polygon", points=tip, class_="tip")])


def _label(label: Label) -> Markup:
    words = {
        "true": _("yes"), "false": _("no"), "success": _("it worked"), "failure": _("it failed"),
        "default": _("otherwise"),
    }  # fmt: skip
    return tag("text", words.get(label.text, clipped(label.text, 16)), x=label.x, y=label.y, class_="label")


def _wrapped(text: str) -> list[str]:
    """Return a name on one or two lines that fit; words stay whole, East Asian text breaks anywhere."""
    if clipped(text, LETTERS) == text:
        return [text]
    pieces = re.findall(r"[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+", text)
    first = ""
    while pieces and clipped(first + pieces[0], LETTERS) == first + pieces[0]:
        first += pieces.pop(0)
    rest = "".join(pieces)
    return [first.strip(), clipped(rest.strip(), LETTERS)] if first else [clipped(text, LETTERS)]

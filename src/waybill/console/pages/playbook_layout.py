"""Where the steps of a playbook stand in its picture: from top to bottom, branches side by side, loops in a frame.

CACAO nests: a condition or a parallel step leads into branches that end by themselves, and goes on after them. So the
picture is made of blocks that are stacked or set side by side. Each step is drawn once; a second way to it is drawn as
a reference by its number, which also ends what would go round for ever in a playbook that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from waybill.respond.playbook import Playbook, Step, StepType

WIDE, HIGH = 224.0, 62.0
"""A step, in pixels."""
PILL_WIDE, PILL_HIGH = 84.0, 30.0
BAR, DOT = 5.0, 5.0
DOWN, ACROSS, FORK, MARGIN = 26.0, 26.0, 44.0, 14.0

MOST_STEPS = 200
"""A playbook with more is told by its table alone."""


class Sort(StrEnum):
    """What stands at a place of the picture."""

    STEP = "step"
    PILL = "pill"
    """Start or end."""
    DOT = "dot"
    """The end of a branch."""
    BAR = "bar"
    FRAME = "frame"
    """Around the steps that a loop repeats."""
    AGAIN = "again"
    """A step that is drawn elsewhere, or is not there."""


@dataclass(frozen=True, slots=True)
class Box:
    """Something that stands in the picture."""

    sort: Sort
    id: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A way from one thing to another."""

    points: tuple[tuple[float, float], ...]
    arrow: bool = True


@dataclass(frozen=True, slots=True)
class Label:
    """What decides that a way is taken: ``true``, ``false``, ``success``, ``failure``, or the case of a switch."""

    x: float
    y: float
    text: str


@dataclass(slots=True)
class Block:
    """A piece of the picture: one enters it at the top and leaves it at the bottom, unless all ways end inside."""

    width: float
    height: float
    entry: float
    exit: float | None
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    def take(self, other: Block, x: float, y: float) -> None:
        """Put another block inside this one."""
        self.boxes += [Box(one.sort, one.id, one.x + x, one.y + y, one.width, one.height) for one in other.boxes]
        self.lines += [Line(tuple((px + x, py + y) for px, py in one.points), one.arrow) for one in other.lines]
        self.labels += [Label(one.x + x, one.y + y, one.text) for one in other.labels]


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole picture."""

    block: Block
    order: tuple[str, ...]
    """Steps that do something, in the order of the picture: their numbers."""


def layout(playbook: Playbook) -> Layout | None:
    """Return where the steps of a playbook stand; None where there are too many to be looked at."""
    if len(playbook.steps) > MOST_STEPS:
        return None
    drawer = _Drawer(playbook.steps)
    inside = drawer.column(playbook.start, frozenset(), inner=False)
    block = Block(inside.width + 2 * MARGIN, inside.height + 2 * MARGIN, inside.entry + MARGIN, None)
    block.take(inside, MARGIN, MARGIN)
    return Layout(block, tuple(drawer.order))


class _Drawer:
    """Places steps; remembers which are placed."""

    def __init__(self, steps: Mapping[str, Step]) -> None:
        self._steps = steps
        self.order: dict[str, None] = {}

    def column(self, id: str, stops: frozenset[str], *, inner: bool) -> Block:
        """Place a step and what follows it, up to one of ``stops``; ``inner``: an end goes on after the block."""
        parts: list[Block] = []
        while id and id not in stops:
            step = self._steps.get(id)
            if step is None or id in self.order:
                parts.append(_one(Sort.AGAIN, id, WIDE, PILL_HIGH, ends=True))
                break
            if step.type is StepType.END:
                parts.append(
                    _one(Sort.DOT, id, 2 * DOT, 2 * DOT)
                    if inner
                    else _one(Sort.PILL, id, PILL_WIDE, PILL_HIGH, ends=True)
                )
                break
            if step.type is StepType.START:
                parts.append(_one(Sort.PILL, id, PILL_WIDE, PILL_HIGH))
            else:
                self.order[id] = None
                parts.append(self._step(id, step, stops))
            id = step.on_completion
            if not id and (step.on_success or step.on_failure):
                ways = {"success": step.on_success, "failure": step.on_failure}
                id = self._meeting([one for one in ways.values() if one])
                parts.append(self._beside(ways, stops | {id} if id else stops, inner=inner))
        return _stacked(parts)

    def _step(self, id: str, step: Step, stops: frozenset[str]) -> Block:
        box = _one(Sort.STEP, id, WIDE, HIGH)
        goes_on = bool(step.on_completion or step.on_success or step.on_failure)
        inside = stops | {one for one in (step.on_completion, step.on_success, step.on_failure) if one}
        match step.type:
            case StepType.IF:
                ways = {"true": step.on_true, "false": step.on_false}
                return _stacked([box, self._beside(ways, inside, inner=goes_on)])
            case StepType.SWITCH:
                return _stacked([box, self._beside(step.cases, inside, inner=goes_on)])
            case StepType.PARALLEL:
                ways = {str(number): one for number, one in enumerate(step.next_steps)}
                beside = self._beside(ways, inside, inner=goes_on, labelled=False)
                return _stacked([box, _between_bars(beside)])
            case StepType.WHILE:
                return _stacked([box, _repeated(id, self.column(step.on_true, inside, inner=True))])
        return box

    def _beside(self, ways: Mapping[str, str], stops: frozenset[str], *, inner: bool, labelled: bool = True) -> Block:
        """Place branches side by side; one that leads nowhere is a line that goes on."""
        columns = [self.column(one, stops, inner=inner) for one in ways.values()]
        width = sum(one.width for one in columns) + ACROSS * max(0, len(columns) - 1)
        height = FORK + max((one.height for one in columns), default=0.0) + DOWN
        middle, goes_on = width / 2, any(one.exit is not None for one in columns)
        block = Block(width, height, middle, middle if goes_on else None)
        x = 0.0
        for label, one in zip(ways, columns, strict=True):
            entry = x + one.entry
            block.lines.append(Line(((middle, 0), (middle, 8), (entry, 8), (entry, FORK)), arrow=bool(one.boxes)))
            if labelled:
                block.labels.append(Label(entry + 6, FORK - 13, label))
            block.take(one, x, FORK)
            if one.exit is not None:
                leave = x + one.exit
                ways_out = ((leave, FORK + one.height), (leave, height - 8), (middle, height - 8), (middle, height))
                block.lines.append(Line(ways_out, arrow=False))
            x += one.width + ACROSS
        return block

    def _meeting(self, ways: Sequence[str]) -> str:
        """Return the first step that all ways come to; empty if there is none."""
        reached = [self._reachable(one) for one in ways]
        common = set.intersection(*reached) if len(reached) > 1 else set()
        return max(common, key=lambda one: (len(self._reachable(one)), one), default="")

    def _reachable(self, id: str) -> set[str]:
        found, waiting = set[str](), [id]
        while waiting:
            one = waiting.pop()
            if one not in found and one in self._steps:
                found.add(one)
                waiting.extend(self._steps[one].following())
        return found


def _one(sort: Sort, id: str, width: float, height: float, *, ends: bool = False) -> Block:
    middle = width / 2
    return Block(width, height, middle, None if ends else middle, [Box(sort, id, 0, 0, width, height)])


def _stacked(parts: Iterable[Block]) -> Block:
    """Put blocks below each other, their ways joined by arrows; nothing is a line that goes on."""
    blocks = list(parts)
    if not blocks:
        return Block(2 * ACROSS, 0, ACROSS, ACROSS)
    left = max(one.entry for one in blocks)
    right = max(one.width - one.entry for one in blocks)
    whole = Block(left + right, 0, left, left)
    leaves: float | None = None
    for number, one in enumerate(blocks):
        x = left - one.entry
        if number and leaves is not None:
            forks = not one.boxes or min(box.y for box in one.boxes) > 0  # a fork draws its own way in
            down = 0.0 if forks else DOWN
            if down:
                whole.lines.append(Line(((leaves, whole.height), (left, whole.height + down))))
            whole.height += down
        whole.take(one, x, whole.height)
        whole.height += one.height
        leaves = None if one.exit is None else x + one.exit
    whole.exit = leaves
    return whole


def _between_bars(block: Block) -> Block:
    """Draw the bars of parallel branches: all of them begin at the first, and all are over at the second."""
    whole = Block(block.width, block.height + 2 * BAR, block.entry, block.exit)
    whole.take(block, 0, BAR)
    for y in (FORK - 36 + BAR, whole.height - BAR - 8):
        whole.boxes.append(Box(Sort.BAR, "", 0, y - BAR / 2, block.width, BAR))
    whole.lines.append(Line(((block.entry, 0), (block.entry, BAR)), arrow=False))
    whole.lines.append(Line(((block.entry, whole.height - BAR), (block.entry, whole.height)), arrow=False))
    return whole


def _repeated(id: str, body: Block) -> Block:
    """Draw a frame around what a loop repeats, the way back on its left, and the way on along its right."""
    pad, back, on = 18.0, 22.0, 16.0
    inside = pad + back
    entry, leave = inside + body.entry, inside + (body.exit if body.exit is not None else body.entry)
    frame = Box(Sort.FRAME, id, 2, FORK - pad, body.width + 2 * inside - 4, body.height + 2 * pad + 4)
    right, bottom = frame.x + frame.width + on, frame.y + frame.height + 10
    whole = Block(right + 2, bottom, entry, entry, [frame])
    whole.lines.append(Line(((entry, 0), (entry, FORK))))
    whole.lines.append(Line(((entry, 8), (right, 8), (right, bottom), (entry, bottom)), arrow=False))
    whole.take(body, inside, FORK)
    if body.exit is not None:
        low = FORK + body.height + 6
        way_back = ((leave, FORK + body.height), (leave, low), (pad, low), (pad, FORK - 8), (entry, FORK - 8))
        whole.lines.append(Line(way_back))
    whole.labels += [Label(entry + 6, FORK - pad - 5, "true"), Label(right - 22, FORK - pad - 5, "false")]
    return whole

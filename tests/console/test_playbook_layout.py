"""The picture of a playbook: every step once, nothing on top of another, whatever the playbook; wrong ones end too."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.respond.samples import act, id_of, playbook

from waybill.console.pages.playbook_layout import MOST_STEPS, Box, Sort, layout
from waybill.respond.playbook import Playbook, StepType, library


def boxes(book: Playbook, sort: Sort) -> list[Box]:
    drawn = layout(book)
    assert drawn is not None
    return [one for one in drawn.block.boxes if one.sort is sort]


def check(book: Playbook) -> None:
    drawn = layout(book)
    assert drawn is not None
    steps = boxes(book, Sort.STEP)
    assert len({one.id for one in steps}) == len(steps) == len(drawn.order), "each step is drawn once"
    solid = [one for one in drawn.block.boxes if one.sort in {Sort.STEP, Sort.PILL, Sort.AGAIN}]
    for one, other in combinations(solid, 2):
        apart = (
            one.x + one.width <= other.x or other.x + other.width <= one.x
            or one.y + one.height <= other.y or other.y + other.height <= one.y
        )  # fmt: skip
        assert apart, f"{one} lies on {other}"
    for one in drawn.block.boxes:
        assert one.x >= 0 and one.y >= 0
        assert one.x + one.width <= drawn.block.width and one.y + one.height <= drawn.block.height
    for line in drawn.block.lines:
        assert all(0 <= x <= drawn.block.width and 0 <= y <= drawn.block.height for x, y in line.points)


@pytest.mark.parametrize("book", library().values(), ids=lambda one: one.name)
def test_those_that_come_with_waybill(book: Playbook) -> None:
    check(book)
    quiet = {StepType.START, StepType.END}
    assert len(boxes(book, Sort.STEP)) == sum(one.type not in quiet for one in book.steps.values())
    assert not boxes(book, Sort.AGAIN), "nothing has to be drawn as a reference"


def test_ways_that_meet_are_drawn_as_meeting() -> None:
    book = playbook(
        **act("a", on_success="b", on_failure="c"), **act("b", after="d"), **act("c", after="d"), **act("d")
    )
    check(book)
    assert len(boxes(book, Sort.STEP)) == 4 and not boxes(book, Sort.AGAIN)


def test_a_loop_without_end_and_a_step_that_is_not_there_end_in_references() -> None:
    check(playbook(**act("a", after="b"), **act("b", after="a")))
    gone = playbook(**act("a", after=id_of("action", "gone")))
    assert len(boxes(gone, Sort.AGAIN)) == 1


def test_what_nobody_could_look_at_is_told_by_its_table() -> None:
    steps: dict[str, Any] = {}
    for number in range(MOST_STEPS + 1):
        steps |= act(f"s{number}", after=f"s{number + 1}" if number < MOST_STEPS else "end")
    assert layout(playbook(start="s0", **steps)) is None


NAMES = [f"s{number}" for number in range(8)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["action", "if-condition", "parallel", "while-condition", "switch-condition", "both"]),
            st.lists(st.sampled_from([*NAMES, "end"]), min_size=3, max_size=3),
        ),
        min_size=8, max_size=8,
    )
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_leads_wherever(wanted: list[tuple[str, list[str]]]) -> None:
    steps: dict[str, Any] = {}
    for name, (kind, (one, two, three)) in zip(NAMES, wanted, strict=True):
        steps[name] = {
            "action": {"type": "action", "on_completion": one},
            "both": {"type": "action", "on_success": one, "on_failure": two},
            "if-condition": {"type": "if-condition", "condition": "1 = 1", "on_true": one, "on_false": two,
                             "on_completion": three},
            "while-condition": {"type": "while-condition", "condition": "1 = 1", "on_true": one, "on_completion": two},
            "parallel": {"type": "parallel", "next_steps": [one, two], "on_completion": three},
            "switch-condition": {"type": "switch-condition", "switch": "x", "cases": {"a": one, "b": two},
                                 "on_completion": three},
        }[kind]  # fmt: skip
    check(playbook(start="s0", **steps))

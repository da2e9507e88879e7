"""Holds events against the state that their items were in, and marks what contradicts it.

The rules are those that repositories refuse by (a second commissioning, an event after decommissioning, a child in two
parents); here the event is kept and marked, since what contradicts the state is what has to be found. Events may come
late: one that happened before a change of state does not contradict it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from waybill.epcis.document import Event
from waybill.epcis.facts import Item
from waybill.model.custody import MarkKind, Role

DEEPEST_NESTING = 64
"""Levels of packing and assembly that are searched for a cycle."""

NOBODY = 0


@dataclass(slots=True)
class State:
    """What is known of an item: numbers of events and of items, 0 for none; times are microseconds."""

    made: int = NOBODY
    ended: int = NOBODY
    ended_at: int = 0
    parent: int = NOBODY
    """In what it is packed."""
    parent_at: int = 0
    whole: int = NOBODY
    """What it is a part of."""
    whole_at: int = 0
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One contradiction: the event, the item, what is wrong, and the event or item that it contradicts."""

    event: int
    item: int
    kind: MarkKind
    other: int
    other_is_item: bool


class Keeper:
    """Follows the state of items, event after event."""

    def __init__(self, states: dict[int, State], look_up: Callable[[int], State]) -> None:
        self.marks: list[Mark] = []
        self._states = states
        self._look_up = look_up

    def take(self, number: int, event: Event, time: int, items: Iterable[tuple[int, Item]]) -> None:
        """Take an event: mark what contradicts the state of its items, then change the state."""
        found = list(items)
        for item, _ in found:
            self._is_alive(number, item, time)
        kind = event["type"]
        if kind == "ObjectEvent":
            self._object(number, event, time, found)
        elif kind == "TransformationEvent":
            self._transformation(number, time, found)
        elif kind != "TransactionEvent":
            self._nesting(number, event, time, found, association=kind == "AssociationEvent")

    def _is_alive(self, number: int, item: int, time: int) -> None:
        state = self._of(item)
        if state.ended and time > state.ended_at:
            self._mark(number, item, MarkKind.AFTER_DECOMMISSION, state.ended)

    def _object(self, number: int, event: Event, time: int, found: list[tuple[int, Item]]) -> None:
        action, step = event["action"], event.get("bizStep")
        for item, what in found:
            if action == "ADD" and (not what.is_class or step == "commissioning"):
                self._make(number, item)
            elif action == "DELETE" and (not what.is_class or what.quantity is None):
                self._end(number, item, time)

    def _transformation(self, number: int, time: int, found: list[tuple[int, Item]]) -> None:
        outputs = {item for item, what in found if what.role is Role.OUTPUT}
        for item, what in found:
            if what.role is Role.INPUT:
                if item in outputs and not what.is_class:
                    self._mark(number, item, MarkKind.CYCLE, item, other_is_item=True)
                elif not what.is_class:
                    self._end(number, item, time)
            elif not what.is_class:
                self._make(number, item)

    def _nesting(
        self, number: int, event: Event, time: int, found: list[tuple[int, Item]], *, association: bool
    ) -> None:
        parent = next((item for item, what in found if what.role is Role.PARENT), NOBODY)
        children = [item for item, what in found if what.role is Role.CHILD and not what.is_class]
        held, at = ("whole", "whole_at") if association else ("parent", "parent_at")
        for child in children:
            state = self._of(child)
            known: int = getattr(state, held)
            if time < getattr(state, at):
                continue
            if event["action"] == "ADD":
                if known not in (NOBODY, parent):
                    self._mark(number, child, MarkKind.SECOND_PARENT, known, other_is_item=True)
                if self._is_inside(parent, child):
                    self._mark(number, child, MarkKind.CYCLE, parent, other_is_item=True)
                    continue
                self._set(state, held, at, parent, time)
            elif event["action"] == "DELETE":
                if known not in (NOBODY, parent):
                    self._mark(number, child, MarkKind.NOT_IN_PARENT, known, other_is_item=True)
                self._set(state, held, at, NOBODY, time)

    def _is_inside(self, item: int, of: int) -> bool:
        """Return whether an item is another, or packed into it, or a part of it."""
        level = {item}
        for _ in range(DEEPEST_NESTING):
            if of in level:
                return True
            level = {held for one in level for held in (self._of(one).parent, self._of(one).whole) if held}
            if not level:
                return False
        return False

    def _make(self, number: int, item: int) -> None:
        state = self._of(item)
        if state.made:
            self._mark(number, item, MarkKind.COMMISSIONED_AGAIN, state.made)
        else:
            state.made, state.changed = number, True

    def _end(self, number: int, item: int, time: int) -> None:
        state = self._of(item)
        if not state.ended:
            state.ended, state.ended_at, state.changed = number, time, True

    @staticmethod
    def _set(state: State, held: str, at: str, parent: int, time: int) -> None:
        setattr(state, held, parent)
        setattr(state, at, time)
        state.changed = True

    def _of(self, item: int) -> State:
        state = self._states.get(item)
        if state is None:
            state = self._states[item] = self._look_up(item)
        return state

    def _mark(self, number: int, item: int, kind: MarkKind, other: int, *, other_is_item: bool = False) -> None:
        self.marks.append(Mark(number, item, kind, other, other_is_item))

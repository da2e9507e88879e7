"""Stores new events with all that is taken out of them, inside one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from waybill.epcis.document import Event
from waybill.epcis.drafts import ENCODER, Draft, Identify
from waybill.epcis.facts import PARTIES, Item, attributes_of, papers_of, party, readings_of
from waybill.epcis.identifiers import canonical
from waybill.epcis.moments import moment
from waybill.epcis.state import Keeper, State
from waybill.epcis.store import to_number
from waybill.model.custody import Role
from waybill.model.errors import InputError

_MOST_EDGES = 4096
"""Pairs of inputs and outputs that are kept as edges; more are joined through the transformation itself."""

_JOINT = 2
"""In ``item.is_class``: a transformation."""


class Keeping:
    """One capture inside one transaction."""

    def __init__(self, database: sqlite3.Connection, submitter: str, now: int, identify: Identify) -> None:
        self.marks = 0
        self.capture = 0
        self._database = database
        self._submitter = submitter
        self._now = now
        self._identify = identify
        self._numbers: dict[str, int] = {}
        self._states: dict[int, State] = {}
        self._fresh_items: dict[int, tuple[str, int]] = {}
        self._last_item = 0

    def known(self, drafts: list[Draft]) -> set[bytes]:
        """Return the identities that are in the file already."""
        query = "SELECT identity FROM event WHERE identity = ?"
        return {row[0] for draft in drafts for row in self._database.execute(query, (draft.identity,))}

    def fresh(self, drafts: list[Draft], known: set[bytes], name: str) -> list[Draft]:
        """Return the drafts that are new, each once. Raises InputError where an id has other content already."""
        fresh: list[Draft] = []
        seen = set(known)
        taken: dict[str, int] = {}
        for place, draft in enumerate(drafts, 1):
            if draft.identity in seen:
                continue
            seen.add(draft.identity)
            fresh.append(draft)
            if not draft.declares:
                if draft.id in taken:
                    raise _taken(place, name, draft.id)
                taken[draft.id] = place
        ids = ENCODER.encode(list(taken)).decode()
        for (id,) in self._database.execute(
            "SELECT event.id FROM json_each(?) CROSS JOIN event ON event.id = json_each.value WHERE NOT declares",
            (ids,),
        ):
            raise _taken(taken[id], name, id)
        return fresh

    def keep(self, fresh: list[Draft]) -> None:
        """Store new events with all that is taken out of them."""
        self._take_items(fresh)
        self.capture = self._next("capture")
        first = self._next("event")
        keeper = Keeper(self._states, self._state_of)
        for number, draft in enumerate(fresh, first):
            draft.number = number
            numbered = [(self._numbers[item.item], item) for item in draft.items]
            if not draft.declares:
                keeper.take(number, draft.event, draft.time, numbered)
        self.marks = len(keeper.marks)
        rows = (self.capture, self._now, self._submitter, len(fresh), self.marks)
        self._database.execute("INSERT INTO capture VALUES (?, ?, ?, ?, ?, 0)", rows)
        self._many("event_item", 7, (row for draft in fresh for row in self._items_of(draft)))
        self._many("event", 28, (self._row_of(draft) for draft in fresh))
        self._many("edge", 4, (row for draft in fresh if not draft.declares for row in self._edges_of(draft)))
        self._store_facts(fresh)
        self._store_marks(keeper)
        self._store_items()

    def _take_items(self, fresh: list[Draft]) -> None:
        """Find the numbers and states of all items, and give numbers to new ones."""
        names = {item.item: item.is_class for draft in fresh for item in draft.items}
        rows = self._database.execute(
            "SELECT item.* FROM json_each(?) CROSS JOIN item ON item.item = json_each.value",
            (ENCODER.encode(list(names)).decode(),),
        )
        for number, item, _, *state in rows:
            self._numbers[item] = number
            self._states[number] = State(*state)
        self._last_item = self._next("item") - 1
        for item, is_class in names.items():
            if item not in self._numbers:
                self._new_item(item, int(is_class))

    def _new_item(self, item: str, is_class: int) -> int:
        self._last_item += 1
        self._numbers[item] = self._last_item
        self._fresh_items[self._last_item] = item, is_class
        self._states[self._last_item] = State()
        return self._last_item

    def _state_of(self, number: int) -> State:
        row = self._database.execute("SELECT * FROM item WHERE number = ?", (number,)).fetchone()
        return State(*row[3:]) if row else State()

    def _items_of(self, draft: Draft) -> Iterable[tuple[Any, ...]]:
        whole = self._identify(draft.identity)
        draft.transfers[""] = whole
        moving = moving_roles(draft.items)
        first = True
        for item in draft.items:
            transfer = whole
            if item.role in moving and not first:
                transfer = self._identify(draft.identity + f"\0{item.role}\0{item.item}\0{item.unit or ''}".encode())
            first = first and item.role not in moving
            quantity = None if item.quantity is None else float(item.quantity)
            number = self._numbers[item.item]
            yield draft.number, item.role, number, int(item.is_class), quantity, item.unit, transfer

    def _row_of(self, draft: Draft) -> tuple[Any, ...]:
        event, declaration = draft.event, draft.event.get("errorDeclaration")
        persistent = event.get("persistentDisposition", {})
        parties = [party(event, side, type) for side in ("source", "destination") for type in PARTIES]
        return (
            draft.number,
            self.capture,
            draft.id,
            draft.identity,
            int(draft.declares),
            to_number(moment(declaration["declarationTime"])) if declaration else None,
            declaration.get("reason") if declaration else None,
            _json(declaration.get("correctiveEventIDs")) if declaration else None,
            draft.transfers[""],
            event["type"],
            draft.time,
            self._now,
            event.get("action"),
            event.get("bizStep"),
            event.get("disposition"),
            _place(event, "readPoint"),
            _place(event, "bizLocation"),
            *parties,
            event.get("transformationID"),
            _json(persistent.get("set")),
            _json(persistent.get("unset")),
            self._submitter,
            ENCODER.encode(event),
        )

    def _edges_of(self, draft: Draft) -> Iterable[tuple[int, int, int, int]]:
        """Yield what this event says came of what: outputs of inputs, parents of children."""
        by_role: dict[str, list[int]] = {}
        for item in draft.items:
            by_role.setdefault(item.role, []).append(self._numbers[item.item])
        sources, targets = by_role.get(Role.INPUT, []), by_role.get(Role.OUTPUT, [])
        if draft.event.get("action") == "ADD" and Role.CHILD in by_role:
            sources, targets = by_role[Role.CHILD], by_role.get(Role.PARENT, [])
        transformation = draft.event.get("transformationID")
        if transformation or len(sources) * len(targets) > _MOST_EDGES:
            joint = self._joint(transformation or draft.id)
            yield from ((source, joint, draft.time, draft.number) for source in sources)
            yield from ((joint, target, draft.time, draft.number) for target in targets)
        else:
            for source in sources:
                yield from ((source, target, draft.time, draft.number) for target in targets if target != source)

    def _joint(self, name: str) -> int:
        """Return the number under which a transformation joins what went in and what came out."""
        item = f"transformation:{name}"
        known = self._numbers.get(item)
        if known is None:
            row = self._database.execute("SELECT number FROM item WHERE item = ?", (item,)).fetchone()
            known = self._numbers[item] = row[0] if row else self._new_item(item, _JOINT)
        return known

    def _store_facts(self, fresh: list[Draft]) -> None:
        events = [(draft.number, draft.event) for draft in fresh]
        readings = (
            (number, one.time and to_number(one.time), *one[1:])
            for number, event in events
            for one in readings_of(event)
        )
        self._many("reading", 17, readings)
        self._many("paper", 4, ((number, *one) for number, event in events for one in papers_of(event)))
        self._many("attribute", 4, ((number, *one) for number, event in events for one in attributes_of(event)))

    def _store_marks(self, keeper: Keeper) -> None:
        for mark in keeper.marks:
            table, column = ("item", "item") if mark.other_is_item else ("event", "id")
            row = self._database.execute(f"SELECT {column} FROM {table} WHERE number = ?", (mark.other,)).fetchone()  # noqa: S608
            other = row[0] if row else self._fresh_items.get(mark.other, (None,))[0] if mark.other_is_item else None
            self._database.execute("INSERT INTO mark VALUES (?, ?, ?, ?)", (mark.event, mark.item, mark.kind, other))

    def _store_items(self) -> None:
        fresh = self._fresh_items
        rows = ((number, *fresh[number], *_columns(self._states[number])) for number in fresh)
        self._many("item", 10, rows)
        changed = (
            (*_columns(state), number)
            for number, state in self._states.items()
            if state.changed and number not in self._fresh_items
        )
        self._database.executemany(
            "UPDATE item SET made=?, ended=?, ended_at=?, parent=?, parent_at=?, whole=?, whole_at=? WHERE number=?",
            changed,
        )

    def _next(self, table: str) -> int:
        found: int = self._database.execute(f"SELECT coalesce(max(number), 0) + 1 FROM {table}").fetchone()[0]  # noqa: S608
        return found

    def _many(self, table: str, columns: int, rows: Iterable[tuple[Any, ...]]) -> None:
        self._database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})", rows)  # noqa: S608


def moving_roles(items: Iterable[Item]) -> frozenset[Role]:
    """Return the roles whose items are transfers of their own: what holds others moves for them."""
    roles = {item.role for item in items}
    if Role.PARENT in roles:
        return frozenset([Role.PARENT])
    return frozenset(roles or {Role.WHAT})


def _columns(state: State) -> tuple[int, ...]:
    return state.made, state.ended, state.ended_at, state.parent, state.parent_at, state.whole, state.whole_at


def _place(event: Event, name: str) -> str | None:
    place = event.get(name)
    return canonical(place["id"]) if place else None


def _json(value: Any) -> str | None:
    return ENCODER.encode(value).decode() if value else None


def _taken(place: int, name: str, id: str) -> InputError:
    where = f"{name}: event {place}, eventID {id}" if name else f"event {place}, eventID {id}"
    expected = "another id, or none: the event gets its hash id"
    advice = "to correct an event, declare it in error and capture the right one"
    return InputError("this id belongs to an event of other content", where=where, expected=expected, advice=advice)

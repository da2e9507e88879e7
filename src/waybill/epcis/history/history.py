"""The history of custody as arrays: events in the order of time, what each was about, and where.

Every check is one pass over these arrays. Words are coded: a column of text is an array of numbers into a list of
words, with ``NONE`` where nothing was said. An event that was declared in error did not happen and is left out, except
in ``withdrawn``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.epcis.history.arrays import NONE, Amounts, Coded, Mask, Numbers, coded
from waybill.epcis.history.places import Places
from waybill.model.custody import Custody, EventKind, Role
from waybill.model.register import RegisterSnapshot

SHIPPING, RECEIVING = ("shipping", "consigning"), ("receiving", "accepting")
"""Business steps with which things leave and arrive."""
PARTS_OF_SHIPPING, PARTS_OF_RECEIVING = ("departing",), ("arriving",)
"""Single steps of those; they stand for them at sites that record no more (CBV 2.0, 7.1.1: one or the other)."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What events were about: a row for each item of an event, in the order of time."""

    event: Numbers
    """Place of the event among the events."""
    item: Coded
    role: Coded
    is_class: Mask
    kilograms: Amounts
    """NaN for what was not weighed."""
    transfer: pa.Array

    def in_role(self, *roles: Role) -> Mask:
        """Return which rows are in one of these roles."""
        return self.role.among(roles)


class History:
    """All that is known of custody at one moment; ``until`` is up to when."""

    def __init__(self, custody: Custody, register: RegisterSnapshot, now: datetime | None = None) -> None:
        self.register = register
        self._custody = custody
        every = custody.events.sort_by("number")
        wrong = every["declared_in_error"].to_numpy()
        self.withdrawn = every.filter(pa.array(wrong))
        """Events that were declared in error."""
        self.events = every.filter(pa.array(~wrong))
        self._place_of_number = np.full(int(pc.max(every["number"]).as_py() or 0) + 1 if every.num_rows else 1, NONE)
        self._place_of_number[self.events["number"].to_numpy()] = np.arange(self.events.num_rows)
        self.time = _microseconds(self.events["time"])
        self.recorded = _microseconds(self.events["recorded_at"])
        self._stated: dict[str, Coded] = {}
        newest = int(self.time.max()) if len(self.time) else 0
        self.until = int(now.timestamp() * 1_000_000) if now else newest

    # ------------------------------------------------------------------ events

    def column(self, name: str) -> Coded:
        """Return a column of the events as codes."""
        return coded(self.events[name])

    @cached_property
    def kind(self) -> Coded:
        """What kind of event each is."""
        return self.column("kind")

    @cached_property
    def action(self) -> Coded:
        """What each event does: ADD, OBSERVE or DELETE."""
        return self.column("action")

    @cached_property
    def step(self) -> Coded:
        """The business step of each event."""
        return self.column("biz_step")

    @cached_property
    def leaves(self) -> Mask:
        """Events with which things leave a place."""
        return self._whole_or_part(SHIPPING, PARTS_OF_SHIPPING)

    @cached_property
    def arrives(self) -> Mask:
        """Events with which things arrive."""
        return self._whole_or_part(RECEIVING, PARTS_OF_RECEIVING)

    def _whole_or_part(self, whole: Sequence[str], part: Sequence[str]) -> Mask:
        """Return the events of whole steps, and those of their parts at sites that have none of the whole."""
        done, here = self.step.among(whole), self.places.here
        return done | (self.step.among(part) & ~np.isin(here, here[done]))

    def is_kind(self, kind: EventKind, action: str = "") -> Mask:
        """Return which events are of a kind, and of an action where one is named."""
        right = self.kind.among((kind,))
        return right & self.action.among((action,)) if action else right

    def moment(self, event: int) -> datetime:
        """Return when an event was."""
        return datetime.fromtimestamp(int(self.time[event]) / 1_000_000, UTC)

    def places_of(self, number: Any) -> Numbers:
        """Return the places among the events of rows of another table, by their ``number``; NONE if in error."""
        return np.asarray(self._place_of_number[number.to_numpy()])

    @cached_property
    def places(self) -> Places:
        """The sites, and where each event was."""
        return Places(self.register, self._custody, self.column)

    # ------------------------------------------------------------------ items

    @cached_property
    def rows(self) -> Rows:
        """What the events were about."""
        table = self._custody.items
        places = self.places_of(table["number"])
        order = np.argsort(places, kind="stable")
        order = order[places[order] != NONE]
        table = table.take(pa.array(order))
        weighed = coded(table["base"]).among(("KGM",))
        amounts = pc.fill_null(table["amount"], float("nan")).to_numpy()
        return Rows(
            event=places[order],
            item=coded(table["item"]),
            role=coded(table["role"]),
            is_class=table["is_class"].to_numpy(),
            kilograms=np.where(weighed, amounts, np.nan),
            transfer=table["transfer"].combine_chunks(),
        )

    def items_of(self, numbers: Any) -> tuple[Numbers, Numbers, list[str]]:
        """Return the items of other events, for each the place of its event in ``numbers``, and its transfer as hex."""
        table = self._custody.items
        place = pc.index_in(table["number"], value_set=numbers.combine_chunks())
        table = table.append_column("place", place).filter(pc.is_valid(place))
        items = self._as_items(coded(table["item"]))
        return items, table["place"].to_numpy(), [one.hex() for one in table["transfer"].to_pylist()]

    @property
    def items(self) -> Sequence[str]:
        """Every item, by its code."""
        return self.rows.item.words

    @cached_property
    def by_item(self) -> Numbers:
        """The rows, item by item, each in the order of time."""
        return np.argsort(self.rows.item.codes, kind="stable")

    # ------------------------------------------------------------------ what is stated

    def stated(self, name: str) -> Coded:
        """Return what was stated of each row under this name, of the item or of all items of the event."""
        if name not in self._stated:
            self._stated[name] = self._read_stated(name)
        return self._stated[name]

    def _read_stated(self, name: str) -> Coded:
        table = self._custody.attributes
        table = table.filter(pc.equal(table["name"].cast(pa.string()), name))
        rows, event = self.rows, self.places_of(table["number"])
        said, item = coded(table["value"].cast(pa.string())), self._as_items(coded(table["item"]))
        found = np.full(len(rows.event), NONE)
        every = np.full(len(self.time) + 1, NONE)
        whole = (item == NONE) & (event != NONE)
        every[event[whole]] = said.codes[whole]
        new = rows.in_role(Role.WHAT, Role.OUTPUT, Role.PARENT)
        found[new] = every[rows.event[new]]
        single = (item != NONE) & (event != NONE)
        if single.any():
            keys = event[single] * len(self.items) + item[single]
            order = np.argsort(keys, kind="stable")
            sought = rows.event * len(self.items) + rows.item.codes
            at = np.minimum(np.searchsorted(keys[order], sought), len(order) - 1)
            hit = keys[order][at] == sought
            found[hit] = said.codes[single][order][at[hit]]
        return Coded(found, said.words)

    def of_item(self, name: str) -> Coded:
        """Return what was first stated of each item under this name, else what master data say of its class."""
        said = self.stated(name)
        words = list(said.words)
        found = np.full(len(self.items), NONE)
        rows = np.flatnonzero(said.codes != NONE)[::-1]  # the first statement is written last, and stays
        found[self.rows.item.codes[rows]] = said.codes[rows]
        known = self._of_classes(name)
        if known:
            classes = pa.array(list(known))
            at = pc.index_in(self._classes, value_set=classes)
            of_class = pc.fill_null(at, NONE).to_numpy(zero_copy_only=False)
            left = (found == NONE) & (of_class != NONE)
            found[left] = len(words) + of_class[left]
            words += known.values()
        return Coded(found, words)

    def _as_items(self, column: Coded) -> Numbers:
        """Return the codes of another table's items as codes of ours."""
        at = pc.index_in(pa.array(column.words, pa.string()), value_set=pa.array(self.items, pa.string()))
        codes = np.append(pc.fill_null(at, NONE).to_numpy(zero_copy_only=False), NONE)
        return np.asarray(codes[column.codes], dtype=np.int64)

    @cached_property
    def _classes(self) -> Any:
        """The trade item of each item: a Digital Link without its lot or serial number."""
        return pc.replace_substring_regex(pa.array(self.items, pa.string()), r"/(10|21|235)/.*$", "")

    def _of_classes(self, name: str) -> dict[str, str]:
        table = self._custody.master_data
        table = table.filter(pc.equal(table["name"].cast(pa.string()), name)).select(["id", "value"])
        return {row["id"]: row["value"] for row in table.to_pylist()}

    # ------------------------------------------------------------------ documents and readings

    def documents(self, kind: str) -> tuple[Numbers, Coded]:
        """Return the events that refer to a document of a kind, and the documents."""
        table = self._custody.documents
        table = table.filter(pc.equal(table["kind"].cast(pa.string()), kind))
        event = self.places_of(table["number"])
        return event[event != NONE], coded(table["document"]).take(event != NONE)

    @cached_property
    def fractions(self) -> tuple[Numbers, Numbers, Coded, Amounts]:
        """Assays: the event, the item, the substance and its mass fraction, in the order of time.

        A reading that names no item is of the only item of its event; where there are several, it is of none.
        """
        table = self._custody.readings
        amounts = pc.fill_null(table["amount"], float("nan")).to_numpy()
        event, item = self.places_of(table["number"]), self._as_items(coded(table["item"]))
        only = np.full(len(self.time) + 1, NONE)
        count = np.bincount(self.rows.event, minlength=len(self.time) + 1)
        only[self.rows.event] = self.rows.item.codes
        only[count != 1] = NONE
        item = np.where(item == NONE, only[event], item)
        substances = coded(table["substance"])
        right = (event != NONE) & (item != NONE) & (substances.codes != NONE) & (amounts >= 0) & (amounts <= 1)
        order = np.argsort(event[right], kind="stable")
        places = np.flatnonzero(right)[order]
        return event[places], item[places], substances.take(places), amounts[places]


def _microseconds(column: Any) -> Numbers:
    return np.asarray(column.cast(pa.int64()).to_numpy(), dtype=np.int64)

"""The whole graph of lots at once, as arrays in the order of event time: who is downstream, and does it all add up.

Items and events have dense numbers (``model.custody``), so that a column is an index: no graph is built, and no library
for graphs is needed. Work is a few passes over arrays; a walk takes as many rounds as the longest chain has steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from waybill.model.custody import Custody, Role

Numbers = npt.NDArray[np.int32]
Amounts = npt.NDArray[np.float64]

NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Flows:
    """What went into events and what came out, a row for each item of an event, by event number."""

    items: int
    """How many items there are."""
    into_event: Numbers
    into_item: Numbers
    into_amount: Amounts
    out_event: Numbers
    out_item: Numbers
    out_amount: Amounts

    @classmethod
    def of(cls, custody: Custody) -> tuple[Flows, list[str]]:
        """Return the flows of all events that were not declared in error, and the names of items by number."""
        rows = custody.items
        events = custody.events
        true = ~events["declared_in_error"].to_numpy()
        adds = pc.fill_null(pc.equal(events["action"].cast("string"), "ADD"), False).to_numpy()
        item = rows["item"].combine_chunks()
        number = rows["number"].to_numpy()
        role = rows["role"].cast("string")
        good = true[number]
        makes = _is(role, Role.OUTPUT) | (_is(role, Role.WHAT) & adds[number])
        uses = _is(role, Role.INPUT) | (_is(role, Role.CHILD) & adds[number])
        holds = _is(role, Role.PARENT) & adds[number]
        amount = rows["amount"].to_numpy()
        codes = item.indices.to_numpy()
        into, out = good & uses, good & (makes | holds)
        flows = cls(
            len(item.dictionary),
            number[into].astype(np.int32), codes[into].astype(np.int32), amount[into],
            number[out].astype(np.int32), codes[out].astype(np.int32), np.where(holds, np.nan, amount)[out],
        )  # fmt: skip
        return flows, item.dictionary.to_pylist()

    def balance(self) -> tuple[Amounts, Amounts]:
        """Return how much of each item came into being and how much was used, in base units; unknown counts nothing."""
        made = np.bincount(self.out_item, np.nan_to_num(self.out_amount), self.items)
        used = np.bincount(self.into_item, np.nan_to_num(self.into_amount), self.items)
        return made.astype(np.float64, copy=False), used.astype(np.float64, copy=False)

    def overdrawn(self, tolerance: float = 0.02) -> Numbers:
        """Return the items of which more was used than came into being, by more than the tolerance."""
        made, used = self.balance()
        return np.flatnonzero((made > 0) & (used > made * (1 + tolerance))).astype(np.int32)

    def downstream(self, starts: Sequence[int]) -> Numbers:
        """Return by item the event in which it was first touched by one of the starts; ``NEVER`` where it was not.

        What went in after an item was drawn does not touch it. Starts are touched from before the first event.
        """
        touched = np.full(self.items, NEVER, np.int32)
        touched[np.asarray(starts, np.int64)] = -1
        events = int(max(self.into_event.max(initial=-1), self.out_event.max(initial=-1))) + 1
        hit = np.zeros(events, bool)
        while True:
            live = touched[self.into_item] <= self.into_event
            fresh = self.into_event[live]
            fresh = fresh[~hit[fresh]]
            if not len(fresh):
                return touched
            hit[fresh] = True
            out = hit[self.out_event]
            np.minimum.at(touched, self.out_item[out], self.out_event[out])


def _is(role: object, wanted: Role) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = pc.equal(role, wanted.value).to_numpy()
    return found

"""Shipments and what became of them: each row that was shipped, with the row that was received for it.

What was shipped to a site is matched with what was received there, item by item in the order of time. What is left is
matched with what was received of the item anywhere else. Where as much of a lot was received at a site as was shipped
to it, all of it arrived, in however many parts.
"""

from __future__ import annotations

import numpy as np

from waybill.epcis.history.arrays import NONE, Mask, Numbers
from waybill.epcis.history.history import History
from waybill.model.custody import Role

LOSS = 0.02
"""Share of a shipment that may get lost on the way, or be gained: scales and moisture."""


class Movements:
    """The shipments and receipts of a history; ``sent`` and ``got`` are numbers of rows."""

    def __init__(self, history: History) -> None:
        rows, places = history.rows, history.places
        moved = rows.in_role(Role.WHAT)
        self.sent: Numbers = _not_voided(history, np.flatnonzero(moved & history.leaves[rows.event]))
        """Rows that were shipped, and not taken back before they left."""
        self.got: Numbers = np.flatnonzero(moved & history.arrives[rows.event])
        """Rows that were received."""
        self.to: Numbers = places.there[rows.event[self.sent]]
        """Where what was shipped should go; NONE if it is not said."""
        self.at: Numbers = places.here[rows.event[self.got]]
        """Where what was received was received."""
        self.receipt: Numbers = np.full(len(self.sent), NONE)
        """For each shipment the place in ``got`` of its receipt; NONE if there is none."""
        items = rows.item.codes
        self._match(history, items[self.sent], items[self.got], self.to, self.at)
        self.in_parts = self._settle(history)
        """Shipments of lots of which as much was received there in all as was sent."""
        self.elsewhere: Numbers = np.full(len(self.sent), NONE)
        """For each shipment that did not arrive the place in ``got`` of what was received of it at another site."""
        self._match_rest(history)

    @property
    def unsent(self) -> Numbers:
        """Places in ``got`` that no shipment stands behind."""
        left = np.ones(len(self.got), dtype=bool)
        for used in (self.receipt, self.elsewhere):
            left[used[used != NONE]] = False
        return np.flatnonzero(left)

    def _match(self, history: History, sent: Numbers, got: Numbers, to: Numbers, at: Numbers) -> None:
        """Match the first shipment of an item to a site with the first receipt there, and so on."""
        width = len(history.places.names) + 1
        keys_sent, keys_got = sent * width + to + 1, got * width + at + 1
        if not len(keys_sent) or not len(keys_got):
            return
        ranked_sent, ranked_got = _ranked(keys_sent), _ranked(keys_got)
        most = int(max(ranked_sent.max(), ranked_got.max())) + 1
        sought, held = keys_sent * most + ranked_sent, keys_got * most + ranked_got
        order = np.argsort(held)
        at_held = order[np.minimum(np.searchsorted(held[order], sought), len(held) - 1)]
        hit = np.flatnonzero(held[at_held] == sought)
        receipts = at_held[hit]
        time = history.time[history.rows.event]
        later = time[self.got[receipts]] >= time[self.sent[hit]]
        self.receipt[hit[later]] = receipts[later]

    def _settle(self, history: History) -> Mask:
        """Give shipments that arrived together with others the last receipt there; returns which are settled so."""
        items, kilograms = history.rows.item.codes, np.nan_to_num(history.rows.kilograms)
        width = len(history.places.names) + 1
        keys = np.r_[items[self.sent] * width + self.to + 1, items[self.got] * width + self.at + 1]
        _, number = np.unique(keys, return_inverse=True)
        to, at = number[: len(self.sent)], number[len(self.sent) :]
        size = int(number.max(initial=-1)) + 1
        sent = np.bincount(to, kilograms[self.sent], size)
        got = np.bincount(at, kilograms[self.got], size)
        whole = (sent > 0) & (np.abs(got - sent) <= LOSS * sent)
        last = np.full(size, NONE)
        last[at] = np.arange(len(self.got))
        settled: Mask = whole[to] & (self.to != NONE)
        left = settled & (self.receipt == NONE)
        self.receipt[left] = last[to[left]]
        return settled

    def _match_rest(self, history: History) -> None:
        """Match shipments that did not arrive with receipts of the item elsewhere, later."""
        rows = history.rows
        left = np.flatnonzero(self.receipt == NONE)
        spare = self.unsent
        if not len(left) or not len(spare):
            return
        by_item: dict[int, list[int]] = {}
        for place in spare.tolist():
            by_item.setdefault(int(rows.item.codes[self.got[place]]), []).append(place)
        time = history.time[rows.event]
        for shipment in left.tolist():
            places = by_item.get(int(rows.item.codes[self.sent[shipment]]), [])
            found = next((p for p in places if time[self.got[p]] >= time[self.sent[shipment]]), None)
            if found is not None:
                self.elsewhere[shipment] = found
                places.remove(found)


def _not_voided(history: History, sent: Numbers) -> Numbers:
    """Return shipments without those that were declared void (``void_shipping``): the last one of the item before."""
    rows = history.rows
    voids = np.flatnonzero(history.step.among(("void_shipping",))[rows.event])
    gone = set()
    for void in voids.tolist():
        before = sent[(rows.item.codes[sent] == rows.item.codes[void]) & (rows.event[sent] < rows.event[void])]
        gone.update(before[-1:].tolist())
    return sent[~np.isin(sent, list(gone))] if gone else sent


def _ranked(keys: Numbers) -> Numbers:
    """Return for each entry how many equal ones stand before it."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]] if len(keys) else np.empty(0, bool)
    starts = np.maximum.accumulate(np.where(first, np.arange(len(keys)), 0)) if len(keys) else np.empty(0, np.int64)
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[order] = np.arange(len(keys)) - starts
    return ranks

"""Space and time: a serialised thing cannot be at two sites sooner than freight could take it there.

Devices, after SEMI T22: an identity that is used at two sites without ever having left the first is a copied one, and
one that is seen off its declared route went another way than its papers say.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.statements import Statement
from waybill.epcis.history.arrays import NONE, Mask, Numbers
from waybill.model.findings import Part
from waybill.model.words import Severity

FASTEST = 1000.0
"""Kilometres an hour that no freight exceeds from door to door."""
MODES = {"sea": 60.0, "rail": 250.0, "road": 120.0, "air": FASTEST}
"""Kilometres an hour that no freight of a mode exceeds."""
NEAR = 50.0
"""Kilometres below which sites count as neighbours."""
CLOCKS = 1.0
"""Hours by which clocks of two sites may differ."""

_MOVES = (
    "shipping", "departing", "consigning", "packing", "loading", "staging_outbound", "picking", "transporting",
    "receiving", "arriving", "accepting", "unpacking", "unloading", "repackaging",
)  # fmt: skip
"""Business steps of things on their way: leaving, arriving, or put where they travel along unseen."""


def check(chain: Chain) -> Iterator[Statement]:
    """Tell things that travelled faster than they could, were in two places, or were off their route."""
    before, after = _pairs(chain)
    yield from _too_fast(chain, before, after)
    yield from _two_places(chain, before, after)
    yield from _off_route(chain)


def _pairs(chain: Chain) -> tuple[Numbers, Numbers]:
    """Return the rows of serialised things that were seen at one site and next at another."""
    history, rows = chain.history, chain.history.rows
    here = history.places.here[rows.event]
    order = history.by_item[~rows.is_class[history.by_item] & (here[history.by_item] != NONE)]
    before, after = order[:-1], order[1:]
    moved = (rows.item.codes[before] == rows.item.codes[after]) & (here[before] != here[after])
    return before[moved], after[moved]


def _too_fast(chain: Chain, before: Numbers, after: Numbers) -> Iterator[Statement]:
    history, rows = chain.history, chain.history.rows
    here = history.places.here[rows.event]
    kilometres = history.places.kilometres(here[before], here[after])
    hours = (history.time[rows.event[after]] - history.time[rows.event[before]]) / 3.6e9 + CLOCKS
    mode = history.stated("mode").take(before)
    limit = mode.each(lambda word: MODES.get(word, FASTEST), FASTEST)
    fast = (kilometres > NEAR) & (kilometres / hours > limit)
    for at in np.flatnonzero(fast):
        impossible = kilometres[at] / hours[at] > FASTEST
        yield Statement(
            "travel-impossible" if impossible else "travel-mode",
            [int(after[at]), int(before[at])],
            Severity.HIGH if impossible else Severity.MEDIUM,
            {
                "from": history.places.name(int(here[before[at]])),
                "kilometres": f"{kilometres[at]:.0f}",
                "hours": f"{hours[at] - CLOCKS:.1f}",
                "mode": mode.word(int(at)) or "—",
            },
            (Part("km/h", f"{kilometres[at] / hours[at]:.0f}", usual=f"≤ {limit[at]:.0f}", share=1.0),),
        )


def _two_places(chain: Chain, before: Numbers, after: Numbers) -> Iterator[Statement]:
    history, rows = chain.history, chain.history.rows
    moving = history.step.among(_MOVES)
    stays = ~moving[rows.event[before]] & ~moving[rows.event[after]]
    for one, next_ in zip(before[stays].tolist(), after[stays].tolist(), strict=True):
        site = history.places.name(int(history.places.here[rows.event[one]]))
        yield Statement(
            "device-two-places",
            [next_, one],
            Severity.HIGH,
            {"from": site},
            (Part("seen before at", site, share=1.0),),
        )


def _off_route(chain: Chain) -> Iterator[Statement]:
    """Follow each thing from a shipment with a declared route to its next arrival."""
    history, rows, order = chain.history, chain.history.rows, chain.history.by_item
    route = history.stated("route")
    if not len(route.words):
        return
    here = history.places.here[rows.event]
    shipped = history.leaves[rows.event] & (route.codes != NONE)
    current = _carried(shipped[order], rows.item.codes[order])
    ended = _carried((history.leaves | history.arrives)[rows.event][order], rows.item.codes[order], before=True)
    under_way = (current != NONE) & (ended == current)  # nothing left or arrived since the shipment
    rows_under_way = order[under_way]
    shipment = order[current[under_way]]
    routes = [_sites(chain, word) for word in route.words]
    pairs = route.codes[shipment] * (len(history.places.names) + 1) + here[rows_under_way]
    for pair in np.unique(pairs):
        places = np.flatnonzero((pairs == pair) & (here[rows_under_way] != NONE))
        if not len(places) or int(here[rows_under_way[places[0]]]) in routes[int(route.codes[shipment[places[0]]])]:
            continue
        for place in places:
            declared = " → ".join(map(history.places.name, routes[int(route.codes[shipment[place]])]))
            yield Statement(
                "device-off-route",
                [int(rows_under_way[place]), int(shipment[place])],
                Severity.HIGH,
                {"route": declared},
                (Part("route", history.places.name(int(here[rows_under_way[place]])), usual=declared, share=1.0),),
            )


def _sites(chain: Chain, route: str) -> list[int]:
    return [chain.history.places.number(place.strip()) for place in route.split(";") if place.strip()]


def _carried(marks: Mask, items: Numbers, *, before: bool = False) -> Numbers:
    """Return for each entry the place of the last mark of the same item, up to it or only ``before`` it."""
    places = np.where(marks, np.arange(len(marks)), NONE)
    last = np.maximum.accumulate(places) if len(places) else places
    if before:
        last = np.r_[NONE, last[:-1]] if len(last) else last
    starts = np.flatnonzero(np.r_[True, items[1:] != items[:-1]]) if len(items) else np.empty(0, np.int64)
    start = np.repeat(starts, np.diff(np.r_[starts, len(items)]))
    return np.asarray(np.where(last >= start, last, NONE))

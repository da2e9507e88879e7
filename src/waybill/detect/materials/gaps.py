"""Silent gaps: shipped and never received, received and never shipped."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.statements import Statement
from waybill.epcis.history.arrays import NONE, grouped
from waybill.model.findings import Part
from waybill.model.words import Severity

LONGEST = 45.0
"""Days within which every shipment should have arrived, on routes that nothing is known of."""
TIMES, LEAST = 2.5, 5
"""How many times its usual duration a shipment may take, on routes with at least so many arrivals."""


def check(chain: Chain) -> Iterator[Statement]:
    """Tell shipments that are overdue, and receipts that no shipment stands behind."""
    yield from _lost(chain)
    yield from _orphans(chain)


def _lost(chain: Chain) -> Iterator[Statement]:
    history, rows, moves = chain.history, chain.history.rows, chain.movements
    time = history.time[rows.event]
    days = np.full(len(moves.sent), np.nan)
    arrived = moves.receipt != NONE
    days[arrived] = (time[moves.got[moves.receipt[arrived]]] - time[moves.sent[arrived]]) / 8.64e10
    route = history.places.here[rows.event[moves.sent]] * (len(history.places.names) + 1) + moves.to
    longest = np.full(len(moves.sent), LONGEST)
    for group in grouped(route):
        known = days[group][np.isfinite(days[group])]
        if len(known) >= LEAST:
            longest[group] = max(TIMES * float(np.median(known)), float(known.max()), 3.0)
    receives = np.zeros(len(history.places.names) + 1, dtype=bool)
    receives[moves.at] = True  # a site that never tells of receipts is no gap
    silent = ~arrived & (moves.elsewhere == NONE) & receives[moves.to] & (moves.to != NONE)
    waited = (history.until - time[moves.sent]) / 8.64e10
    for place in np.flatnonzero(silent & (waited > longest)):
        to = history.places.name(int(moves.to[place]))
        yield Statement(
            "gap-lost",
            [int(moves.sent[place])],
            Severity.HIGH,
            {"to": to, "days": f"{waited[place]:.0f}", "longest": f"{longest[place]:.0f}"},
            (Part("days under way", f"{waited[place]:.0f}", usual=f"≤ {longest[place]:.0f}", share=1.0),),
        )


def _orphans(chain: Chain) -> Iterator[Statement]:
    """Tell receipts of things that were last seen at another site and are not known to have left it."""
    history, rows, moves = chain.history, chain.history.rows, chain.movements
    here = history.places.here[rows.event]
    order = history.by_item
    before = np.full(len(rows.event), NONE)
    same = rows.item.codes[order][1:] == rows.item.codes[order][:-1]
    before[order[1:][same]] = order[:-1][same]
    for place in moves.unsent:
        row = int(moves.got[place])
        last = int(before[row])
        if last == NONE or here[last] == here[row]:
            continue
        origin = history.places.name(int(here[last]))
        yield Statement(
            "gap-orphan",
            [row, last],
            Severity.MEDIUM,
            {"from": origin},
            (Part("last seen at", origin, share=1.0),),
        )

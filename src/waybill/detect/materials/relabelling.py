"""Relabelling: goods that change their papers, or their names, where they only change vehicles.

A hub that makes nothing can give a lot another origin or another heading only by writing it; and a lot that ends there
unseen while another of the same weight begins is the same lot.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.identity import begins
from waybill.detect.materials.statements import Statement, name
from waybill.epcis.history.arrays import NONE
from waybill.epcis.history.movements import LOSS
from waybill.model.custody import Role
from waybill.model.findings import Part
from waybill.model.words import Severity

WEIGHT = 0.001
"""Share by which the weight of one lot may differ from that of another and still be the same."""
DAYS = 90
"""How long after a lot came in another one is looked for."""


def check(chain: Chain) -> Iterator[Statement]:
    """Tell lots whose papers change on the way, lots under a new name, and shipments that arrive as another weight."""
    yield from _papers(chain, "countryOfOrigin", "relabel-origin", Severity.HIGH)
    yield from _papers(chain, "hsCode", "relabel-code", Severity.MEDIUM)
    yield from _names(chain)
    yield from _weights(chain)


def _papers(chain: Chain, what: str, rule: str, severity: Severity) -> Iterator[Statement]:
    """Tell lots of which the papers say something else than they said before."""
    history, rows = chain.history, chain.history.rows
    stated = history.stated(what)
    order = history.by_item[stated.codes[history.by_item] != NONE]
    before, after = order[:-1], order[1:]
    same = rows.item.codes[before] == rows.item.codes[after]
    changed = same & (stated.codes[before] != stated.codes[after])
    for one, next_ in zip(before[changed].tolist(), after[changed].tolist(), strict=True):
        yield Statement(
            rule,
            [next_, one],
            severity,
            {"was": stated.word(one), "now": stated.word(next_)},
            (Part(what, stated.word(next_), usual=stated.word(one), share=1.0),),
        )


def _names(chain: Chain) -> Iterator[Statement]:
    """Tell lots that begin, out of nothing, where a lot of the same material and weight came in and ended."""
    history, rows = chain.history, chain.history.rows
    here = history.places.here[rows.event]
    new = np.flatnonzero(
        begins(chain) & rows.in_role(Role.WHAT) & rows.is_class & (rows.kilograms > 0) & (here != NONE)
    )
    last = np.full(len(history.items), NONE)
    last[rows.item.codes[history.by_item]] = history.by_item  # the last row of each item stays
    came = np.flatnonzero(rows.in_role(Role.WHAT) & rows.is_class & history.arrives[rows.event] & (rows.kilograms > 0))
    came = came[last[rows.item.codes[came]] == came]  # seen never again
    if not len(new) or not len(came):
        return
    group = here * (len(chain.contents.material.words) + 1) + chain.contents.material.codes[rows.item.codes]
    order = came[np.lexsort((rows.kilograms[came], group[came]))]
    log = np.log(np.maximum(rows.kilograms, 1e-9))
    widest = float(np.nanmax(np.abs(log[np.r_[new, came]]))) * 2 + 2
    scale = group * widest + log
    left = np.searchsorted(scale[order], scale[new] - WEIGHT)
    right = np.searchsorted(scale[order], scale[new] + WEIGHT)
    time = history.time[rows.event]
    for row, start, stop in zip(new.tolist(), left.tolist(), right.tolist(), strict=True):
        ended = [
            old
            for old in order[start:stop].tolist()
            if 0 <= time[row] - time[old] <= DAYS * 86_400_000_000 and rows.item.codes[old] != rows.item.codes[row]
        ]
        if ended:
            old = name(history.items[int(rows.item.codes[ended[-1]])])
            weight = f"{rows.kilograms[row]:.6g}"
            yield Statement(
                "relabel-lot",
                [row, ended[-1]],
                Severity.HIGH,
                {"old": old, "weight": weight},
                (Part("kg", weight, usual=f"{rows.kilograms[ended[-1]]:.6g}", share=1.0),),
            )


def _weights(chain: Chain) -> Iterator[Statement]:
    """Tell shipments of which the partner received more or less than was sent: the mirror gap."""
    rows, moves = chain.history.rows, chain.movements
    arrived = np.flatnonzero((moves.receipt != NONE) & ~moves.in_parts)
    receipts = moves.got[moves.receipt[arrived]]
    sent, got = rows.kilograms[moves.sent[arrived]], rows.kilograms[receipts]
    for place in np.flatnonzero((sent > 0) & (np.abs(got - sent) > LOSS * sent)):
        yield Statement(
            "mirror-gap",
            [int(receipts[place]), int(moves.sent[arrived[place]])],
            Severity.MEDIUM,
            {"sent": f"{sent[place]:.6g}", "got": f"{got[place]:.6g}"},
            (Part("received, kg", f"{got[place]:.6g}", usual=f"{sent[place]:.6g}", share=1.0),),
        )

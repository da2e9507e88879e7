"""Splitting: shipments to one consignee that each stay under a threshold, together reach it, and bunch just below it.

Many small shipments are ordinary trade. What gives splitting away is where their sizes lie: the bunching test asks how
likely so many of them would be just under the threshold if this consignee ordered like the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

import numpy as np

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.statements import Statement
from waybill.epcis.history.arrays import NONE, Numbers
from waybill.model.findings import Part
from waybill.model.words import Severity

DAYS = 30
"""Length of the window in which shipments are added up."""
JUST_BELOW = 0.9
"""Share of the threshold from which a shipment is just below it."""
LEAST = 3
CHANCE = 1e-5
"""Probability below which bunching is no chance."""


def check(chain: Chain) -> Iterator[Statement]:
    """Tell consignees whose shipments of one material bunch below a threshold that they exceed together."""
    for heading, threshold in sorted(chain.thresholds.items()):
        yield from _under(chain, heading, threshold)


def _under(chain: Chain, heading: str, threshold: float) -> Iterator[Statement]:
    history, rows, moves = chain.history, chain.history.rows, chain.movements
    stated = history.stated("hsCode").take(moves.sent)
    right = stated.each(lambda word: word.startswith(heading), False, bool) & (moves.to != NONE)
    weight = rows.kilograms[moves.sent]
    small = np.flatnonzero(right & (weight > 0) & (weight < threshold))
    material = chain.contents.material.codes[rows.item.codes[moves.sent[small]]]
    order = _consignees(chain)[moves.to[small]] * (len(chain.contents.material.words) + 1) + material
    near = weight[small] >= JUST_BELOW * threshold
    for one in np.unique(order):
        own = order == one
        others = int((~own).sum()), int(near[~own].sum())
        expected = (others[1] + 1) / (others[0] + 10)  # a tenth where nothing is known: the width of the band
        yield from _told(chain, small[own], near[own], threshold, expected)


def _told(chain: Chain, shipments: Numbers, near: np.ndarray, threshold: float, expected: float) -> Iterator[Statement]:
    """Tell the fullest window of shipments, if they bunch and together reach the threshold."""
    history, rows, sent = chain.history, chain.history.rows, chain.movements.sent
    time = history.time[rows.event[sent[shipments]]]
    order = np.argsort(time, kind="stable")
    shipments, near, time = shipments[order], near[order], time[order]
    bunched = shipments[near]
    if len(bunched) < LEAST:
        return
    when = time[near]
    last = np.searchsorted(when, when + DAYS * 86_400_000_000)
    first = int(np.argmax(last - np.arange(len(when))))
    window = slice(first, int(last[first]))
    some = bunched[window]
    among = int(np.searchsorted(time, when[first] + DAYS * 86_400_000_000) - np.searchsorted(time, when[first]))
    chance = _at_least(len(some), among, expected)
    total = float(rows.kilograms[sent[some]].sum())
    if len(some) < LEAST or total < threshold or chance > CHANCE:
        return
    yield Statement(
        "splitting-bunched",
        sent[some[::-1]].tolist(),
        Severity.HIGH,
        {
            "count": str(len(some)),
            "threshold": f"{threshold:g}",
            "total": f"{total:.6g}",
            "to": history.places.name(int(chain.movements.to[some[0]])),
        },
        (
            Part("just below", f"{len(some)} of {among}", peers=f"{expected:.1%}", share=1.0),
            Part("by chance", f"{chance:.1e}"),
        ),
    )


def _at_least(count: int, among: int, expected: float) -> float:
    """Return the binomial probability of ``count`` or more among so many."""
    return sum(comb(among, k) * expected**k * (1 - expected) ** (among - k) for k in range(count, among + 1))


def _consignees(chain: Chain) -> Numbers:
    """Return for each site, and for nowhere, a number for who receives there: sites of one organisation are one."""
    register, places = chain.history.register, chain.history.places
    owner = {place.id: place.parent or place.id for place in register.places}
    names = [owner.get(name, name) for name in places.names]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([*(numbers[name] for name in names), NONE])

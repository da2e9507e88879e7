"""Rare-earth patterns: whether ore or concentrate looks like what its site of origin has always delivered.

The proportions of the fourteen lanthanides are a fingerprint of a deposit, however rich the ore. Lots of one site are
described by the median and spread of the logarithms of their proportions, and a lot is compared with the site that it
is said to come from and with all others: the likelihood ratio of the nearest other one over the declared one. It holds
for ores, concentrates and mixed compounds only: solvent extraction destroys the pattern, and of separated products it
says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.identity import begins
from waybill.detect.materials.statements import Statement
from waybill.epcis.history.arrays import NONE, Amounts, Numbers
from waybill.model.chemistry import LANTHANIDES, known_composition, substance
from waybill.model.findings import Part
from waybill.model.words import Severity

LEAST = 10
"""Lots of a site without which its pattern is not known."""
ERROR = 0.02
"""Relative error of an assay, at least."""
RATIO = 10.0
"""Decimal logarithm of the likelihood ratio from which a lot is told."""


def check(chain: Chain) -> Iterator[Statement]:
    """Tell lots whose pattern is that of another site than the one they are said to begin at."""
    history, rows = chain.history, chain.history.rows
    items, shapes = _shapes(chain)
    born = np.flatnonzero(begins(chain))[::-1]
    first = np.full(len(history.items), NONE)
    first[rows.item.codes[born]] = born
    site = np.where(first[items] == NONE, NONE, history.places.here[rows.event[first[items]]])
    known = {
        int(one): (np.median(shapes[site == one], axis=0), _spread(shapes[site == one]))
        for one in np.unique(site[site != NONE])
        if (site == one).sum() >= LEAST
    }
    if len(known) < 2:
        return
    sites = sorted(known)
    far = np.stack([(((shapes - known[one][0]) / known[one][1]) ** 2).sum(axis=1) for one in sites], axis=1)
    for place in np.flatnonzero(np.isin(site, sites)):
        own = sites.index(int(site[place]))
        others = np.where(np.arange(len(sites)) == own, np.inf, far[place])
        ratio = (far[place, own] - others.min()) / 2 / np.log(10)
        if ratio >= RATIO:
            other = history.places.name(sites[int(np.argmin(others))])
            yield Statement(
                "pattern-origin",
                [int(first[items[place]])],
                Severity.HIGH,
                {"other": other, "ratio": f"{min(ratio, 300):.0f}"},
                (Part("likelihood ratio", f"10^{min(ratio, 300):.0f}", usual=f"< 10^{RATIO:.0f}", share=1.0),),
            )


def _shapes(chain: Chain) -> tuple[Numbers, Amounts]:
    """Return items that were assayed for enough lanthanides, and their patterns: centred logarithms.

    Proportions are what is left without the mean, so that a rich ore and a poor one of one deposit are alike.
    """
    items, named, amounts = chain.contents.newest[0], chain.contents.newest[1], chain.contents.newest[2]
    of_element = {element: number for number, element in enumerate(LANTHANIDES)}
    column = np.array([_lanthanide(word, of_element) for word in named.words] + [NONE])[named.codes]
    right = (column != NONE) & (amounts > 0)
    names, number = np.unique(items[right], return_inverse=True)
    table = np.full((len(names), len(LANTHANIDES)), np.nan)
    table[number, column[right]] = np.log(amounts[right])
    enough = np.isfinite(table).all(axis=1)
    shapes = table[enough]
    return names[enough], shapes - shapes.mean(axis=1, keepdims=True)


def _lanthanide(word: str, of_element: dict[str, int]) -> int:
    found = [of_element[element] for element in known_composition(substance(word)) if element in of_element]
    return found[0] if len(found) == 1 else NONE


def _spread(shapes: Amounts) -> Amounts:
    deviations = np.abs(shapes - np.median(shapes, axis=0))
    return np.maximum(1.4826 * np.median(deviations, axis=0), ERROR)

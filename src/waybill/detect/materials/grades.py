"""Grade against label: what the laboratory found against what the papers say, by purity, by heading and by value.

The classic way to take heavy rare earths past customs is to call them something cheap: a purer lot under a lower
grade, or a compound under a heading for other preparations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log10

import numpy as np

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.statements import Statement
from waybill.epcis.history.arrays import NONE, Amounts, Numbers, grouped
from waybill.model.chemistry import substance
from waybill.model.findings import Part
from waybill.model.words import Severity

HIGHER, LOWER = 1.0, 0.3
"""Grades (powers of ten of impurity) by which a lot may be better, or worse, than its papers."""
LEAST, DEVIATIONS, TIMES = 20, 6.0, 4.0
"""Shipments of a heading without which no value is usual; how far off is told, and how many times the usual value."""

_GRADE = re.compile(r"([1-9])N([0-9])?", re.IGNORECASE)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%?")
_PUREST = 9.0


def grade(text: str) -> float:
    """Return a grade as a number: ``3N5`` (99.95 per cent) is 3.30, and so is ``99.95``; NaN where it says none."""
    if found := _GRADE.fullmatch(text.strip()):
        return int(found[1]) - log10((10 - int(found[2] or 0)) / 10)
    if found := _PERCENT.fullmatch(text.strip()):
        return nines(float(found[1]) / 100)
    return float("nan")


def nines(purity: float) -> float:
    """Return the negative logarithm of the impurities of a mass fraction."""
    return min(_PUREST, -log10(1 - purity)) if 0 <= purity < 1 else _PUREST if purity == 1 else float("nan")


def check(chain: Chain) -> Iterator[Statement]:
    """Tell lots that are purer or poorer than their papers, and shipments whose heading or value does not fit."""
    yield from _purity(chain)
    yield from _headings(chain)
    yield from _values(chain)


def _purity(chain: Chain) -> Iterator[Statement]:
    """Compare the newest assay of each lot for its own substance with every grade that was stated of it."""
    history, rows = chain.history, chain.history.rows
    event, item, named, amounts = history.fractions
    formulas = [substance(word) for word in named.words]
    material = chain.contents.material
    own = np.array([material.words.index(f) if f in material.words else -2 for f in formulas] + [-2])[named.codes]
    found = np.full(len(history.items), np.nan)
    when = np.full(len(history.items), NONE)
    right = own == material.codes[item]
    found[item[right]], when[item[right]] = amounts[right], event[right]
    stated = history.stated("grade")
    label = stated.each(grade, np.nan)
    assayed = np.array([nines(share) for share in found])
    for rule, row in _least_and_most(rows.item.codes, label, len(history.items)):
        promised = np.where(row == NONE, np.nan, label[row])
        purer = rule == "grade-purer"
        for one in np.flatnonzero(assayed >= promised + HIGHER if purer else assayed <= promised - LOWER):
            decisive = np.flatnonzero((rows.event == when[one]) & (rows.item.codes == one))
            yield Statement(
                rule,
                [*decisive.tolist(), int(row[one])],
                Severity.HIGH if purer else Severity.MEDIUM,
                {"assayed": f"{100 * found[one]:.6g} %", "grade": stated.word(int(row[one]))},
                (Part("assayed, N", f"{assayed[one]:.2f}", usual=f"{promised[one]:.2f}", share=1.0),),
            )


def _least_and_most(items: Numbers, label: Amounts, size: int) -> Iterator[tuple[str, Numbers]]:
    """Yield, for either rule, the row with the lowest or the highest grade that was ever stated of each item."""
    stated = np.flatnonzero(np.isfinite(label))
    for rule, sign in (("grade-purer", 1), ("grade-poorer", -1)):
        row = np.full(size, NONE)
        order = stated[np.argsort(-sign * label[stated], kind="stable")]  # what is written last stays
        row[items[order]] = order
        yield rule, row


def _headings(chain: Chain) -> Iterator[Statement]:
    """Tell shipments of a known material under a heading that it is never traded under."""
    history, rows, sent = chain.history, chain.history.rows, chain.movements.sent
    heading = history.stated("hsCode").take(sent)
    material = chain.contents.material.take(rows.item.codes[sent])
    pairs = material.codes * (len(heading.words) + 1) + heading.codes
    both = (material.codes != NONE) & (heading.codes != NONE)
    for pair in np.unique(pairs[both]):
        places = np.flatnonzero(both & (pairs == pair))
        known, stated = chain.codes.headings(material.word(int(places[0]))), heading.word(int(places[0]))
        if not known or any(stated.startswith(one) for one in known):
            continue
        for row in sent[places]:
            yield Statement(
                "grade-heading",
                [int(row)],
                Severity.HIGH,
                {"heading": stated, "material": material.word(int(places[0])), "known": ", ".join(sorted(known))},
                (Part("HS heading", stated, usual=", ".join(sorted(known)), share=1.0),),
            )


def _values(chain: Chain) -> Iterator[Statement]:
    """Tell shipments whose value for its weight is far from that of the same goods under the same heading."""
    history, rows, sent = chain.history, chain.history.rows, chain.movements.sent
    value = history.stated("value").take(sent).each(_number, np.nan)
    price = value / rows.kilograms[sent]
    group = _groups(chain, sent)
    right = np.flatnonzero(np.isfinite(price) & (price > 0) & (group != NONE))
    for places in grouped(group[right]):
        if len(places) < LEAST:
            continue
        some = right[places]
        logs = np.log(price[some])
        usual = np.median(logs)
        spread = max(1.4826 * float(np.median(np.abs(logs - usual))), 0.05)
        far = np.abs(logs - usual) >= max(DEVIATIONS * spread, log10(TIMES) / log10(np.e))
        for place in some[far]:
            yield Statement(
                "grade-value",
                [int(sent[place])],
                Severity.MEDIUM,
                {"price": f"{price[place]:.4g}", "usual": f"{np.exp(usual):.4g}"},
                (Part("value per kg", f"{price[place]:.6g}", usual=f"{np.exp(usual):.6g}", share=1.0),),
            )


def _groups(chain: Chain, sent: Numbers) -> Numbers:
    """Return a number for the goods of each shipment: material where known, heading, currency; NONE without them."""
    heading, currency = (chain.history.stated(name).take(sent) for name in ("hsCode", "currency"))
    material = chain.contents.material.codes[chain.history.rows.item.codes[sent]] + 1
    number = (material * (len(heading.words) + 1) + heading.codes) * (len(currency.words) + 1) + currency.codes
    return np.asarray(np.where((heading.codes != NONE) & (currency.codes != NONE), number, NONE))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")

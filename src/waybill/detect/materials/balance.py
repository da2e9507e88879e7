"""Mass balance: what comes out of a step, or leaves a site, cannot hold more of an element than went in.

Elements are balanced, not weights: two kilograms of neodymium oxide hold as much neodymium as 1.715 kg of the metal.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.statements import Statement
from waybill.epcis.history.arrays import NONE, Amounts, Mask, Numbers
from waybill.model.custody import EventKind, Role
from waybill.model.findings import Part
from waybill.model.words import Severity

TOLERANCE = 0.03
"""Share by which more may come out than went in: assays and scales err."""


def check(chain: Chain) -> Iterator[Statement]:
    """Tell steps that put out more of an element than went in, and lots of which more left than there was."""
    yield from _steps(chain)
    yield from _lots(chain)


def steps(chain: Chain) -> Numbers:
    """Return the transformation of each row; NONE for rows of other events.

    Events of one ``transformationID`` are one transformation, which goes by its first event.
    """
    history = chain.history
    named = history.column("transformation")
    step = np.arange(len(history.time))
    has = named.codes != NONE
    if has.any():
        first = np.full(len(named.words), len(history.time))
        np.minimum.at(first, named.codes[has], step[has])
        step[has] = first[named.codes[has]]
    made = history.is_kind(EventKind.TRANSFORMATION)
    return np.asarray(np.where(made[history.rows.event], step[history.rows.event], NONE))


def through(chain: Chain, step: Numbers) -> Iterator[tuple[str, Amounts, Amounts, Amounts]]:
    """Yield each element with the kilograms of it in each row, and in all that went into each step and came out."""
    rows, size = chain.history.rows, len(chain.history.time)
    weighed = (step != NONE) & np.isfinite(rows.kilograms)
    inputs, outputs = weighed & rows.in_role(Role.INPUT), weighed & rows.in_role(Role.OUTPUT)
    for element in chain.contents.elements:
        held = chain.contents.share(element)[rows.item.codes] * rows.kilograms
        into = np.bincount(step[inputs], held[inputs], minlength=size)
        out = np.bincount(step[outputs], held[outputs], minlength=size)
        yield element, held, into.astype(np.float64, copy=False), out.astype(np.float64, copy=False)


def _steps(chain: Chain) -> Iterator[Statement]:
    rows, step = chain.history.rows, steps(chain)
    outputs = rows.in_role(Role.OUTPUT)
    unknown = (
        (step != NONE)
        & rows.in_role(Role.INPUT)
        & ~(chain.contents.known[rows.item.codes] & np.isfinite(rows.kilograms))
    )
    judged = np.bincount(step[unknown], minlength=len(chain.history.time)) == 0
    told = np.zeros(len(judged), dtype=bool)
    for element, held, into, out in through(chain, step):
        wrong = judged & ~told & (out > into * (1 + TOLERANCE)) & (out > 1e-6)
        told |= wrong
        for one in np.flatnonzero(wrong):
            some = np.flatnonzero(step == one)
            some = some[np.argsort(-held[some] * outputs[some], kind="stable")]
            yield Statement(
                "balance-step",
                some.tolist(),
                Severity.HIGH,
                {"element": element, "into": f"{into[one]:.4g}", "out": f"{out[one]:.4g}"},
                (Part(f"{element} out, kg", f"{out[one]:.6g}", usual=f"{into[one]:.6g}", share=1.0),),
            )


def _lots(chain: Chain) -> Iterator[Statement]:
    """Tell lots of which more was used or shipped at a site than was made or received there."""
    history, rows = chain.history, chain.history.rows
    here = history.places.here[rows.event]
    what = rows.in_role(Role.WHAT) & rows.is_class & np.isfinite(rows.kilograms) & (here != NONE)
    used = rows.in_role(Role.INPUT) & rows.is_class & np.isfinite(rows.kilograms) & (here != NONE)
    made = rows.in_role(Role.OUTPUT) & rows.is_class & np.isfinite(rows.kilograms) & (here != NONE)
    comes = made | (what & (history.is_kind(EventKind.OBJECT, "ADD") | history.arrives)[rows.event])
    goes = used | (what & (history.is_kind(EventKind.OBJECT, "DELETE") | history.leaves)[rows.event])
    keys = rows.item.codes * (len(history.places.names) + 1) + here
    names, number = np.unique(keys, return_inverse=True)
    came = np.bincount(number[comes], rows.kilograms[comes], minlength=len(names))
    went = np.bincount(number[goes], rows.kilograms[goes], minlength=len(names))
    wrong = (came > 0) & (went > came * (1 + TOLERANCE))
    for one in np.flatnonzero(wrong):
        some = _newest_first(np.flatnonzero((number == one) & (comes | goes)), goes)
        yield Statement(
            "balance-lot",
            some.tolist(),
            Severity.HIGH,
            {"came": f"{came[one]:.4g}", "went": f"{went[one]:.4g}"},
            (Part("left, kg", f"{went[one]:.6g}", usual=f"{came[one]:.6g}", share=1.0),),
        )


def _newest_first(rows: Numbers, goes: Mask) -> Numbers:
    """Return rows with the one first that left last: it is the one that there was nothing left for."""
    leaving = rows[goes[rows]]
    return np.asarray(np.r_[leaving[::-1], rows[~goes[rows]]])

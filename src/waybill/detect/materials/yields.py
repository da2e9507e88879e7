"""Yields: what a step recovers of an element, against what the same step at the same site usually does.

Far less hides what was taken away, far more hides what was added. Usual is the median of at least ``LEAST`` runs,
and the spread the median absolute deviation, scaled to a standard deviation.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from waybill.detect.materials.arrays import NONE, Numbers
from waybill.detect.materials.balance import TOLERANCE, steps
from waybill.detect.materials.chain import Chain
from waybill.detect.materials.statements import Statement
from waybill.model.custody import Role
from waybill.model.findings import Part
from waybill.model.words import Severity

LEAST = 12
"""Runs of a step without which nothing is usual."""
DEVIATIONS = 5.0
"""Robust standard deviations from which a yield is not usual; of honest runs one in a million is."""
SMALLEST = 0.015
"""Difference of yields that is told at least."""


def check(chain: Chain) -> Iterator[Statement]:
    """Tell runs that recover far more or far less than their like; of each run the element that is furthest off."""
    history, rows, step = chain.history, chain.history.rows, steps(chain)
    size = len(history.time)
    weighed = (step != NONE) & np.isfinite(rows.kilograms)
    inputs, outputs = weighed & rows.in_role(Role.INPUT), weighed & rows.in_role(Role.OUTPUT)
    process = _processes(chain, step)
    furthest = np.zeros(size)
    told: dict[int, Statement] = {}
    for element in chain.contents.elements:
        held = chain.contents.share(element)[rows.item.codes] * rows.kilograms
        into = np.bincount(step[inputs], held[inputs], minlength=size)
        out = np.bincount(step[outputs], held[outputs], minlength=size)
        runs = np.flatnonzero((into > 0) & (out > 0) & (out <= into * (1 + TOLERANCE)) & (process != NONE))
        recovered = out[runs] / into[runs]
        usual, spread = _usual(process[runs], recovered)
        off = (recovered - usual) / np.maximum(spread, 1e-9)
        far = (np.abs(off) >= DEVIATIONS) & (np.abs(recovered - usual) >= SMALLEST)
        for place in np.flatnonzero(far & (np.abs(off) > furthest[runs])):
            run = int(runs[place])
            furthest[run] = abs(off[place])
            some = np.flatnonzero(step == run)
            some = some[np.argsort(-held[some] * outputs[some], kind="stable")]
            told[run] = _statement(some, element, recovered[place], usual[place], off[place])
    yield from told.values()


def _statement(rows: Numbers, element: str, recovered: float, usual: float, off: float) -> Statement:
    return Statement(
        "yield-low" if off < 0 else "yield-high",
        rows.tolist(),
        Severity.HIGH if abs(recovered - usual) > 0.1 else Severity.MEDIUM,
        {"element": element, "recovered": f"{recovered:.1%}", "usual": f"{usual:.1%}"},
        (
            Part(f"yield of {element}", f"{recovered:.2%}", usual=f"{usual:.2%}", share=1.0),
            Part("deviations", f"{off:.1f}"),
        ),
    )


def _processes(chain: Chain, step: Numbers) -> Numbers:
    """Return a number for the process of each event: same site, business step, and material that most is put in of."""
    history, rows = chain.history, chain.history.rows
    main = np.full(len(history.time), NONE)
    inputs = np.flatnonzero((step != NONE) & rows.in_role(Role.INPUT) & np.isfinite(rows.kilograms))
    order = inputs[np.argsort(rows.kilograms[inputs], kind="stable")]  # the heaviest is written last, and stays
    main[step[order]] = chain.contents.material.codes[rows.item.codes[order]]
    materials, steps_ = len(chain.contents.material.words) + 1, len(history.step.words) + 1
    number = (history.places.here * steps_ + history.step.codes) * materials + main
    return np.asarray(np.where((main != NONE) & (history.places.here != NONE), number, NONE))


def _usual(process: Numbers, recovered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each run the median of its process and the spread; both are such that a rare process is never far."""
    usual, spread = recovered.copy(), np.ones(len(recovered))
    order = np.argsort(process, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(process[order])) + 1):
        if len(group) >= LEAST:
            median = np.median(recovered[group])
            usual[group] = median
            spread[group] = 1.4826 * np.median(np.abs(recovered[group] - median))
    return usual, spread

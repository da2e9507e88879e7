"""Yields: what a step recovers of an element, against what the same step at the same site usually does.

Far less hides what was taken away, far more hides what was added. Usual is the median of at least ``LEAST`` runs,
and the spread the median absolute deviation, scaled to a standard deviation. How far is too far follows from ``RATE``,
over all runs and elements of a process (Bonferroni), by Student's distribution: a spread of few runs is uncertain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
from scipy.special import stdtrit

from waybill.detect.materials.balance import TOLERANCE, steps, through
from waybill.detect.materials.chain import Chain
from waybill.detect.materials.statements import Statement
from waybill.epcis.history.arrays import NONE, Amounts, Numbers, grouped
from waybill.model.custody import Role
from waybill.model.findings import Part
from waybill.model.words import Severity

LEAST = 12
"""Runs of a step without which nothing is usual."""
RATE = 0.001
"""Chance that of all runs of an honest process one is told."""
SMALLEST = 0.015
"""Difference of yields that is told at least."""


def check(chain: Chain) -> Iterator[Statement]:
    """Tell runs that recover far more or far less than their like; of each run the element that is furthest off."""
    rows, step = chain.history.rows, steps(chain)
    process = _processes(chain, step)
    recoveries = {element: _recovered(process, into, out) for element, _, into, out in through(chain, step)}
    tests: Counter[int] = Counter()
    for runs, _ in recoveries.values():
        tests.update(process[runs].tolist())
    furthest: dict[int, float] = {}
    told: dict[int, Statement] = {}
    for element, (runs, recovered) in recoveries.items():
        usual, spread, limit = _usual(process[runs], recovered, tests)
        off = (recovered - usual) / np.maximum(spread, 1e-9)
        far = (np.abs(off) >= limit) & (np.abs(recovered - usual) >= SMALLEST)
        if not far.any():
            continue
        share = chain.contents.share(element)
        for place in np.flatnonzero(far):
            run = int(runs[place])
            if abs(off[place]) > furthest.get(run, 0.0):
                furthest[run] = abs(off[place])
                some = np.flatnonzero(step == run)
                holds = share[rows.item.codes[some]] * rows.in_role(Role.OUTPUT)[some]
                told[run] = _statement(
                    some[np.argsort(-holds, kind="stable")], element, recovered[place], usual[place], off[place]
                )
    yield from told.values()


def _recovered(process: Numbers, into: Amounts, out: Amounts) -> tuple[Numbers, Amounts]:
    """Return the runs that put out some of the element they took in, and which share; those of ``balance`` not."""
    runs = np.flatnonzero((into > 0) & (out > 0) & (out <= into * (1 + TOLERANCE)) & (process != NONE))
    return runs, out[runs] / into[runs]


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


def _usual(process: Numbers, recovered: Amounts, tests: Mapping[int, int]) -> tuple[Amounts, Amounts, Amounts]:
    """Return for each run the median of its process, the spread, and how many spreads off is too far.

    A process with too few runs is never far from itself; ``tests`` is how many yields of each are judged.
    """
    usual, spread, limit = recovered.copy(), np.ones(len(recovered)), np.full(len(recovered), np.inf)
    for group in grouped(process):
        if len(group) >= LEAST:
            median = np.median(recovered[group])
            usual[group] = median
            spread[group] = 1.4826 * np.median(np.abs(recovered[group] - median))
            # The median absolute deviation is as good as the standard deviation of 0.37 times as many runs.
            limit[group] = stdtrit(0.37 * len(group), 1 - RATE / (2 * tests[int(process[group[0]])]))
    return usual, spread, limit

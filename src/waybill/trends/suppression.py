"""Tables for inside the organisation: small cells are hidden, and so many others that none can be worked out.

A cell of fewer than k incidents could point at somebody. Hiding it alone does not hide it, for totals are shown: so
other cells are hidden with it, chosen to cost least, along whose cycles its value could as well be larger or smaller.
Before a table leaves, an attacker of our own works on it (``attack``); what it could recover is never released.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from waybill.model.errors import UsageError
from waybill.trends.tables import Counts, Table

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]

K = 5
"""The least count that is shown."""

OTHERS = "others"
"""Rows or columns that are too small even as totals stand together under this name."""

_EXACT = 1e-6
_CHEAP = 1e-3


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the attacker knows of a hidden cell."""

    row: int
    column: int
    low: float
    high: float

    @property
    def recovered(self) -> bool:
        """Whether only one value fits."""
        return self.high - self.low < 1 - _EXACT


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A table with its hidden cells, and what an attacker would know of them."""

    table: Table
    hidden: Mask
    bounds: tuple[Bounds, ...]

    @property
    def share_hidden(self) -> float:
        """Share of all counts that stand in hidden cells."""
        whole = int(self.table.counts.sum())
        return float(self.table.counts[self.hidden].sum() / whole) if whole else 0.0


def suppressed(table: Table, k: int = K) -> Suppressed:
    """Return a table fit to be shown inside. Raises UsageError where the attacker recovers a cell all the same."""
    folded = fold(table, k)
    hidden = protect(folded.counts, k)
    bounds = attack(folded.counts, hidden)
    recovered = [one for one in bounds if one.recovered]
    if recovered:
        raise UsageError(
            f"{len(recovered)} hidden cells of the table could be worked out; it is not released",
            where=table.name,
            advice="count more years together, or by fewer words",
        )
    return Suppressed(folded, hidden, bounds)


def small(counts: Counts, k: int = K) -> Mask:
    """Return the cells that must not be shown: some, but fewer than k."""
    return (counts > 0) & (counts < k)


def fold(table: Table, k: int = K) -> Table:
    """Return a table none of whose totals is small: rows and columns of small totals stand together, as ``others``.

    Where even these are few, the least of the others joins them.
    """
    rows, columns = _groups(table.counts.sum(axis=1), k), _groups(table.counts.sum(axis=0), k)
    counts = table.counts
    for axis, groups in ((0, rows), (1, columns)):
        counts = np.stack([counts.take(group, axis).sum(axis) for group in groups], axis)
    return replace(table, rows=_named(table.rows, rows), columns=_named(table.columns, columns), counts=counts)


def _groups(totals: Counts, k: int) -> list[list[int]]:
    """Return which of a way's words stand alone, in their order, and last those that stand together."""
    together = [place for place, total in enumerate(totals) if 0 < total < k]
    alone = [place for place in range(len(totals)) if place not in together]
    while together and sum(totals[place] for place in together) < k and any(totals[place] for place in alone):
        least = min((place for place in alone if totals[place]), key=lambda place: totals[place])
        alone.remove(least)
        together.append(least)
    return [[place] for place in alone] + ([together] if together else [])


def _named(words: tuple[str, ...], groups: list[list[int]]) -> tuple[str, ...]:
    return tuple(words[group[0]] if len(group) == 1 else OTHERS for group in groups)


def protect(counts: Counts, k: int = K) -> Mask:
    """Return the cells to hide: the small ones, and with each the cheapest others by which it may vary by k.

    For each small cell and direction a linear programme looks for the least change of the table that moves the cell by
    k (or to zero), keeps every total and makes nothing negative; whatever it moves is hidden. What is hidden already
    costs next to nothing. Two-way tables are networks, so its answers are whole numbers without being asked for.
    """
    hidden = small(counts, k)
    for row, column in np.argwhere(hidden):
        for step in (k, -min(k, int(counts[row, column]))):
            change = _least_change(counts, hidden, (int(row), int(column)), step)
            if change is not None:
                hidden |= np.abs(change) > _EXACT
    return hidden


def attack(counts: Counts, hidden: Mask) -> tuple[Bounds, ...]:
    """Return what anybody can work out about hidden cells: the least and the most that all totals allow (HiGHS)."""
    cells = [(int(row), int(column)) for row, column in np.argwhere(hidden)]
    if not cells:
        return ()
    margins = np.zeros((sum(counts.shape), len(cells)))
    for number, (row, column) in enumerate(cells):
        margins[row, number] = margins[counts.shape[0] + column, number] = 1
    known = np.where(hidden, counts, 0)
    totals = np.r_[known.sum(axis=1), known.sum(axis=0)].astype(float)
    used = margins.any(axis=1)
    found = []
    for number, (row, column) in enumerate(cells):
        aim = np.zeros(len(cells))
        aim[number] = 1
        least = _solved(aim, margins[used], totals[used], (0, None))
        most = _solved(-aim, margins[used], totals[used], (0, None))
        found.append(Bounds(row, column, float(least.fun), float(-most.fun)))
    return tuple(found)


def _least_change(counts: Counts, hidden: Mask, cell: tuple[int, int], step: int) -> Values | None:
    """Return the cheapest change that moves a cell by ``step`` and keeps all totals; None if there is none."""
    from scipy.sparse import eye, hstack, kron, vstack

    rows, columns = counts.shape
    sums: Any = vstack([kron(eye(rows), np.ones((1, columns))), kron(np.ones((1, rows)), eye(columns))])
    cost = np.where(hidden, _CHEAP, 1.0 + counts).ravel()
    place = cell[0] * columns + cell[1]
    up, down = np.full(counts.size, np.inf), counts.ravel().astype(float)
    # More and less of a cell are variables of their own; the cell itself moves by the step alone.
    (up if step < 0 else down)[place] = 0
    fixed: Any = np.zeros((1, 2 * counts.size))
    fixed[0, place], fixed[0, counts.size + place] = 1, -1
    equal: Any = vstack([hstack([sums, -sums]), fixed])
    bounds = np.column_stack([np.zeros(2 * counts.size), np.r_[up, down]])
    result = _solved(np.r_[cost, cost], equal, np.r_[np.zeros(rows + columns), step], bounds)
    if result.x is None:
        return None
    found: Values = (result.x[: counts.size] - result.x[counts.size :]).reshape(counts.shape)
    return found


def _solved(cost: Values, equal: Any, totals: Values, bounds: Any) -> Any:
    """Return the answer of a linear programme."""
    from scipy.optimize import linprog

    return linprog(cost, A_eq=equal, b_eq=totals, bounds=bounds, method="highs")

"""Which expression gives a column, record by record: the mapping's own, or that of a ``[[when]]`` block.

Rows are grouped by expression, so that each is computed once, for all its rows.
"""

from __future__ import annotations

import numpy as np

from waybill.collect.cells import Cells, Mask, Numbers
from waybill.collect.dictionary import Codes
from waybill.collect.expressions import Expression
from waybill.collect.mapping import Mapping

Group = tuple[Expression | None, Numbers]
"""An expression, or none, and the rows it is for."""


class Variants:
    """The expressions of one mapping, and which of them holds for each row of a chunk."""

    def __init__(self, mapping: Mapping, cells: Cells) -> None:
        self._columns = [dict(mapping.columns), *(dict(when.columns) for when in mapping.whens)]
        self._holds: list[Mask] = [np.ones(len(cells), bool)]
        """For the mapping itself and each block, the rows it is for; later blocks come before earlier ones."""
        rows = {condition: condition.rows(cells) for when in mapping.whens for condition in when.match}
        for when in mapping.whens:
            self._holds.append(np.logical_and.reduce([rows[condition] for condition in when.match]))

    def keep(self, rows: Numbers) -> None:
        """Forget all rows but these."""
        self._holds = [holds[rows] for holds in self._holds]

    def groups(self, column: str) -> list[Group]:
        """Return the expressions of a column, each with its rows."""
        chosen = np.zeros(len(self._holds[0]), np.int16)
        for number, (columns, holds) in enumerate(zip(self._columns, self._holds, strict=True)):
            if column in columns:
                chosen[holds] = number
        numbers = np.flatnonzero(np.bincount(chosen)).tolist() or [0]
        return [(self._columns[number].get(column), np.flatnonzero(chosen == number)) for number in numbers]

    def codes(self, column: str, cells: Cells) -> Codes:
        """Return the value of a column for each row."""
        codes = np.zeros(len(cells), np.int32)
        for expression, rows in self.groups(column):
            if expression is not None:
                codes[rows] = expression.codes(cells, rows)
        return codes

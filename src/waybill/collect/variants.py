"""Which expression gives a column, record by record: the mapping's own, or that of a ``[[when]]`` block.

Rows are grouped by the blocks that hold for them, so that every expression is computed once, for all its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from waybill.collect.expressions import Expression, Row, Rows, Scalar, texts
from waybill.collect.mapping import Mapping

Group = tuple[Expression | None, list[int] | None]
"""An expression and the rows it is for; None: no expression, all rows."""


@dataclass(slots=True)
class Variants:
    """The expressions of one mapping, and which of them holds for each row of a chunk."""

    expressions: list[dict[str, Expression]]
    """By variant: column and expression."""
    of_row: list[int] | None
    """The variant of each row; None if there is only one."""
    _groups: dict[str, list[Group]] = field(default_factory=dict)

    @classmethod
    def of(cls, mapping: Mapping, rows: Rows) -> Variants:
        """Find out which blocks hold for each row."""
        base = dict(mapping.columns)
        if not (mapping.whens and rows):
            return cls([base], None)
        paths = sorted({condition.path for when in mapping.whens for condition in when.match})
        keys = list(zip(*(texts([row.get(path) for row in rows]) for path in paths), strict=True))
        holds = _tests(mapping, paths)
        numbers: dict[tuple[bool, ...], int] = {}
        expressions: list[dict[str, Expression]] = []
        variant: dict[tuple[str | None, ...], int] = {}
        for key in set(keys):
            blocks = tuple(test(key) for test in holds)
            if blocks not in numbers:
                numbers[blocks] = len(expressions)
                chosen = dict(base)
                for when, applies in zip(mapping.whens, blocks, strict=True):
                    chosen.update(when.columns if applies else ())
                expressions.append(chosen)
            variant[key] = numbers[blocks]
        return cls(expressions, [variant[key] for key in keys])

    def keep(self, rows: Sequence[int]) -> Variants:
        """Return the variants of some of the rows."""
        return Variants(self.expressions, None if self.of_row is None else [self.of_row[row] for row in rows])

    def groups(self, column: str) -> list[Group]:
        """Return the expressions of a column, each with its rows."""
        if column not in self._groups:
            self._groups[column] = self._grouped([expressions.get(column) for expressions in self.expressions])
        return self._groups[column]

    def _grouped(self, chosen: list[Expression | None]) -> list[Group]:
        if self.of_row is None or all(expression is chosen[0] for expression in chosen):
            return [(chosen[0] if chosen else None, None)]
        groups: dict[int, tuple[Expression | None, list[int]]] = {}
        by_variant = [groups.setdefault(id(expression), (expression, []))[1].append for expression in chosen]
        for row, variant in enumerate(self.of_row):
            by_variant[variant](row)
        return [(expression, found) for expression, found in groups.values() if found]

    def values(self, column: str, rows: Sequence[Row]) -> list[Scalar]:
        """Return the value of a column for each row."""
        groups = self.groups(column)
        if groups and groups[0][1] is None:
            expression = groups[0][0]
            return expression.values(rows) if expression else [None] * len(rows)
        values: list[Scalar] = [None] * len(rows)
        for expression, found in groups:
            if expression is not None and found is not None:
                for row, value in zip(found, expression.values([rows[row] for row in found]), strict=True):
                    values[row] = value
        return values


def _tests(mapping: Mapping, paths: list[str]) -> list[Callable[[tuple[str | None, ...]], bool]]:
    """Return one test a block, over the values at ``paths``."""

    def test_of(conditions: list[tuple[int, Callable[[Scalar], bool]]]) -> Callable[[tuple[str | None, ...]], bool]:
        return lambda key: all(holds(key[place]) for place, holds in conditions)

    return [
        test_of([(paths.index(condition.path), condition.test()) for condition in when.match]) for when in mapping.whens
    ]

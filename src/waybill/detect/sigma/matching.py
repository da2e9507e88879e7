"""Asks rules about a table: every rule about the rows of its log source, every predicate once per distinct value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pyarrow as pa

from waybill.detect.sigma.columns import Column, Mask, Rows, TextColumn, column_of, raw_column, text_column
from waybill.detect.sigma.entries import Entries
from waybill.detect.sigma.fields import AnyField, Keywords, SourceFields, found
from waybill.detect.sigma.literals import NO_LITERALS, Literal, Literals, with_texts
from waybill.detect.sigma.predicates import RELATIONS, Predicate
from waybill.detect.sigma.router import Asked, Router
from waybill.detect.sigma.rules import Rule
from waybill.model.transfers import NAMES


@dataclass(frozen=True, slots=True)
class Match:
    """A rule, the view in which it was asked, and the rows of that view in which it holds."""

    rule: Rule
    view: RowsView
    rows: Rows
    """Numbers within the view; ``view.rows[rows]`` are those of the table."""


class RowsView:
    """Some rows of a table under one naming of fields; columns and masks are worked out when first asked for."""

    def __init__(
        self,
        rows: Rows,
        find: Callable[[str], Column | None],
        texts: Callable[[], Sequence[TextColumn | AnyField]],
    ) -> None:
        self.rows = rows
        self._find = find
        self._columns: dict[str, Column | None] = {}
        self._masks: dict[Predicate, Mask] = {}
        self._texts = texts

    def column(self, name: str) -> Column | None:
        """Return the column of a field, or None where no row has the field."""
        if name not in self._columns:
            self._columns[name] = self._find(name)
        return self._columns[name]

    def places(self, name: str) -> Iterator[Literal]:
        """Yield the literals that rules look for in a field and that occur in it; without a name, in any field."""
        if not name:
            for texts in self._all_texts:
                yield from texts.places
        elif (column := self.column(name)) is not None:
            yield from column.text.places

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether ``predicate`` holds."""
        mask = self._masks.get(predicate)
        if mask is None:
            mask = self._masks[predicate] = self._answer(predicate)
        return mask

    def _answer(self, predicate: Predicate) -> Mask:
        if not predicate.field:
            return self._keyword(predicate)
        column = self.column(predicate.field)
        if column is None:
            return False
        if predicate.op in RELATIONS:
            other = self.column(str(predicate.values[0]))
            return False if other is None else column.text.relation(predicate, other.text)
        return column.mask(predicate)

    def _keyword(self, predicate: Predicate) -> Mask:
        mask: Mask = False
        for texts in self._all_texts:
            mask |= texts.mask(predicate)
        return mask

    @cached_property
    def _all_texts(self) -> Sequence[TextColumn | AnyField]:
        return self._texts()


def matches(transfers: pa.Table, router: Router) -> Iterator[Match]:
    """Yield each rule that holds of some row, with these rows."""
    for asked, view in views(transfers, router):
        yield from held(asked, view)


def views(transfers: pa.Table, router: Router) -> Iterator[tuple[Asked, RowsView]]:
    """Yield the rules that see the same rows, with these rows."""
    table = _Table(transfers, router)
    if router.of_transfers.rules:
        yield router.of_transfers, table.as_transfers()
    for number, logsource in enumerate(table.logsources):
        if router.of_source(logsource).rules:
            yield router.of_source(logsource), table.as_source(number)


def held(asked: Asked, view: RowsView) -> Iterator[Match]:
    """Yield each of the rules that holds of some row of a view, with these rows."""
    for rule in asked.candidates(view.places):
        mask = rule.condition.mask(view) if rule.condition is not None else False
        if mask is not False:
            rows = np.arange(len(view.rows)) if mask is True else np.flatnonzero(mask)
            if len(rows):
                yield Match(rule, view, rows)


class _Table:
    """A table of transfers, its rows grouped by log source; rows without one form a group that no rule sees."""

    def __init__(self, transfers: pa.Table, router: Router) -> None:
        self._transfers = transfers
        self._router = router
        self._all = np.arange(transfers.num_rows, dtype=np.int64)

    @cached_property
    def _logsource(self) -> TextColumn:
        if "logsource" not in self._transfers.column_names:
            return text_column(pa.nulls(len(self._all), pa.dictionary(pa.int32(), pa.string())))
        return column_of(self._transfers["logsource"]).text

    @property
    def logsources(self) -> list[str]:
        """The log sources that occur, in the order of their numbers."""
        return self._logsource.values

    @cached_property
    def _entries(self) -> Entries:
        return Entries(self._transfers["fields"])

    @cached_property
    def _shared(self) -> Literals:
        return self._router.shared_keywords(self.logsources)

    @cached_property
    def _rows_with_shared(self) -> Mapping[Literal, Rows]:
        """Rows in which the keywords occur that all log sources look for: one look at all texts, where they lie."""
        entries = self._entries
        places = with_texts(entries.values, found(self._shared, entries.texts), len(entries.texts))
        return {literal: entries.rows_of(held) for literal, held in places.items()}

    def as_transfers(self) -> RowsView:
        """Return all rows by the columns of the model; a name that is no column means a field of the source."""
        asked = self._router.of_transfers

        @cache
        def fields() -> SourceFields:
            return SourceFields(self._entries, self._all, asked.fields)

        def find(name: str) -> Column | None:
            sought = asked.literals.get(name, NO_LITERALS)
            return column_of(self._transfers[name], sought) if name in NAMES else fields().column(name, sought)

        def texts() -> Sequence[TextColumn | AnyField]:
            values = fields().all_values(Keywords(asked.keywords, asked.keywords))
            return [raw_column(self._transfers["raw"], asked.keywords), values]

        return RowsView(self._all, find, texts)

    def as_source(self, group: int) -> RowsView:
        """Return the rows of one log source by the fields of that source."""
        asked = self._router.of_source(self.logsources[group])
        rows = np.flatnonzero(self._logsource.codes == group)
        fields = SourceFields(self._entries, rows, asked.fields)

        def find(name: str) -> Column | None:
            return fields.column(name, asked.literals.get(name, NO_LITERALS))

        def texts() -> Sequence[TextColumn | AnyField]:
            return [fields.all_values(self._keywords(group, rows, asked))]

        return RowsView(rows, find, texts)

    def _keywords(self, group: int, rows: Rows, asked: Asked) -> Keywords:
        held_here = {one: held[self._logsource.codes[held] == group] for one, held in self._rows_with_shared.items()}
        rest = self._router.literals(asked.keywords.known - self._shared.known)
        return Keywords(
            asked.keywords, rest, {one: np.searchsorted(rows, held) for one, held in held_here.items() if len(held)}
        )

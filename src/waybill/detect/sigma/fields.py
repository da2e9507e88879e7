"""Takes the fields of sources out of the map column, for all rows of a log source at once.

Their entries are sorted by name, after which every field is one contiguous run of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa

from waybill.detect.sigma.columns import Mask, Rows, TextColumn
from waybill.detect.sigma.entries import Entries, Numbers
from waybill.detect.sigma.literals import NO_LITERALS, Literal, Literals, Places, with_texts
from waybill.detect.sigma.predicates import Predicate
from waybill.detect.sigma.texts import Texts

_STEP = 1 << 15
"""Texts in which keywords are looked for at once: few enough to stay in the processor's cache."""

_NOWHERE: Places = np.empty(0, dtype=np.int64)


class SourceFields:
    """The fields of some rows of a table. Those of the names ``wanted`` are found together, so that each is cheap."""

    def __init__(self, entries: Entries, rows: Rows, wanted: frozenset[str]) -> None:
        self._entries = entries
        self._rows = rows
        self._wanted = wanted

    @cached_property
    def _own(self) -> tuple[Numbers, Numbers]:
        """The entries of these rows, and for each of them the place of its row."""
        return self._entries.of_rows(self._rows)

    @cached_property
    def _by_name(self) -> tuple[Numbers, Numbers, Numbers]:
        """The names, in order, of the entries that are wanted, with the entries and the places of their rows."""
        entries, places = self._own
        names = self._entries.names[entries]
        is_wanted = np.array([name in self._wanted for name in self._entries.numbers], np.bool_)
        kept = np.flatnonzero(is_wanted[names])
        names = names[kept]
        # Few numbers are sorted by radix.
        order = np.argsort(names.astype(np.uint16) if len(is_wanted) < 2**16 else names, kind="stable")
        kept = kept[order]
        return names[order], entries[kept], places[kept]

    def column(self, name: str, literals: Literals) -> TextColumn | None:
        """Return one field, in which literals are looked for, or None where no row has it."""
        number = self._entries.numbers.get(name)
        if number is None:
            return None
        if name not in self._wanted:
            return SourceFields(self._entries, self._rows, frozenset([name])).column(name, literals)
        names, entries, places = self._by_name
        run = slice(*np.searchsorted(names, np.array([number, number + 1], names.dtype)))
        if run.start == run.stop:
            return None
        distinct, found = self._entries.distinct(entries[run])
        codes = np.full(len(self._rows), len(distinct), dtype=np.int32)
        codes[places[run]] = found
        return TextColumn(distinct, codes, literals)

    def all_values(self, keywords: Keywords) -> AnyField:
        """Return every value of every field, in which keywords are looked for."""
        return AnyField(self, keywords)

    @cached_property
    def texts(self) -> TextColumn:
        """Every value, whatever its field."""
        return TextColumn(*self._entries.distinct(self._own[0]), NO_LITERALS)

    @property
    def places(self) -> Numbers:
        """For each of ``texts`` the place of its row."""
        return self._own[1]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)


@dataclass(frozen=True, slots=True)
class Keywords:
    """What is looked for in all values of some rows, and where some of it has been found already."""

    all: Literals
    rest: Literals
    """Those that have not been looked for."""
    found: Mapping[Literal, Rows] = field(default_factory=dict)
    """For each of the others that occurs, the rows in which it does."""


class AnyField:
    """All values of some rows, whatever the field, as keywords look for them."""

    def __init__(self, fields: SourceFields, keywords: Keywords) -> None:
        self._fields = fields
        self._keywords = keywords

    @cached_property
    def places(self) -> Mapping[Literal, Rows]:
        """For each literal that rules look for and that occurs, the rows in which it does."""
        return {**self._keywords.found, **(self._found_here if self._keywords.rest.known else {})}

    @property
    def _found_here(self) -> Mapping[Literal, Rows]:
        texts = self._fields.texts
        places = with_texts(texts.codes, found(self._keywords.rest, texts.distinct), len(texts.distinct))
        return {literal: self._fields.places[values].astype(np.int64) for literal, values in places.items()}

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether some value of some field satisfies ``predicate``."""
        wanted = [(predicate.op, str(value)) for value in predicate.values]
        mask = np.zeros(len(self._fields), dtype=np.bool_)
        if not predicate.cased and self._keywords.all.known.issuperset(wanted):
            # A literal is in some member of a value if and only if it is in the value.
            for literal in wanted:
                mask[self.places.get(literal, _NOWHERE)] = True
        elif (holds := self._fields.texts.mask(predicate)) is not False:
            mask[self._fields.places[holds]] = True
        return mask if mask.any() else False


def found(literals: Literals, texts: pa.Array) -> dict[Literal, Places]:
    """Return for each literal that occurs the numbers of the texts in which it does."""
    found: dict[Literal, list[Places]] = {}
    for start in range(0, len(texts), _STEP):
        for literal, places in Texts(texts.slice(start, _STEP), literals).places.items():
            found.setdefault(literal, []).append(start + places)
    return {literal: np.concatenate(places) for literal, places in found.items()}

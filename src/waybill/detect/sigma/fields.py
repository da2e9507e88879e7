"""Takes the fields of sources out of the map column, for all rows at once.

The keys of all maps are encoded and sorted by log source and key, after which every field of every log source is one
contiguous run of entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pyarrow as pa

from waybill.detect.sigma.columns import Codes, Mask, Rows, TextColumn, one_chunk, text_column, validity
from waybill.detect.sigma.literals import Literal, Literals, Places
from waybill.detect.sigma.predicates import Predicate
from waybill.detect.sigma.texts import Texts

_STEP = 1 << 15
"""Values in which keywords are looked for at once: few enough to stay in the processor's cache."""

_NOWHERE: Places = np.empty(0, dtype=np.int64)


class SourceFields:
    """The map column ``fields`` of some rows, each of which belongs to one numbered group (its log source)."""

    def __init__(self, fields: pa.ChunkedArray | pa.Array, group_of_row: Codes) -> None:
        maps = one_chunk(fields)
        offsets = maps.offsets.to_numpy()
        lengths = np.where(validity(maps), np.diff(offsets), 0)
        self._items = maps.items
        keys, entry = maps.keys, None
        row_of_entry = np.repeat(np.arange(len(maps), dtype=np.int32), lengths)
        if len(row_of_entry) != len(keys):  # a slice of more rows, or maps that are null but not empty
            first = offsets[:-1] - np.concatenate(([0], np.cumsum(lengths)[:-1]))
            entry = np.arange(len(row_of_entry)) + first[row_of_entry]
            keys = keys.take(pa.array(entry))
        keys = keys.dictionary_encode()
        self._names = {name: number for number, name in enumerate(keys.dictionary.to_pylist())}
        first_place = group_of_row.astype(np.int64) * len(self._names)
        if first_place.max(initial=0) + len(self._names) < 2**16:
            first_place = first_place.astype(np.uint16)  # which is sorted by radix
        places = first_place[row_of_entry] + keys.indices.to_numpy().astype(first_place.dtype)
        order = np.argsort(places, kind="stable")
        self._places, self._rows = places[order], row_of_entry[order]
        self._entries = order if entry is None else entry[order]

    def column(self, group: int, name: str, row_in_group: Rows, size: int, literals: Literals) -> TextColumn | None:
        """Return one field of the rows of ``group``, in which literals are looked for, or None where no row has it.

        ``row_in_group`` gives the number of each row among the ``size`` rows of its group.
        """
        number = self._names.get(name)
        if number is None:
            return None
        place = group * len(self._names) + number
        run = self._run(place, place + 1)
        if run.start == run.stop:
            return None
        entries = text_column(self._values(run).dictionary_encode())
        codes = np.full(size, len(entries.distinct), dtype=np.int32)
        codes[row_in_group[self._rows[run]]] = entries.codes
        return TextColumn(entries.distinct, codes, literals)

    def all_values(self, group: int, row_in_group: Rows, size: int, literals: Literals) -> AnyField:
        """Return every value of every field of the rows of ``group``, in which keywords are looked for."""
        run = self._run(group * len(self._names), (group + 1) * len(self._names))
        return AnyField(self._items, self._entries[run], row_in_group[self._rows[run]], size, literals)

    def _run(self, first: int, last: int) -> slice:
        return slice(*np.searchsorted(self._places, np.array([first, last], self._places.dtype)))

    def _values(self, run: slice) -> pa.Array:
        return self._items.take(pa.array(self._entries[run]))


class AnyField:
    """All values of some rows, whatever the field, as keywords look for them."""

    def __init__(self, items: pa.Array, entries: Rows, row_of_entry: Rows, size: int, literals: Literals) -> None:
        self._items = items
        self._entries = entries
        self._rows = row_of_entry
        self._size = size
        self._literals = literals

    @cached_property
    def places(self) -> Mapping[Literal, Places]:
        """For each literal that rules look for and that occurs, the numbers of the entries in which it does."""
        found: dict[Literal, list[Places]] = {}
        for start in range(0, len(self._entries), _STEP):
            values = self._items.take(pa.array(self._entries[start : start + _STEP]))
            for literal, places in Texts(values.fill_null(""), self._literals).places.items():
                found.setdefault(literal, []).append(start + places)
        return {literal: np.concatenate(places) for literal, places in found.items()}

    @cached_property
    def _column(self) -> TextColumn:
        return text_column(self._items.take(pa.array(self._entries)).dictionary_encode())

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether some value of some field satisfies ``predicate``."""
        wanted = [(predicate.op, str(value)) for value in predicate.values]
        if not predicate.cased and all(self._literals.knows(*literal) for literal in wanted):
            # A literal is in some member of a value if and only if it is in the value.
            found: Mask | Places = np.concatenate([_NOWHERE, *(self.places.get(one, _NOWHERE) for one in wanted)])
        else:
            found = self._column.mask(predicate)
        if found is False:
            return False
        mask = np.zeros(self._size, dtype=np.bool_)
        mask[self._rows[found]] = True
        return mask

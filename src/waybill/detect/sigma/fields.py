"""Takes the fields of sources out of the map column, for all rows at once.

The keys of all maps are encoded and sorted by log source and key, after which every field of every log source is one
contiguous run of entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from waybill.detect.sigma.columns import Codes, Mask, Rows, TextColumn, one_chunk, text_column, validity
from waybill.detect.sigma.literals import LITERAL, Literal, Literals, Places
from waybill.detect.sigma.predicates import Predicate
from waybill.detect.sigma.texts import Texts


class SourceFields:
    """The map column ``fields`` of some rows, each of which belongs to one numbered group (its log source)."""

    def __init__(self, fields: pa.ChunkedArray | pa.Array, group_of_row: Codes) -> None:
        maps = one_chunk(fields)
        offsets = maps.offsets.to_numpy()
        lengths = np.where(validity(maps), np.diff(offsets), 0)
        row_of_entry = np.repeat(np.arange(len(maps), dtype=np.int32), lengths)
        first = offsets[:-1] - np.concatenate(([0], np.cumsum(lengths)[:-1]))
        entry = np.arange(len(row_of_entry)) + first[row_of_entry]
        keys = maps.keys.take(pa.array(entry)).dictionary_encode()
        self._items = maps.items
        self._names = {name: number for number, name in enumerate(keys.dictionary.to_pylist())}
        place = (group_of_row.astype(np.int64) * len(self._names))[row_of_entry] + keys.indices.to_numpy()
        order = np.argsort(_narrow(place), kind="stable")
        self._places, self._rows, self._entries = place[order], row_of_entry[order], entry[order]

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
        values, rows = self._values(run), row_in_group[self._rows[run]]
        if values.null_count:
            rows, values = rows[validity(values)], values.drop_null()
        return AnyField(values, rows, size, literals)

    def _run(self, first: int, last: int) -> slice:
        return slice(*np.searchsorted(self._places, (first, last)))

    def _values(self, run: slice) -> pa.Array:
        return self._items.take(pa.array(self._entries[run]))


class AnyField:
    """All values of some rows, whatever the field, as keywords look for them."""

    def __init__(self, entries: pa.Array, row_of_entry: Rows, size: int, literals: Literals) -> None:
        self._entries = entries
        self._rows = row_of_entry
        self._size = size
        self._literals = literals
        self._texts = Texts(entries, literals)

    @property
    def places(self) -> Mapping[Literal, Places]:
        """For each literal that rules look for and that occurs, the numbers of the values in which it does."""
        return self._texts.places

    @cached_property
    def _distinct(self) -> TextColumn:
        return text_column(self._entries.dictionary_encode())

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether some value of some field satisfies ``predicate``."""
        # A literal is found in the members of a value if and only if it is found in the value.
        known = predicate.op in LITERAL and not predicate.cased
        found = self._texts.table(predicate) if known else self._distinct.mask(predicate)
        if found is None or found is False:
            return False
        mask = np.zeros(self._size, dtype=np.bool_)
        mask[self._rows[found]] = True
        return mask


def _narrow(places: Rows) -> npt.NDArray[np.generic]:
    """Return the same numbers in 16 bits where they fit, since those are sorted by radix."""
    return places.astype(np.uint16) if len(places) and places.max() < 2**16 else places

"""Takes the fields of sources out of the map column, for all rows at once.

The keys of all maps are encoded and sorted by log source and key, after which every field of every log source is one
contiguous run of entries.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from waybill.detect.sigma.columns import Mask, Rows, TextColumn, one_chunk, validity
from waybill.detect.sigma.literals import Literals
from waybill.detect.sigma.predicates import Predicate


class SourceFields:
    """The map column ``fields`` of some rows, each of which belongs to one numbered group (its log source)."""

    def __init__(self, fields: pa.ChunkedArray | pa.Array, group_of_row: Rows) -> None:
        maps = one_chunk(fields)
        offsets = maps.offsets.to_numpy().astype(np.int64)
        lengths = np.where(validity(maps), np.diff(offsets), 0)
        row_of_entry = np.repeat(np.arange(len(maps), dtype=np.int64), lengths)
        first = np.repeat(offsets[:-1] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        entry = first + np.arange(len(row_of_entry), dtype=np.int64)
        keys = maps.keys.take(pa.array(entry)).dictionary_encode()
        self._items = maps.items
        self._names = {name: number for number, name in enumerate(keys.dictionary.to_pylist())}
        self._group_of_row = group_of_row
        place = group_of_row[row_of_entry] * max(1, len(self._names)) + keys.indices.to_numpy()
        order = np.argsort(_narrow(place), kind="stable")
        self._places, self._rows, self._entries = place[order], row_of_entry[order], entry[order]

    def column(self, group: int, name: str, row_in_group: Rows, size: int) -> TextColumn | None:
        """Return one field of the rows of ``group``, or None where no row has it.

        ``row_in_group`` gives the number of each row among the ``size`` rows of its group.
        """
        number = self._names.get(name)
        if number is None:
            return None
        place = group * len(self._names) + number
        run = self._run(place, place + 1)
        if run.start == run.stop:
            return None
        values, codes_of_entries = self._encoded(run)
        codes = np.full(size, len(values), dtype=np.int64)
        codes[row_in_group[self._rows[run]]] = codes_of_entries
        return TextColumn(values, codes)

    def all_values(self, group: int, row_in_group: Rows, size: int, literals: Literals | None) -> AnyField:
        """Return every value of every field of the rows of ``group``, and what keywords look for in them."""
        run = self._run(group * len(self._names), (group + 1) * len(self._names))
        return AnyField(TextColumn(*self._encoded(run), literals), row_in_group[self._rows[run]], size)

    def _run(self, first: int, last: int) -> slice:
        return slice(*np.searchsorted(self._places, (first, last)))

    def _encoded(self, run: slice) -> tuple[list[str], Rows]:
        items = self._items.take(pa.array(self._entries[run])).cast(pa.string()).dictionary_encode()
        values: list[str] = items.dictionary.to_pylist()
        return values, items.indices.cast(pa.int64()).fill_null(len(values)).to_numpy()


class AnyField:
    """All values of some rows, whatever the field, as keywords look for them."""

    def __init__(self, entries: TextColumn, row_of_entry: Rows, size: int) -> None:
        self._entries = entries
        self._rows = row_of_entry
        self._size = size

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether some value of some field satisfies ``predicate``."""
        found = self._entries.mask(predicate)
        if found is False:
            return False
        mask = np.zeros(self._size, dtype=np.bool_)
        mask[self._rows[found]] = True
        return mask


def _narrow(places: Rows) -> npt.NDArray[np.generic]:
    """Return the same numbers in 16 bits where they fit, since those are sorted by radix."""
    return places.astype(np.uint16) if len(places) and places.max() < 2**16 else places

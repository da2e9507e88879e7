"""Takes the fields of sources out of the map column, for all rows at once.

The keys of all maps are encoded and sorted by log source and key, after which every field of every log source is one
contiguous run of entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
        self._valid = validity(maps)
        self._offsets = offsets = maps.offsets.to_numpy()
        lengths = np.where(self._valid, np.diff(offsets), 0)
        self._items = maps.items
        keys, entry = maps.keys, None
        row_of_entry = np.repeat(np.arange(len(maps), dtype=np.int32), lengths)
        if len(row_of_entry) != len(keys):  # a slice of more rows, or maps that are null but not empty
            first = offsets[:-1] - np.concatenate(([0], np.cumsum(lengths)[:-1]))
            entry = np.arange(len(row_of_entry)) + first[row_of_entry]
            keys = keys.take(pa.array(entry))
        keys = encoded(keys)
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
        entries = text_column(encoded(self._values(run)))
        codes = np.full(size, len(entries.distinct), dtype=np.int32)
        codes[row_in_group[self._rows[run]]] = entries.codes
        return TextColumn(entries.distinct, codes, literals)

    def rows_with(self, literals: Literals) -> Mapping[Literal, Rows]:
        """Return for each literal the rows, of any group, in some value of which it occurs."""
        first, last = int(self._offsets[0]), int(self._offsets[-1])
        values = self._items.slice(first, last - first)
        rows: dict[Literal, Rows] = {}
        found = _found_encoded if _is_encoded(values) else _found_plain
        for literal, places in found(literals, values).items():
            held = np.searchsorted(self._offsets, first + places, side="right") - 1
            rows[literal] = held[self._valid[held]]
        return rows

    def all_values(self, group: int, row_in_group: Rows, size: int, keywords: Keywords) -> AnyField:
        """Return every value of every field of the rows of ``group``, in which keywords are looked for."""
        run = self._run(group * len(self._names), (group + 1) * len(self._names))
        return AnyField(self._items, self._entries[run], row_in_group[self._rows[run]], size, keywords)

    def _run(self, first: int, last: int) -> slice:
        return slice(*np.searchsorted(self._places, np.array([first, last], self._places.dtype)))

    def _values(self, run: slice) -> pa.Array:
        return self._items.take(pa.array(self._entries[run]))


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

    def __init__(self, items: pa.Array, entries: Rows, row_of_entry: Rows, size: int, keywords: Keywords) -> None:
        self._items = items
        self._entries = entries
        self._row_of_entry = row_of_entry
        self._size = size
        self._keywords = keywords

    @cached_property
    def places(self) -> Mapping[Literal, Rows]:
        """For each literal that rules look for and that occurs, the rows in which it does."""
        rest = self._keywords.rest
        found = _found(rest, self._taken, len(self._entries)) if rest.known else {}
        return {**self._keywords.found, **{one: self._row_of_entry[entries] for one, entries in found.items()}}

    def _taken(self, start: int, count: int) -> pa.Array:
        values = self._items.take(pa.array(self._entries[start : start + count]))
        return values.dictionary_decode() if _is_encoded(values) else values

    @cached_property
    def _column(self) -> TextColumn:
        return text_column(encoded(self._items.take(pa.array(self._entries))))

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether some value of some field satisfies ``predicate``."""
        wanted = [(predicate.op, str(value)) for value in predicate.values]
        mask = np.zeros(self._size, dtype=np.bool_)
        if not predicate.cased and self._keywords.all.known.issuperset(wanted):
            # A literal is in some member of a value if and only if it is in the value.
            for literal in wanted:
                mask[self.places.get(literal, _NOWHERE)] = True
        elif (found := self._column.mask(predicate)) is not False:
            mask[self._row_of_entry[found]] = True
        return mask if mask.any() else False


def _is_encoded(values: pa.Array) -> bool:
    return bool(pa.types.is_dictionary(values.type))


def encoded(values: pa.Array) -> pa.DictionaryArray:
    """Return texts dictionary-encoded, with those that occur in the dictionary."""
    if not _is_encoded(values):
        return values.dictionary_encode()
    numbers = values.indices.dictionary_encode()
    return pa.DictionaryArray.from_arrays(numbers.indices, values.dictionary.take(numbers.dictionary))


def _found_plain(literals: Literals, values: pa.Array) -> dict[Literal, Places]:
    return _found(literals, values.slice, len(values))


def _found_encoded(literals: Literals, values: pa.DictionaryArray) -> dict[Literal, Places]:
    """Look at each distinct value once."""
    found = _found(literals, values.dictionary.slice, len(values.dictionary))
    nothing = len(values.dictionary)
    numbers, marked = values.indices.fill_null(nothing).to_numpy(), np.zeros(nothing + 1, np.bool_)
    for ones in found.values():
        marked[ones] = True
    places = np.flatnonzero(marked[numbers])
    held = numbers[places]
    return {literal: places[np.isin(held, ones)] for literal, ones in found.items()}


def _found(literals: Literals, values: Callable[[int, int], pa.Array], count: int) -> dict[Literal, Places]:
    """Return for each literal that occurs the numbers of the values in which it does; ``values`` gives some of them."""
    found: dict[Literal, list[Places]] = {}
    for start in range(0, count, _STEP):
        texts = Texts(values(start, _STEP).fill_null(""), literals)
        for literal, places in texts.places.items():
            found.setdefault(literal, []).append(start + places)
    return {literal: np.concatenate(places) for literal, places in found.items()}

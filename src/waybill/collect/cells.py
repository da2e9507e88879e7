"""The fields of a chunk, transposed once: each distinct text has a number, each column is an array of numbers.

Logs repeat themselves: of the values in a chunk of Windows events one in eight is new. So whatever is done to a value
is done once to each distinct one, and what is left to do for each row is arithmetic on arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from itertools import chain, count
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from waybill.collect.dictionary import Codes, Dictionary
from waybill.collect.scalars import Row, Scalar, text

Numbers = npt.NDArray[np.int64]
"""Numbers of rows or cells."""

Mask = npt.NDArray[np.bool_]

_UNEQUAL = frozenset({str, int, type(None)})
"""Types of which no two values are equal unless they are the same text; ``True`` and ``1.0`` are equal to ``1``."""


_INT64 = 2**63

_NOWHERE: Numbers = np.zeros(0, np.int64)
_NONE: Codes = np.zeros(0, np.int32)


Shape = tuple[str | None, ...]
"""The names of a row's fields, in order; None where a name that was replaced has become that of another field."""


class Shapes(dict[Shape, int]):
    """The number of each shape, given out as it is met."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[Shape] = []

    def __missing__(self, shape: Shape) -> int:
        self[shape] = number = len(self.shapes)
        self.shapes.append(shape)
        return number


class Cells:
    """The fields of flat rows. Rows with the same names in the same order have the same shape."""

    def __init__(self, dictionary: Dictionary, shapes: Shapes, shape_of_row: Codes, codes: Codes) -> None:
        self.dictionary = dictionary
        self.texts = dictionary.texts
        self._shapes = shapes
        self.shapes = shapes.shapes
        self.shape_of_row = shape_of_row
        self.codes = codes
        """The number of the text of each cell, row after row."""
        self.starts = np.zeros(len(self.shape_of_row) + 1, np.int64)
        """Where the cells of each row start, and the number of all cells."""
        np.cumsum(self._lengths()[self.shape_of_row], out=self.starts[1:])
        self.reshaped()

    @classmethod
    def from_rows(cls, parts: Iterable[tuple[list[Row], Collection[type]]]) -> Self:
        """Return the cells of rows, given as some after others with the types of their values."""
        dictionary, shapes = Dictionary(), Shapes()
        shapes_of_rows, codes = [_NONE], [_NONE]
        for rows, kinds in parts:
            shapes_of_rows.append(np.fromiter(map(shapes.__getitem__, map(tuple, rows)), np.int32, len(rows)))
            codes.append(_codes(dictionary, rows, kinds))
        return cls(dictionary, shapes, np.concatenate(shapes_of_rows), np.concatenate(codes))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.shape_of_row)

    def replaced(self) -> None:
        """Take notice that codes or shapes were replaced."""
        self._columns: dict[str, Codes] = {}
        self._words: dict[str, list[int]] = {}
        self._templates: dict[str, Codes] = {}

    def reshaped(self) -> None:
        """Take notice that rows have other shapes."""
        self.__dict__.pop("_places", None)
        self.__dict__.pop("names", None)
        self.replaced()

    @cached_property
    def _places(self) -> list[dict[str | None, int]]:
        """For each shape, the place of each name."""
        return [dict(zip(shape, count())) for shape in self.shapes]

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that a field of any row has."""
        return frozenset(name for name in {*chain.from_iterable(self.shapes)} if name is not None)

    def keep(self, rows: Numbers) -> None:
        """Forget all rows but these."""
        kept = np.zeros(len(self), bool)
        kept[rows] = True
        lengths = np.diff(self.starts)
        self.codes = self.codes[self.of_rows(kept)]
        self.shape_of_row = self.shape_of_row[rows]
        self.starts = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(lengths[rows], out=self.starts[1:])
        self.replaced()

    def reshape(self, groups: Numbers, arrangements: Sequence[tuple[Shape, Sequence[int]]]) -> None:
        """Give each row the arrangement of its group: other names, and for each of them the place of its old cell."""
        lengths = np.array([len(places) for _, places in arrangements], np.int64)
        begins = np.concatenate(([0], np.cumsum(lengths)))
        places = np.fromiter(chain.from_iterable(places for _, places in arrangements), np.int64, begins[-1])
        in_rows = lengths[groups]
        old, self.starts = self.starts, np.concatenate(([0], np.cumsum(in_rows)))
        within = np.arange(self.starts[-1]) - np.repeat(self.starts[:-1] - begins[groups], in_rows)
        self.codes = self.codes[np.repeat(old[:-1], in_rows) + places[within]]
        self.shape_of_row = np.array([self._shapes[shape] for shape, _ in arrangements], np.int32)[groups]
        self.reshaped()

    def rename(self, row: int, names: dict[str, str]) -> None:
        """Give fields of a row other names; a field that had one of those before is lost. Call ``reshaped`` at last."""
        shape = list(self.shapes[self.shape_of_row[row]])
        for name, new in names.items():
            place = shape.index(name)
            shape = [None if other == new else other for other in shape]
            shape[place] = new
        self.shape_of_row[row] = self._shapes[tuple(shape)]

    def column(self, path: str) -> Codes:
        """Return one field of every row."""
        if path not in self._columns:
            self._columns[path] = column = np.zeros(len(self), np.int32)
            rows, cells = self.places(path)
            column[rows] = self.codes[cells]
        return self._columns[path]

    def places(self, path: str) -> tuple[Numbers, Numbers]:
        """Return the rows that have a field, and its cell in each."""
        if path not in self.names:
            return _NOWHERE, _NOWHERE
        places = np.array([shape.get(path, -1) for shape in self._places])
        place_of_row = places[self.shape_of_row]
        rows = np.flatnonzero(place_of_row >= 0)
        return rows, self.starts[rows] + place_of_row[rows]

    def filled(self, template: str, parts: Sequence[str], paths: Sequence[str]) -> Codes:
        """Return a template filled in for every row: ``parts`` of text around the fields at ``paths``."""
        if template not in self._templates:
            self._templates[template] = self._filled(parts, [self.column(path) for path in paths])
        return self._templates[template]

    def _filled(self, parts: Sequence[str], columns: Sequence[Codes]) -> Codes:
        firsts, groups = grouped(columns, len(self))
        made = []
        for row in firsts.tolist():
            values = [self.texts[column[row]] for column in columns]
            made.append(0 if None in values else self.dictionary[_joined(parts, values)])
        return np.array(made, np.int32)[groups]

    def used(self, codes: Codes) -> list[int]:
        """Return the distinct numbers among some, without that of none."""
        return _used(codes, len(self.texts))

    def translated(self, codes: Codes, function: Callable[[str], Scalar]) -> Codes:
        """Return numbers with ``function`` applied to each distinct text."""
        used = self.used(codes)
        made = [self.dictionary[text(function(self.texts[code] or ""))] for code in used]
        table = np.zeros(len(self.texts), np.int32)
        table[used] = made
        return table[codes]

    def where_field(self, path: str, test: Callable[[str], bool]) -> Mask:
        """Return in which rows ``test`` holds for the text of a field."""
        column = self.column(path)
        if path not in self._words:
            self._words[path] = self.used(column)
        return self._where(column, self._words[path], test)

    def where(self, codes: Codes, test: Callable[[str], bool]) -> Mask:
        """Return where ``test`` holds for the text; it never does for none."""
        return self._where(codes, self.used(codes), test)

    def _where(self, codes: Codes, used: list[int], test: Callable[[str], bool]) -> Mask:
        fulfil = [code for code in used if test(self.texts[code] or "")]
        if len(fulfil) == 1:
            only: Mask = codes == fulfil[0]
            return only
        table = np.zeros(len(self.texts), bool)
        table[fulfil] = True
        return table[codes]

    def values(self, codes: Codes) -> list[str | None]:
        """Return the texts of numbers."""
        return [self.texts[code] for code in codes.tolist()]

    def encoded(self, codes: Codes) -> pa.DictionaryArray:
        """Return a column of texts, dictionary-encoded; none is null."""
        return _encoded(codes, self.texts)

    def rows_with(self, cells: Mask) -> Mask:
        """Return which rows have any of these cells."""
        before = np.concatenate(([0], np.cumsum(cells)))[self.starts]
        return before[1:] > before[:-1]

    def of_rows(self, rows: Mask) -> Mask:
        """Return the cells of some rows."""
        return np.repeat(rows, np.diff(self.starts))

    def as_map(self, left_out: frozenset[str]) -> pa.MapArray:
        """Return all fields of each row as a map column, but those left out and those that are null."""
        maps = self.as_encoded_map(left_out)
        return pa.MapArray.from_arrays(maps.offsets, maps.keys.dictionary_decode(), maps.items.dictionary_decode())

    def as_encoded_map(self, left_out: frozenset[str] = frozenset()) -> pa.MapArray:
        """Return the same with names and texts dictionary-encoded, for who looks at each distinct one once."""
        names = [None, *self.names]
        number = {name: 0 if name in left_out else place for place, name in enumerate(names)}
        firsts = np.concatenate(([0], np.cumsum(self._lengths())))
        numbers = np.fromiter(map(number.__getitem__, chain.from_iterable(self.shapes)), np.int32, firsts[-1])
        in_shapes = np.repeat(firsts[self.shape_of_row] - self.starts[:-1], np.diff(self.starts))
        keys, codes = numbers[in_shapes + np.arange(len(self.codes))], self.codes
        kept = (keys != 0) & (codes != 0)
        offsets = np.concatenate(([0], np.cumsum(kept)))[self.starts].astype(np.int32)
        if not kept.all():
            keys, codes = keys[kept], codes[kept]
        return pa.MapArray.from_arrays(pa.array(offsets), _encoded(keys, names), self.encoded(codes))

    def _lengths(self) -> Numbers:
        """Return how many fields each shape has."""
        return np.fromiter(map(len, self.shapes), np.int64, len(self.shapes))


def _codes(dictionary: Dictionary, rows: list[Row], kinds: Collection[type]) -> Codes:
    values: Iterable[Scalar] = chain.from_iterable(map(dict.values, rows))
    if not _UNEQUAL.issuperset(kinds):
        values = [value if (kind := type(value)) is str or kind is int else text(value) for value in values]
    return dictionary.numbers(values, sum(map(len, rows)))


def grouped(columns: Sequence[Codes | Numbers], rows: int) -> tuple[Numbers, Numbers]:
    """Number rows by what they hold in some columns; return the first row of each number, and each row's number."""
    keys = np.zeros(rows, np.int64)
    for column in columns:
        span = int(column.max(initial=0)) + 1
        if int(keys.max(initial=0)) * span >= _INT64:
            _, keys = np.unique(keys, return_inverse=True)
        keys = keys * span + column
    _, firsts, groups = np.unique(keys, return_index=True, return_inverse=True)
    return firsts, groups


def _joined(parts: Sequence[str], values: Sequence[str | None]) -> str:
    return "".join([part + (value or "") for part, value in zip(parts, [*values, ""], strict=True)])


def _used(numbers: Codes, count: int) -> list[int]:
    there = np.zeros(count, bool)
    there[numbers] = True
    there[0] = False
    found: list[int] = np.flatnonzero(there).tolist()
    return found


def _encoded(numbers: Codes, words: Sequence[str | None]) -> pa.DictionaryArray:
    """Return words as a column whose dictionary holds none but those that are used: the others may name people."""
    used = _used(numbers, len(words))
    table = np.zeros(len(words), np.int32)
    table[used] = np.arange(len(used))
    indices = pa.array(table[numbers], mask=None if numbers.all() else numbers == 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array([words[number] for number in used], pa.string()))

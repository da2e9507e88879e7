"""Columns as predicates see them: distinct values, and for each row which of them it holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.sigma.literals import NO_LITERALS, Codes, Literal, Literals, Places, letters
from waybill.detect.sigma.predicates import COMPARISONS, RELATIONS, Op, Predicate, Table, fold, part_of
from waybill.detect.sigma.texts import Texts
from waybill.model.transfers import SEPARATOR

Mask: TypeAlias = Table | bool
"""Truth for each row, or one truth for all rows."""

Rows: TypeAlias = npt.NDArray[np.int64]


class Column(Protocol):
    """The values of one field in some rows."""

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether some member of its value satisfies ``predicate``."""

    @property
    def text(self) -> TextColumn:
        """The same values as texts."""


class TextColumn:
    """Texts, several of them joined by the model's separator; ``codes`` beyond the last distinct one mean null."""

    def __init__(self, distinct: pa.Array, codes: Codes, literals: Literals) -> None:
        self.distinct = distinct
        self.codes = codes
        self._literals = literals

    @property
    def text(self) -> TextColumn:
        """This column itself."""
        return self

    @cached_property
    def values(self) -> list[str]:
        """The distinct texts."""
        values: list[str] = self.distinct.to_pylist()
        return values

    @property
    def places(self) -> Mapping[Literal, Places]:
        """For each literal that rules look for and that occurs, the numbers of the texts in which it does."""
        return self._texts.places

    @cached_property
    def _members(self) -> pa.ListArray | None:
        """The members of each distinct text, or None where all have but one."""
        has_several = SEPARATOR.encode() in bytes(letters(self.distinct))
        return pc.split_pattern(self.distinct, SEPARATOR) if has_several else None

    @cached_property
    def _numbered(self) -> pa.DictionaryArray:
        """All members in a row, by their distinct texts."""
        members: pa.ListArray = self._members
        return members.flatten().dictionary_encode()

    @cached_property
    def _texts(self) -> Texts:
        return Texts(self.distinct if self._members is None else self._numbered.dictionary, self._literals)

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether some member of its value satisfies ``predicate``."""
        if not len(self.distinct):
            return False
        if predicate.op is Op.EXISTS:
            return self.codes < len(self.distinct)
        table = self._texts.table(predicate)
        if table is None or not table.any():
            return False
        if self._members is not None:
            starts = self._members.offsets.to_numpy()[:-1]
            table = np.logical_or.reduceat(table[self._numbered.indices.to_numpy()], starts)
        of_codes = np.zeros(len(table) + 1, np.bool_)
        of_codes[:-1] = table
        mask: Table = of_codes.take(self.codes)
        return mask

    def relation(self, predicate: Predicate, other: TextColumn) -> Mask:
        """Return for each row whether a member here stands in the predicate's relation to a member of ``other``."""
        holds = RELATIONS[predicate.op]
        width = len(other.values) + 1
        pairs, place = np.unique(self.codes.astype(np.int64) * width + other.codes, return_inverse=True)
        table = np.zeros(len(pairs), dtype=np.bool_)
        for number, pair in enumerate(pairs.tolist()):
            here, there = divmod(pair, width)
            if here < len(self.values) and there < len(other.values):
                theirs = fold(other.values[there]).split(SEPARATOR)
                ours = fold(self.values[here]).split(SEPARATOR)
                table[number] = any(holds(one, two) for one in ours for two in theirs)
        return table[place]

    def at(self, row: int) -> str | None:
        """Return the value of one row, or None."""
        code = int(self.codes[row])
        value: str | None = self.distinct[code].as_py() if code < len(self.distinct) else None
        return value


class NumberColumn:
    """Numbers, compared as they are; ``valid`` tells which rows have one."""

    def __init__(
        self, numbers: npt.NDArray[np.int64] | npt.NDArray[np.float64], valid: Table, literals: Literals
    ) -> None:
        self._numbers = numbers
        self._valid = valid
        self._literals = literals

    @cached_property
    def text(self) -> TextColumn:
        """The numbers as a log would write them."""
        distinct, codes = np.unique(self._numbers, return_inverse=True)
        values = [str(number).removesuffix(".0") for number in distinct.tolist()]
        return TextColumn(pa.array(values, pa.string()), np.where(self._valid, codes, len(values)), self._literals)

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether its number satisfies ``predicate``."""
        if predicate.op is Op.EXISTS:
            return self._valid
        if predicate.op not in COMPARISONS or predicate.part:
            return self.text.mask(predicate)
        return _compared(self._numbers, predicate) & self._valid


class TimeColumn:
    """Moments in UTC, given as microseconds since 1970; parts of them compare as numbers."""

    def __init__(self, microseconds: npt.NDArray[np.int64], valid: Table, literals: Literals) -> None:
        self._moments = microseconds
        self._valid = valid
        self._literals = literals

    @cached_property
    def text(self) -> TextColumn:
        """The moments by ISO 8601."""
        distinct, codes = np.unique(self._moments, return_inverse=True)
        values = [moment.isoformat() for moment in pa.array(distinct).cast(pa.timestamp("us", tz="UTC")).to_pylist()]
        return TextColumn(pa.array(values, pa.string()), np.where(self._valid, codes, len(values)), self._literals)

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether its moment satisfies ``predicate``."""
        if predicate.op is Op.EXISTS:
            return self._valid
        if not predicate.part:
            return self.text.mask(predicate)
        # A minute is the finest part that a rule can ask for, so the calendar is asked once per distinct minute.
        minutes, codes = np.unique(self._moments // 60_000_000, return_inverse=True)
        moments = pa.array(minutes * 60).cast(pa.timestamp("s", tz="UTC")).to_pylist()
        parts = np.array([part_of(moment, predicate.part) for moment in moments], dtype=np.int64)
        return _compared(parts, predicate)[codes] & self._valid


def _compared(numbers: npt.NDArray[np.int64] | npt.NDArray[np.float64], predicate: Predicate) -> Table:
    compare = _NUMPY[predicate.op]
    mask = np.zeros(len(numbers), dtype=np.bool_)
    for value in predicate.values:
        mask |= compare(numbers, value)
    return mask


_NUMPY = {
    Op.NUMBER: np.equal,
    Op.LESS: np.less,
    Op.LESS_OR_EQUAL: np.less_equal,
    Op.GREATER: np.greater,
    Op.GREATER_OR_EQUAL: np.greater_equal,
}


def column_of(values: pa.ChunkedArray | pa.Array, literals: Literals = NO_LITERALS) -> Column:
    """Return an Arrow column of text, numbers or moments as predicates see it; ``literals`` are looked for in it."""
    array = one_chunk(values)
    if pa.types.is_timestamp(array.type):
        moments = array.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
        return TimeColumn(moments.fill_null(0).to_numpy(), validity(array), literals)
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type):
        return NumberColumn(array.fill_null(0).to_numpy(), validity(array), literals)
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    elif len(array.dictionary) > len(array) or array.dictionary.null_count:  # a slice of much more, or odd nulls
        array = array.dictionary_decode().dictionary_encode()
    return text_column(array, literals)


def text_column(array: pa.DictionaryArray, literals: Literals = NO_LITERALS) -> TextColumn:
    """Return an encoded Arrow column of text as predicates see it; ``literals`` are looked for in it."""
    codes = array.indices.fill_null(len(array.dictionary)) if array.null_count else array.indices
    return TextColumn(array.dictionary, codes.to_numpy(), literals)


def one_chunk(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column as one array with one dictionary."""
    if not isinstance(values, pa.ChunkedArray):
        return values
    if values.num_chunks == 1:
        return values.chunk(0)
    return values.unify_dictionaries().combine_chunks()


def validity(array: pa.Array) -> Table:
    """Return for each row whether it holds a value."""
    valid: Table = array.is_valid().to_numpy(zero_copy_only=False)
    return valid


def raw_column(raw: pa.ChunkedArray | pa.Array, literals: Literals) -> TextColumn:
    """Return the raw records as text, each as one value."""
    records = [(record or b"").decode("utf-8", "replace") for record in one_chunk(raw).to_pylist()]
    return TextColumn(pa.array(records, pa.string()), np.arange(len(records)), literals)

"""Values to typed Arrow columns, and the rows whose value does not fit the column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from waybill.collect.expressions import Scalar, text
from waybill.model import transfers

_INT64 = 2**63

_EMPTY, _ZERO = pa.scalar(""), pa.scalar(0)
"""Made once: each time pyarrow makes a scalar it looks for a module that is not installed, which costs 0.1 ms."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot become a transfer. Never holds the value itself: it may name a person."""

    row: int
    field: str
    reason: str
    expected: str
    advice: str = ""


def text_column(values: Sequence[Scalar]) -> pa.Array:
    """Return a dictionary-encoded column of texts; empty texts are null."""
    try:
        column = pa.array(values, pa.string()).dictionary_encode()
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        column = pa.array([text(value) for value in values], pa.string()).dictionary_encode()
    if pc.any(pc.equal(column.dictionary, _EMPTY)).as_py():
        column = pa.array([text(value) or None for value in values], pa.string()).dictionary_encode()
    return column


def word_column(name: str, values: Sequence[Scalar], words: Collection[str]) -> tuple[pa.Array, list[Fault]]:
    """Return a column whose texts must be words of an enumeration."""
    column = text_column(values)
    unknown = [word for word in column.dictionary.to_pylist() if word not in words]
    if not unknown:
        return column, []
    expected = "one of " + ", ".join(sorted(words))
    rows = pc.indices_nonzero(pc.is_in(column.cast(pa.string()), pa.array(unknown, pa.string()))).to_pylist()
    return column, [Fault(row, name, f"not a word of {name!r}", expected) for row in rows]


def number_column(name: str, values: Sequence[Scalar], scale: float) -> tuple[pa.Array, list[Fault]]:
    """Return a column of numbers of the type that the table of transfers has for it; none is below 0."""
    type_ = transfers.COLLECTED.field(name).type
    column = _as_it_is(values, type_) if scale == 1 else None
    if column is None:
        return _one_by_one(name, values, scale, type_)
    return column, []


def _as_it_is(values: Sequence[Scalar], type_: pa.DataType) -> pa.Array | None:
    try:
        column = pa.array(values, type_)
    except (pa.ArrowTypeError, pa.ArrowInvalid, OverflowError):
        return None
    if len(column) == column.null_count:
        return column
    sound = pc.and_(pc.greater_equal(column, _ZERO), pc.is_finite(column))
    return column if pc.all(sound).as_py() else None


def _one_by_one(name: str, values: Sequence[Scalar], scale: float, type_: pa.DataType) -> tuple[pa.Array, list[Fault]]:
    numbers: list[int | float | None] = []
    faults = []
    for row, value in enumerate(values):
        number = None
        if value is not None and value != "":
            number = _number(value, scale, whole=pa.types.is_integer(type_))
            if number is None:
                expected = "a whole number from 0 to 2^63-1" if pa.types.is_integer(type_) else "a finite number from 0"
                faults.append(Fault(row, name, f"not a number for {name!r}", expected))
        numbers.append(number)
    return pa.array(numbers, type_), faults


def _number(value: Scalar, scale: float, *, whole: bool) -> int | float | None:
    """Return the scaled number, or None if it is none, not finite, negative or too large."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        exact = int(value) if isinstance(value, str) and whole else value
    except ValueError:
        exact = value
    try:
        number = (float(exact) if isinstance(exact, str) else exact) * scale
        if not 0 <= number < (_INT64 if whole else float("inf")):
            return None
        return int(number) if whole else float(number)
    except (ValueError, OverflowError):
        return None

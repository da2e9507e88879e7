"""Values to typed Arrow columns, and the rows whose value does not fit the column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.collect.cells import Cells
from waybill.collect.dictionary import Codes
from waybill.model import transfers

_INT64 = 2**63

_ZERO = pa.scalar(0)
"""Made once: each time pyarrow makes a scalar it looks for a module that is not installed, which costs 0.1 ms."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot become a transfer. Never holds the value itself: it may name a person."""

    row: int
    field: str
    reason: str
    expected: str
    advice: str = ""


def text_column(cells: Cells, codes: Codes) -> pa.Array:
    """Return a dictionary-encoded column of texts; empty texts are null."""
    return cells.encoded(np.where(codes == cells.dictionary.number_of(""), 0, codes))


def unknown_words(name: str, cells: Cells, codes: Codes, words: Collection[str]) -> list[Fault]:
    """Return the faults of rows whose text should be a word of an enumeration and is none."""
    unknown = cells.where(codes, lambda word: bool(word) and word not in words)
    if not unknown.any():
        return []
    expected = "one of " + ", ".join(sorted(words))
    return [Fault(row, name, f"not a word of {name!r}", expected) for row in np.flatnonzero(unknown).tolist()]


def number_column(name: str, values: Sequence[str | None], scale: float) -> tuple[pa.Array, list[Fault]]:
    """Return a column of numbers of the type that the table of transfers has for it; none is below 0."""
    type_ = transfers.COLLECTED.field(name).type
    column = _as_it_is(values, type_) if scale == 1 else None
    if column is None:
        return _one_by_one(name, values, scale, type_)
    return column, []


def _as_it_is(values: Sequence[str | None], type_: pa.DataType) -> pa.Array | None:
    """Return numbers that are written as such throughout, which Arrow reads at once; else None."""
    written = pa.array(values, pa.string())
    if pc.any(pc.match_substring(written, "x", ignore_case=True)).as_py():
        return None  # Arrow takes 0x10 for a number
    try:
        column = written.cast(type_)
    except pa.ArrowInvalid:
        return None
    sound = pc.and_(pc.greater_equal(column, _ZERO), pc.is_finite(column))
    return column if pc.all(sound).as_py() else None


def _one_by_one(
    name: str, values: Sequence[str | None], scale: float, type_: pa.DataType
) -> tuple[pa.Array, list[Fault]]:
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


def _number(value: str, scale: float, *, whole: bool) -> int | float | None:
    """Return the scaled number, or None if it is none, not finite, negative or too large."""
    try:
        try:
            exact: int | float = int(value) if whole else float(value)
        except ValueError:
            exact = float(value)
        number = exact * scale
        if not 0 <= number < (_INT64 if whole else float("inf")):
            return None
        return int(number) if whole else float(number)
    except (ValueError, OverflowError):
        return None

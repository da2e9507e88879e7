"""Coarser and coarser ways to write the values of a column: each puts together what the one before kept apart.

Dates go to months, years and decades, numbers to intervals, codes of one length lose characters from their end; of
other text, rare values are put together. At last a column is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_FLOOR, Decimal
from functools import partial
from typing import NamedTuple

import numpy as np

from waybill.content.anonymity.classes import NUMBER, Column, Numbers
from waybill.model.findings import Text

_DATE = re.compile(r"(\d{3})\d[-/.]\d{1,2}[-/.]\d{1,2}(?:[ T].*)?", re.ASCII)
_CODE = re.compile(r"[0-9A-Za-z]{4,12}", re.ASCII)
_WHOLE = 5
"""Digits from which whole numbers of one length are held to be codes."""

_INTERVALS = 6
"""How many widths of intervals are tried."""


class Step(NamedTuple):
    """One way to write a column."""

    text: Text
    """What is done to it; empty where nothing is."""
    numbers: Numbers
    """For each row the place of its value among those that are left."""
    bits: float
    """How much its values then say, in bits, if all were equally frequent."""


def ladder(column: Column, k: int) -> list[Step]:
    """Return the ways to write a column, first as it stands, last left out; none that changes nothing."""
    steps = [_step(Text("", ""), column, column.different)]
    for text, written in _ways(column, k):
        step = _step(text, column, [written(value) if value else "" for value in column.different])
        if step.bits < steps[-1].bits:
            steps.append(step)
    if steps[-1].bits > 0:
        steps.append(_step(Text("left out", "删除该列"), column, [""] * len(column.different)))
    return steps


def _step(text: Text, column: Column, written: Sequence[str]) -> Step:
    left, places = np.unique(np.array(written, dtype=object).astype(str), return_inverse=True)
    numbers = places.astype(np.int64)[column.numbers] if len(written) else column.numbers
    return Step(text, numbers, float(np.log2(max(1, len(left)))))


def _ways(column: Column, k: int) -> Iterator[tuple[Text, Callable[[str], str]]]:
    """Yield what is done to the values of a column that are not empty."""
    values = [value for value in column.different if value]
    length = len(values[0]) if values else 0
    if values and all(_DATE.fullmatch(value) for value in values):
        yield Text("by month", "精确到月"), _month
        yield Text("by year", "精确到年"), partial(_first, 4)
        yield Text("by decade", "精确到年代"), partial(_first, 3)
    elif values and all(map(_is_code, values)) and len(set(map(len, values))) == 1:
        for kept in range(length - 1, 0, -1):
            yield Text(f"its first {kept} characters", f"仅保留前 {kept} 位"), partial(_first, kept)
    elif values and all(NUMBER.fullmatch(value) for value in values):
        for width in _widths(values):
            size = f"{width.normalize():f}"
            yield Text(f"in steps of {size}", f"按 {size} 分段"), partial(_interval, width)
    else:
        counts = np.bincount(column.numbers, minlength=len(column.different))
        rare = {value for value, count in zip(column.different, counts.tolist(), strict=True) if count < k}
        yield Text(f"values of fewer than {k} rows put together", f"合并少于 {k} 行的取值"), partial(_common, rare)


def _is_code(value: str) -> bool:
    """Return whether a value is a code: not a word, nor a number that is too short to be one."""
    if not _CODE.fullmatch(value) or not any(letter.isdigit() for letter in value):
        return False
    return len(value) >= _WHOLE or value.startswith("0") or not value.isdigit()


def _month(value: str) -> str:
    year, month = re.split(r"[-/.]", value)[:2]
    return f"{year}-{int(month):02d}"


def _first(kept: int, value: str) -> str:
    return value[:kept]


def _interval(width: Decimal, value: str) -> str:
    return str((Decimal(value) / width).to_integral_value(ROUND_FLOOR))


def _common(rare: set[str], value: str) -> str:
    return "\0" if value in rare else value


def _widths(values: Sequence[str]) -> list[Decimal]:
    """Return widths of intervals, each a multiple of the one before: 1, 5, 10, 50 … of what the values span."""
    numbers = [Decimal(value) for value in values]
    span = max(numbers) - min(numbers)
    width, found = Decimal(1).scaleb(-9), list[Decimal]()
    while width < span:
        found.append(width)
        width *= 5 if len(found) % 2 else 2
    return found[-_INTERVALS:]

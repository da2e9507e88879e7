"""Rows of nobody for a table: like its rows, with right check digits, and values that are in no real row."""

from __future__ import annotations

import csv
import hashlib
import io
import random
import re
from typing import NamedTuple

from waybill.model.errors import UsageError

_NUMBER = re.compile(r"\+?\d[\d -]{4,}\d[\dX]?")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_LEAST_ROWS = 5


class Decoys(NamedTuple):
    """A table with rows of nobody in it."""

    content: bytes
    values: tuple[str, ...]
    """The values that are in no real row: whoever holds one of them holds this copy."""


def with_decoys(content: bytes, secret: bytes, delivery: str, count: int = 3) -> Decoys:
    """Return a CSV file with ``count`` more rows, in places that the delivery draws.

    Raises UsageError for what is no table in UTF-8, is too small, or has no column of numbers or addresses.
    """
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        raise UsageError("this is no table", expected="CSV in UTF-8 with a heading") from None
    if len(rows) <= _LEAST_ROWS:
        raise UsageError("the table is too small for decoys", expected=f"more than {_LEAST_ROWS} lines")
    header, *real = rows
    drawn = random.Random(hashlib.blake2b(delivery.encode(), key=secret).digest())  # noqa: S311 -- keyed: of the secret
    known = {cell for row in real for cell in row}
    values: list[str] = []
    for _ in range(count):
        row = [_like(drawn.choice(real)[number : number + 1], drawn, known, values) for number in range(len(header))]
        real.insert(drawn.randrange(len(real) + 1), row)
    if not values:
        raise UsageError("nothing in this table could tell a copy", expected="a column of numbers or e-mail addresses")
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows([header, *real])
    return Decoys(target.getvalue().encode(), tuple(values))


def _like(cells: list[str], drawn: random.Random, known: set[str], values: list[str]) -> str:
    """Return a value like that of a real row: a new one where it tells a row from others, else the same."""
    cell = cells[0] if cells else ""
    if not (_NUMBER.fullmatch(cell) or _ADDRESS.fullmatch(cell)):
        return cell
    for _ in range(100):
        new = _address(cell, drawn) if "@" in cell else _number(cell, drawn)
        if new not in known and new not in values:
            values.append(new)
            return new
    return cell


def _number(cell: str, drawn: random.Random) -> str:
    """Return a number of the same shape: its beginning, which says what it is, stays; its check digit is right."""
    places = [place for place, letter in enumerate(cell) if letter.isdigit()]
    letters = list(cell)
    for place in places[len(places) // 2 :]:
        letters[place] = str(drawn.randrange(10))
    new = "".join(letters)
    if len(cell) == 18 and len(places) >= 17 and cell[:17].isdigit():
        date = f"{drawn.randrange(1950, 2005)}{drawn.randrange(1, 13):02d}{drawn.randrange(1, 29):02d}"
        new = f"{cell[:6]}{date}{drawn.randrange(1000):03d}"
        return new + "10X98765432"[sum(int(d) * w for d, w in zip(new, _RESIDENT_WEIGHTS, strict=True)) % 11]
    return _with_luhn(new) if 12 <= len(places) <= 19 and cell.isdigit() and _luhn(cell) == 0 else new


def _address(cell: str, drawn: random.Random) -> str:
    name, _, domain = cell.partition("@")
    return "".join(drawn.choice("abcdefghijkmnprstuvwxyz") for _ in range(max(6, len(name)))) + "@" + domain


def _luhn(number: str) -> int:
    digits = [int(digit) for digit in reversed(number)]
    return sum(sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits)) % 10


def _with_luhn(number: str) -> str:
    return next(number[:-1] + digit for digit in "0123456789" if _luhn(number[:-1] + digit) == 0)

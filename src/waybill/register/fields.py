"""How a record of the register is written in a line of CSV, and read back.

The columns are exactly the fields of the structs in ``model.register``. Several values in one cell are separated
by ``;``, times are ISO 8601 with a zone, an empty cell is the field's default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from waybill.model.disclosures import Disclosure, Duty, Figure, Price, PriceRole, Stage, figure_name, plain
from waybill.model.register import Asset, Party, Permit, Place
from waybill.model.words import AssetKind, Channel, Grade, PartyKind

Record = Asset | Party | Place | Permit | Disclosure | Duty | Price

SEPARATOR = ";"
"""Between the values of one cell."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_ID = 200
_LONGEST_CELL = 10_000


class Kind(StrEnum):
    """The tables of the register; each is read from ``<kind>.csv``. In the order in which they may be stored."""

    PLACES = "places"
    ASSETS = "assets"
    PARTIES = "parties"
    PERMITS = "permits"
    DISCLOSURES = "disclosures"
    DUTIES = "duties"
    PRICES = "prices"

    @property
    def record(self) -> type[Record]:
        """The struct that a line of this file becomes."""
        return _RECORDS[self]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order in which they are written."""
        return self.record.__struct_fields__

    @property
    def required(self) -> frozenset[str]:
        """Columns that every file must have."""
        return _REQUIRED[self]


_RECORDS: dict[Kind, type[Record]] = {
    Kind.PLACES: Place,
    Kind.ASSETS: Asset,
    Kind.PARTIES: Party,
    Kind.PERMITS: Permit,
    Kind.DISCLOSURES: Disclosure,
    Kind.DUTIES: Duty,
    Kind.PRICES: Price,
}

_REQUIRED: dict[Kind, frozenset[str]] = {
    kind: frozenset(field.name for field in msgspec.structs.fields(record) if field.required)
    for kind, record in _RECORDS.items()
}


class CellError(Exception):
    """A cell cannot be read: ``column``, ``what`` is wrong, and what was ``expected``. It never quotes the cell."""

    def __init__(self, column: str, what: str, expected: str) -> None:
        super().__init__(what)
        self.column = column
        self.what = what
        self.expected = expected


@dataclass(frozen=True, slots=True)
class _Format:
    expected: str
    parse: Callable[[str], Any]


def _word(words: type[StrEnum]) -> _Format:
    return _Format("one of " + ", ".join(words), lambda text: words(text.casefold()))


def _matching(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError
        return text

    return parse


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _positive(text: str) -> Decimal:
    number = Decimal(_matching(r"[0-9]{1,12}(\.[0-9]{1,6})?")(text))
    if not number:
        raise ValueError
    return number


def _truth(text: str) -> bool:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.casefold()]


def _values(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in text.split(SEPARATOR) if value.strip()))


def _figures(text: str) -> tuple[Figure, ...]:
    figures = tuple(Figure.parse(part) for part in _values(text))
    if len({figure.name for figure in figures}) != len(figures):
        raise ValueError
    return tuple(sorted(figures))


def _names(text: str) -> tuple[str, ...]:
    names = tuple(figure_name(part) for part in _values(text))
    if not all(names):
        raise ValueError
    return names


_ID = _Format(f"at most {_LONGEST_ID} characters", _matching(rf".{{1,{_LONGEST_ID}}}"))
_TEXT = _Format(f"at most {_LONGEST_CELL} characters", _matching(rf".{{1,{_LONGEST_CELL}}}"))
_VALUES = _Format(f"values separated by {SEPARATOR}", _values)
_TRUTH = _Format("true or false", _truth)
_TIME = _Format("a time with its zone, such as 2026-03-01T00:00:00Z", _moment)
_AMOUNT = _Format("a whole number from 0 to 10^18", lambda text: int(_matching(r"[0-9]{1,18}")(text)))
_HOURS = _Format("a whole number of hours", lambda text: int(_matching(r"[0-9]{1,6}")(text)))
_POSITION = _Format("a number from 0", lambda text: int(_matching(r"[0-9]{1,15}")(text)))
_DAY = _Format("a day, such as 2026-03-01", lambda text: date.fromisoformat(_matching(r"\d{4}-\d\d-\d\d")(text)))
_FIGURES = _Format("figures such as deaths=3;direct_loss=1200000 CNY, each once", _figures)
_NUMBER = _Format("a number above 0, such as 1250.50", _positive)
_NAMES = _Format(f"names of figures separated by {SEPARATOR}", _names)
_COUNTRY = _Format("two letters of ISO 3166-1", lambda text: _matching("[A-Z]{2}")(text.upper()))

_FORMATS: dict[str, _Format] = {
    "id": _ID,
    "owner": _ID,
    "home": _ID,
    "org": _ID,
    "parent": _ID,
    "asset": _ID,
    "party": _ID,
    "place": _ID,
    "name": _Format("at most 400 characters", _matching(".{1,400}")),
    "basis": _TEXT,
    "grade": _word(Grade),
    "channel": _word(Channel),
    "jurisdiction": _COUNTRY,
    "public_interest": _TRUTH,
    "approved_egress": _TRUTH,
    "patterns": _VALUES,
    "roles": _VALUES,
    "aliases": _VALUES,
    "valid_from": _TIME,
    "valid_until": _TIME,
    "max_bytes": _AMOUNT,
    "max_records": _AMOUNT,
    "max_kilograms": _NUMBER,
    "end_use": _Format("at most 400 characters", _matching(".{1,400}")),
    "suspended_from": _TIME,
    "suspended_until": _TIME,
    "stage": _word(Stage),
    "event": _ID,
    "organisation": _ID,
    "made_at": _TIME,
    "day": _DAY,
    "site": _ID,
    "figures": _FIGURES,
    "due_at": _TIME,
    "document": _ID,
    "amends": _ID,
    "reason": _TEXT,
    "transfer": _Format("the id of a transfer, 32 hex digits", _matching("[0-9a-f]{32}")),
    "source": _TEXT,
    "file": _TEXT,
    "position": _POSITION,
    "instrument": _TEXT,
    "article": _TEXT,
    "kinds": _VALUES,
    "hours": _HOURS,
    "amend_hours": _HOURS,
    "applies_when": _NAMES,
    "certainty": _ID,
    "verified_on": _DAY,
    "role": _word(PriceRole),
    "item": _ID,
    "price": _NUMBER,
    "currency": _Format("three letters of ISO 4217", lambda text: _matching("[A-Z]{3}")(text.upper())),
    "quality": _ID,
    "quantity": _NUMBER,
}

_OF_KIND: dict[tuple[Kind, str], _Format] = {
    (Kind.ASSETS, "kind"): _word(AssetKind),
    (Kind.PARTIES, "kind"): _word(PartyKind),
    (Kind.DISCLOSURES, "kind"): _ID,
    (Kind.DUTIES, "figures"): _NAMES,
    (Kind.PRICES, "unit"): _ID,
}
"""Columns that mean something else in other tables."""


def _format(kind: Kind, column: str) -> _Format:
    return _OF_KIND.get((kind, column)) or _FORMATS[column]


def parse(kind: Kind, cells: Mapping[str, str]) -> Record:
    """Return the record that these cells, by column, describe. Raises CellError at the first that is wrong."""
    values: dict[str, Any] = {}
    for column, cell in cells.items():
        text = cell.strip()
        if _CONTROL.search(text):
            raise CellError(column, "The cell holds a control character or a line break.", "text on one line")
        if text:
            values[column] = _parse_cell(kind, column, text)
    for column in kind.columns:
        if column in kind.required and column not in values:
            raise CellError(column, "The cell is empty.", _format(kind, column).expected)
    record = kind.record(**values)
    if isinstance(record, Permit):
        _check_validity(record)
    if isinstance(record, Disclosure):
        return record.without_author()
    if isinstance(record, Party) and record.aliases and record.kind is not PartyKind.PERSON:
        raise CellError("aliases", "Only people have aliases.", "an empty cell")
    return record


def _parse_cell(kind: Kind, column: str, text: str) -> Any:
    form = _format(kind, column)
    try:
        return form.parse(text)
    except (ValueError, KeyError, OverflowError):
        raise CellError(column, "The cell cannot be read.", form.expected) from None


def _check_validity(permit: Permit) -> None:
    if permit.valid_from and permit.valid_until and permit.valid_until <= permit.valid_from:
        raise CellError("valid_until", "The permit ends before it begins.", "a time after valid_from")
    if permit.suspended_until and not (permit.suspended_from and permit.suspended_from < permit.suspended_until):
        raise CellError("suspended_until", "The suspension ends before it begins.", "a time after suspended_from")


def render(record: Record) -> dict[str, str]:
    """Return the cells of ``record`` by column; ``parse`` reads them back to the same record."""
    return {column: _render_cell(getattr(record, column)) for column in record.__struct_fields__}


def _render_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return SEPARATOR.join(map(str, value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return plain(value) if isinstance(value, Decimal) else str(value)

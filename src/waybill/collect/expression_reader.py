"""From the TOML of columns and conditions to expressions."""

from __future__ import annotations

import re
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from waybill.collect.expressions import Condition, Expression, is_pattern
from waybill.collect.scalars import Scalar
from waybill.collect.times import ALTERNATIVE
from waybill.collect.times import FORMATS as TIME_FORMATS
from waybill.collect.toml_table import Table
from waybill.model import transfers
from waybill.model.words import Action, AssetKind, Channel, Grade, Outcome, PartyKind

WORDS: dict[str, frozenset[str]] = {
    "action": frozenset(Action),
    "outcome": frozenset(Outcome),
    "channel": frozenset(Channel),
    "actor_kind": frozenset(PartyKind),
    "asset_kind": frozenset(AssetKind),
    "grade": frozenset(Grade),
}
"""Columns that hold a word of an enumeration, and its words."""

COMPUTED = ("id", "source", "origin", "position", "fields", "raw")
"""Columns of collected transfers that no mapping sets."""

MAPPABLE = tuple(name for name in transfers.COLLECTED.names if name not in COMPUTED)
"""Columns that a mapping can set."""

_SOURCES = ("from", "template", "value")
_MODIFIERS = ("extract", "map", "default", "scale", "format", "zone")
_NUMBERS = frozenset(name for name in MAPPABLE if transfers.COLLECTED.field(name).type in (pa.int64(), pa.float64()))


def read_conditions(match: Table) -> tuple[Condition, ...]:
    """Return the conditions in a table of fields and values. Raises RuleError."""
    return tuple(_condition(match, path) for path in match.content)


def _condition(match: Table, path: str) -> Condition:
    given = match.content[path]
    values = given if isinstance(given, list) else [given]
    if not values or not all(isinstance(value, str | int) for value in values):
        raise match.wrong(path, "the condition is neither a value nor a list of values", "strings or whole numbers")
    names = [("true" if value else "false") if isinstance(value, bool) else str(value) for value in values]
    exact = frozenset(name for name in names if not is_pattern(name))
    return Condition(path, exact, tuple(name for name in names if is_pattern(name)))


def read_columns(table: Table) -> dict[str, Expression]:
    """Return the expression of each column in a table of columns. Raises RuleError."""
    table.allow(*MAPPABLE)
    return {column: _expression(table, column) for column in table.content}


def _expression(columns: Table, column: str) -> Expression:
    given = columns.content[column]
    if isinstance(given, str):
        return Expression(paths=(given,))
    table = columns.table(column)
    table.allow(*_SOURCES, *_MODIFIERS)
    if sum(key in table.content for key in _SOURCES) != 1:
        raise table.wrong("", "an expression needs exactly one source", "one of from, template, value")
    for key, fitting in (("format", column == "time"), ("zone", column == "time"), ("scale", column in _NUMBERS)):
        if key in table.content and not fitting:
            raise table.wrong(key, f"{key!r} has no meaning for the column {column!r}", "a column of that type")
    if "template" in table.content and not table.string("template"):
        raise table.wrong("template", "the template is empty", "text with {fields}")
    if "from" in table.content and not table.strings("from"):
        raise table.wrong("from", "'from' names no field", "a field, or a list of fields")
    expression = Expression(
        paths=table.strings("from"),
        template=table.string("template", ""),
        constant=_scalar(table, "value"),
        extract=_pattern(table),
        words=_words(table),
        mapped="map" in table.content,
        default=_scalar(table, "default"),
        scale=_scale(table),
        format=_time_format(table),
        zone=_zone(table),
    )
    _check_words(table, column, expression)
    return expression


def _scalar(table: Table, key: str) -> Scalar:
    value = table.content.get(key)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise table.wrong(key, f"{key!r} is not a single value", "a string, a number, true or false")


def _words(table: Table) -> tuple[tuple[str, Scalar], ...]:
    words = table.table("map")
    return tuple((name, _scalar(words, name)) for name in words.content)


def _check_words(table: Table, column: str, expression: Expression) -> None:
    """Refuse constants that are no word of the column's enumeration now, instead of rejecting every record later."""
    allowed = WORDS.get(column)
    if allowed is None:
        return
    for value in (expression.constant, expression.default, *(meaning for _, meaning in expression.words)):
        if value is not None and value not in allowed:
            close = get_close_matches(str(value), sorted(allowed), 1)
            advice = f"did you mean {close[0]!r}?" if close else ""
            raise table.wrong(
                "", f"{value!r} is not a word of {column!r}", "one of " + ", ".join(sorted(allowed)), advice
            )


def _pattern(table: Table) -> str:
    value = table.string("extract", "")
    try:
        groups = re.compile(value).groups
    except re.error as error:
        raise table.wrong("extract", f"not a regular expression: {error}", "a Python regular expression") from None
    if value and groups != 1:
        raise table.wrong("extract", f"the pattern has {groups} groups", "exactly one group: the value")
    return value


def _scale(table: Table) -> float:
    value = table.content.get("scale", 1)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise table.wrong("scale", f"{value!r} is not a factor", "a number above 0")
    return value


def _time_format(table: Table) -> str:
    formats = table.strings("format")
    for value in formats:
        if value not in TIME_FORMATS and "%" not in value:
            raise table.wrong(
                "format", f"unknown time format {value!r}", ", ".join(TIME_FORMATS) + " or a strptime pattern"
            )
    return ALTERNATIVE.join(formats)


def _zone(table: Table) -> str:
    value = table.string("zone", "UTC")
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise table.wrong("zone", f"unknown time zone {value!r}", "an IANA name such as Asia/Shanghai") from None
    return value

"""From the TOML of a mapping file to a Mapping, naming the key of whatever is wrong."""

from __future__ import annotations

import codecs
import re
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from waybill.collect.expressions import Condition, Expression, Scalar, is_pattern
from waybill.collect.line_patterns import LineFormat, line_pattern
from waybill.collect.linear import PatternError
from waybill.collect.mapping import FORMATS, Mapping, When
from waybill.collect.masking import Secrets
from waybill.collect.readers import READERS
from waybill.collect.times import ALTERNATIVE
from waybill.collect.times import FORMATS as TIME_FORMATS
from waybill.model import transfers
from waybill.model.errors import RuleError
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

_TOP = (
    "name", "title", "format", "records", "each", "encoding", "reader", "logsource", "fields",
    "csv", "lines", "recognise", "identities", "secrets", "columns", "when",
)  # fmt: skip
_SOURCES = ("from", "template", "value")
_MODIFIERS = ("extract", "map", "default", "scale", "format", "zone")
_NUMBERS = frozenset(name for name in MAPPABLE if transfers.COLLECTED.field(name).type in (pa.int64(), pa.float64()))


class _Table:
    """A TOML table that knows its place, so that every complaint names file and key."""

    def __init__(self, content: Any, where: str, key: str) -> None:
        self.where, self.key = where, key
        if not isinstance(content, dict):
            raise self.wrong("", f"{key or 'the mapping'} is not a table", "a TOML table")
        self.content: dict[str, Any] = content

    def wrong(self, key: str, what: str, expected: str, advice: str = "") -> RuleError:
        place = ".".join(part for part in (self.key, key) if part)
        return RuleError(
            what, where=f"{self.where}: {place}" if place else self.where, expected=expected, advice=advice
        )

    def allow(self, *keys: str) -> None:
        for key in self.content:
            if key not in keys:
                close = get_close_matches(key, keys, 1)
                advice = f"did you mean {close[0]!r}?" if close else ""
                raise self.wrong(key, f"unknown key {key!r}", "one of " + ", ".join(keys), advice)

    def string(self, key: str, default: str | None = None) -> str:
        value = self.content.get(key, default)
        if not isinstance(value, str):
            what = f"{key!r} is missing" if value is None else f"{key!r} is not a string"
            raise self.wrong(key, what, "a string")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.content.get(key, [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.wrong(key, f"{key!r} is not a list of names", "a string or a list of strings")
        return tuple(value)

    def table(self, key: str) -> _Table:
        return _Table(self.content.get(key, {}), self.where, f"{self.key}.{key}" if self.key else key)


def read_mapping(document: dict[str, Any], where: str) -> Mapping:
    """Return the mapping that a parsed TOML document describes. Raises RuleError."""
    top = _Table(document, where, "")
    top.allow(*_TOP)
    name = top.string("name")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name):
        raise top.wrong("name", f"{name!r} is not a source name", "lower-case letters, digits, dots and hyphens")
    csv, columns = top.table("csv"), _columns(top.table("columns"))
    csv.allow("delimiter", "header", "shortest", "json")
    top.table("recognise").allow("require", "match")
    top.table("identities").allow("person")
    secrets = top.table("secrets")
    secrets.allow("values", "parameters", "sql")
    if "logsource" in document:
        columns.setdefault("logsource", Expression(constant=_logsource(top)))
    if "time" not in columns:
        raise top.wrong("columns.time", "no expression for the column 'time'", 'for example time = "timestamp"')
    return Mapping(
        name=name,
        title=top.string("title", name),
        formats=_formats(top),
        records=top.string("records", ""),
        each=_each(top),
        encoding=_encoding(top),
        reader=_one_of(top, "reader", "", ("", *READERS)),
        keep_all_fields=_one_of(top, "fields", "all", ("all", "rest")) == "all",
        delimiter=_delimiter(csv),
        header=csv.strings("header"),
        shortest=_shortest(csv),
        json_cell=csv.string("json", ""),
        require=_require(top.table("recognise")),
        match=_conditions(top.table("recognise").table("match")),
        lines=_lines(top),
        secrets=Secrets(*map(secrets.strings, ("values", "parameters", "sql"))),
        persons=top.table("identities").strings("person"),
        columns=tuple(columns.items()),
        whens=_whens(top),
    )


def _formats(top: _Table) -> tuple[str, ...]:
    formats = top.strings("format")
    if not formats:
        raise top.wrong("format", "'format' is missing", "one or more of " + ", ".join(FORMATS))
    for name in formats:
        if name not in FORMATS:
            raise top.wrong("format", f"unknown format {name!r}", "one or more of " + ", ".join(FORMATS))
    return formats


def _each(top: _Table) -> tuple[str, ...]:
    paths = top.strings("each")
    if paths and "csv" in top.strings("format"):
        raise top.wrong("each", "lines of CSV hold no lists to divide", "only formats of JSON beside 'each'")
    return paths


def _require(recognise: _Table) -> tuple[tuple[str, ...], ...]:
    """Return the required fields; a list among them holds fields any one of which will do."""
    given = recognise.content.get("require", [])
    names = [given] if isinstance(given, str) else given
    groups = [[name] if isinstance(name, str) else name for name in names] if isinstance(names, list) else [[]]
    if not all(isinstance(group, list) and group for group in groups) or not all(
        isinstance(name, str) and name for group in groups for name in group
    ):
        raise recognise.wrong("require", "'require' is not a list of names", "names, or lists of names that do alike")
    return tuple(tuple(group) for group in groups)


def _encoding(top: _Table) -> str:
    name = top.string("encoding", "utf-8")
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise top.wrong("encoding", f"unknown encoding {name!r}", "for example utf-8, gb18030 or utf-16") from None


def _logsource(top: _Table) -> str:
    value = top.string("logsource")
    if value.count("/") != 2:
        raise top.wrong("logsource", f"{value!r} is not a log source", "product/category/service, parts may be empty")
    return value


def _delimiter(csv: _Table) -> str:
    value = csv.string("delimiter", ",")
    if len(value) != 1 or value in '"\r\n' or not value.isascii():
        raise csv.wrong("delimiter", f"{value!r} is not a delimiter", "one ASCII character")
    return value


def _shortest(csv: _Table) -> int:
    value = csv.content.get("shortest", 0)
    if type(value) is not int or not 0 <= value <= len(csv.strings("header")):
        raise csv.wrong("shortest", f"{value!r} is not a number of cells", "at most as many as 'header' has names")
    return value


def _lines(top: _Table) -> LineFormat:
    table = top.table("lines")
    table.allow("pattern", "inside", "pairs", "escaped", "skip", "empty", "join")
    patterns, inside = _patterns(table, "pattern"), table.table("inside")
    if bool(patterns) != ("lines" in top.strings("format")):
        expected = "a regular expression, or several"
        raise table.wrong("pattern", "'pattern' and the format 'lines' need each other", expected)
    return LineFormat(
        patterns=patterns,
        inside=tuple((field, _patterns(inside, field)) for field in inside.content),
        skip=table.strings("skip"),
        pairs=table.strings("pairs"),
        escaped=table.strings("escaped"),
        empty=table.strings("empty"),
        join=table.strings("join"),
    )


def _patterns(table: _Table, key: str) -> tuple[str, ...]:
    patterns = table.strings(key)
    for pattern in patterns:
        try:
            line_pattern(pattern)
        except PatternError as error:
            raise table.wrong(key, error.what, error.expected, f"in {pattern!r}") from None
    return patterns


def _one_of(table: _Table, key: str, default: str, allowed: tuple[str, ...]) -> str:
    value = table.string(key, default)
    if value not in allowed:
        raise table.wrong(key, f"unknown {key} {value!r}", "one of " + ", ".join(repr(name) for name in allowed))
    return value


def _whens(top: _Table) -> tuple[When, ...]:
    blocks = top.content.get("when", [])
    if not isinstance(blocks, list):
        raise top.wrong("when", "'when' is not a list of tables", "[[when]]")
    whens = []
    for number, block in enumerate(blocks, 1):
        table = _Table(block, top.where, f"when {number}")
        table.allow("match", "columns")
        match = table.table("match")
        if not match.content:
            raise table.wrong("match", "the block has no condition", 'for example match = { op = "Get*" }')
        whens.append(When(_conditions(match), tuple(_columns(table.table("columns")).items())))
    return tuple(whens)


def _conditions(match: _Table) -> tuple[Condition, ...]:
    return tuple(_condition(match, path) for path in match.content)


def _condition(match: _Table, path: str) -> Condition:
    given = match.content[path]
    values = given if isinstance(given, list) else [given]
    if not values or not all(isinstance(value, str | int) for value in values):
        raise match.wrong(path, "the condition is neither a value nor a list of values", "strings or whole numbers")
    names = [("true" if value else "false") if isinstance(value, bool) else str(value) for value in values]
    exact = frozenset(name for name in names if not is_pattern(name))
    return Condition(path, exact, tuple(name for name in names if is_pattern(name)))


def _columns(table: _Table) -> dict[str, Expression]:
    table.allow(*MAPPABLE)
    return {column: _expression(table, column) for column in table.content}


def _expression(columns: _Table, column: str) -> Expression:
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


def _scalar(table: _Table, key: str) -> Scalar:
    value = table.content.get(key)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise table.wrong(key, f"{key!r} is not a single value", "a string, a number, true or false")


def _words(table: _Table) -> tuple[tuple[str, Scalar], ...]:
    words = table.table("map")
    return tuple((name, _scalar(words, name)) for name in words.content)


def _check_words(table: _Table, column: str, expression: Expression) -> None:
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


def _pattern(table: _Table) -> str:
    value = table.string("extract", "")
    try:
        groups = re.compile(value).groups
    except re.error as error:
        raise table.wrong("extract", f"not a regular expression: {error}", "a Python regular expression") from None
    if value and groups != 1:
        raise table.wrong("extract", f"the pattern has {groups} groups", "exactly one group: the value")
    return value


def _scale(table: _Table) -> float:
    value = table.content.get("scale", 1)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise table.wrong("scale", f"{value!r} is not a factor", "a number above 0")
    return value


def _time_format(table: _Table) -> str:
    formats = table.strings("format")
    for value in formats:
        if value not in TIME_FORMATS and "%" not in value:
            raise table.wrong(
                "format", f"unknown time format {value!r}", ", ".join(TIME_FORMATS) + " or a strptime pattern"
            )
    return ALTERNATIVE.join(formats)


def _zone(table: _Table) -> str:
    value = table.string("zone", "UTC")
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise table.wrong("zone", f"unknown time zone {value!r}", "an IANA name such as Asia/Shanghai") from None
    return value

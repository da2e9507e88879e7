"""From the TOML of a mapping file to a Mapping, naming the key of whatever is wrong."""

from __future__ import annotations

import codecs
import re
from typing import Any

from waybill.collect.expression_reader import read_columns, read_conditions
from waybill.collect.expressions import Expression
from waybill.collect.line_patterns import LineFormat, line_pattern
from waybill.collect.linear import PatternError
from waybill.collect.mapping import FORMATS, JSON_FORMATS, Content, Mapping, When
from waybill.collect.masking import Secrets
from waybill.collect.readers import READERS
from waybill.collect.toml_table import Table

_TOP = (
    "name", "title", "format", "records", "each", "encoding", "reader", "logsource", "fields",
    "csv", "lines", "recognise", "identities", "secrets", "content", "columns", "when",
)  # fmt: skip


def read_mapping(document: dict[str, Any], where: str) -> Mapping:
    """Return the mapping that a parsed TOML document describes. Raises RuleError."""
    top = Table(document, where, "")
    top.allow(*_TOP)
    name = top.string("name")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name):
        raise top.wrong("name", f"{name!r} is not a source name", "lower-case letters, digits, dots and hyphens")
    csv, columns = top.table("csv"), read_columns(top.table("columns"))
    csv.allow("delimiter", "header", "shortest", "json")
    top.table("recognise").allow("require", "match")
    top.table("identities").allow("person")
    secrets = top.table("secrets")
    secrets.allow("values", "parameters", "sql")
    content = _content(top)
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
        match=read_conditions(top.table("recognise").table("match")),
        lines=_lines(top),
        secrets=Secrets(
            # Content itself is never kept, also where nobody looks into it.
            (*secrets.strings("values"), *filter(None, (content.base64, content.text))),
            *map(secrets.strings, ("parameters", "sql")),
        ),
        content=content,
        persons=top.table("identities").strings("person"),
        columns=tuple(columns.items()),
        whens=_whens(top),
    )


def _formats(top: Table) -> tuple[str, ...]:
    formats = top.strings("format")
    if not formats:
        raise top.wrong("format", "'format' is missing", "one or more of " + ", ".join(FORMATS))
    for name in formats:
        if name not in FORMATS:
            raise top.wrong("format", f"unknown format {name!r}", "one or more of " + ", ".join(FORMATS))
    return formats


def _each(top: Table) -> tuple[str, ...]:
    paths = top.strings("each")
    if paths and "csv" in top.strings("format"):
        raise top.wrong("each", "lines of CSV hold no lists to divide", "only formats of JSON beside 'each'")
    return paths


def _require(recognise: Table) -> tuple[tuple[str, ...], ...]:
    """Return the required fields; a list among them holds fields any one of which will do."""
    given = recognise.content.get("require", [])
    names = [given] if isinstance(given, str) else given
    groups = [[name] if isinstance(name, str) else name for name in names] if isinstance(names, list) else [[]]
    if not all(isinstance(group, list) and group for group in groups) or not all(
        isinstance(name, str) and name for group in groups for name in group
    ):
        raise recognise.wrong("require", "'require' is not a list of names", "names, or lists of names that do alike")
    return tuple(tuple(group) for group in groups)


def _content(top: Table) -> Content:
    """Return where content is at hand."""
    table = top.table("content")
    table.allow("file", "folder", "base64", "text")
    content = Content(*(table.string(key, "") for key in ("file", "folder", "base64", "text")))
    if "content" in top.content and not content:
        raise table.wrong("file", "no field leads to content", "'file', 'base64' or 'text'")
    if content and "each" in top.content:
        raise table.wrong("file", "one record with content cannot be several transfers", "a mapping without 'each'")
    if (content.base64 or content.text) and not {*top.strings("format")} <= {*JSON_FORMATS}:
        raise table.wrong("base64", "content stands in records of JSON only", "'file' for any other format")
    return content


def _encoding(top: Table) -> str:
    name = top.string("encoding", "utf-8")
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise top.wrong("encoding", f"unknown encoding {name!r}", "for example utf-8, gb18030 or utf-16") from None


def _logsource(top: Table) -> str:
    value = top.string("logsource")
    if value.count("/") != 2:
        raise top.wrong("logsource", f"{value!r} is not a log source", "product/category/service, parts may be empty")
    return value


def _delimiter(csv: Table) -> str:
    value = csv.string("delimiter", ",")
    if len(value) != 1 or value in '"\r\n' or not value.isascii():
        raise csv.wrong("delimiter", f"{value!r} is not a delimiter", "one ASCII character")
    return value


def _shortest(csv: Table) -> int:
    value = csv.content.get("shortest", 0)
    if type(value) is not int or not 0 <= value <= len(csv.strings("header")):
        raise csv.wrong("shortest", f"{value!r} is not a number of cells", "at most as many as 'header' has names")
    return value


def _lines(top: Table) -> LineFormat:
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


def _patterns(table: Table, key: str) -> tuple[str, ...]:
    patterns = table.strings(key)
    for pattern in patterns:
        try:
            line_pattern(pattern)
        except PatternError as error:
            raise table.wrong(key, error.what, error.expected, f"in {pattern!r}") from None
    return patterns


def _one_of(table: Table, key: str, default: str, allowed: tuple[str, ...]) -> str:
    value = table.string(key, default)
    if value not in allowed:
        raise table.wrong(key, f"unknown {key} {value!r}", "one of " + ", ".join(repr(name) for name in allowed))
    return value


def _whens(top: Table) -> tuple[When, ...]:
    blocks = top.content.get("when", [])
    if not isinstance(blocks, list):
        raise top.wrong("when", "'when' is not a list of tables", "[[when]]")
    whens = []
    for number, block in enumerate(blocks, 1):
        table = Table(block, top.where, f"when {number}")
        table.allow("match", "columns")
        match = table.table("match")
        if not match.content:
            raise table.wrong("match", "the block has no condition", 'for example match = { op = "Get*" }')
        whens.append(When(read_conditions(match), tuple(read_columns(table.table("columns")).items())))
    return tuple(whens)

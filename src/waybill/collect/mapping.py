"""Mappings: which files are a source's, and which expression gives each column. Plain data, read from TOML.

The language is described in docs/mappings.md; users' mappings and the built-in ones are written in it alike.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from waybill.collect.expressions import Condition, Expression
from waybill.collect.line_patterns import LineFormat
from waybill.collect.masking import Secrets
from waybill.model.errors import RuleError

FORMATS = ("ndjson", "csv", "json", "evtx", "lines", "zeek", "eml", "mbox", "archive")
"""Formats that a mapping can name."""

AT_HAND = ("eml", "mbox", "archive")
"""Formats that are no logs but what was sent: messages, mailboxes, archives of them."""

JSON_FORMATS = ("ndjson", "json", "evtx")
"""Formats whose records are JSON as they are read."""


@dataclass(frozen=True, slots=True)
class When:
    """Other expressions for records that fulfil all conditions."""

    match: tuple[Condition, ...]
    columns: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Which fields lead to what a record's transfer carried; the first that is there counts."""

    file: str = ""
    """Field with the path of a file, relative to the folder."""
    folder: str = ""
    """Where such files lie, and below; empty: in the folder of the log."""
    base64: str = ""
    """Field with the content itself, in Base64 (RFC 4648)."""
    text: str = ""
    """Field with the content itself, as text."""

    def __bool__(self) -> bool:
        return bool(self.file or self.base64 or self.text)


@dataclass(frozen=True, slots=True)
class Mapping:
    """One source's way to write transfers down."""

    name: str
    columns: tuple[tuple[str, Expression], ...]
    """Column and expression, each column once."""
    title: str = ""
    formats: tuple[str, ...] = ("ndjson",)
    records: str = ""
    """Path of the array of records in a JSON document; empty: the document is the array, or is one record."""
    each: tuple[str, ...] = ()
    """Paths of lists inside a record, each member of which is a transfer of its own."""
    encoding: str = "utf-8"
    reader: str = ""
    """Name of a function in ``readers`` that brings records into shape first."""
    keep_all_fields: bool = True
    """Whether fields that a column takes as they are stay in ``fields`` too."""
    delimiter: str = ","
    header: tuple[str, ...] = ()
    """Names of CSV columns where the file has no header."""
    shortest: int = 0
    """Cells that a CSV record has at least; 0: as many as there are columns. Later columns are the newer ones."""
    json_cell: str = ""
    """The CSV column whose cells hold the record as JSON."""
    require: tuple[tuple[str, ...], ...] = ()
    """Fields by which it recognises its records, each with those that may stand for it; empty: any of its formats."""
    match: tuple[Condition, ...] = ()
    """Conditions that one of the first records must fulfil besides."""
    lines: LineFormat = field(default_factory=LineFormat)
    """How the format ``lines`` becomes records."""
    secrets: Secrets = field(default_factory=Secrets)
    """Fields to take secrets out of before anything is kept."""
    content: Content = field(default_factory=Content)
    """Where what was transferred is at hand."""
    persons: tuple[str, ...] = ()
    """Further fields that name people."""
    whens: tuple[When, ...] = field(default=())


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises RuleError that names file, key and what was expected."""
    try:
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RuleError(f"the mapping cannot be read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise RuleError("the mapping is not UTF-8", where=str(path), expected="a TOML file in UTF-8") from None
    return parse_mapping(content, str(path))


def parse_mapping(content: str, where: str) -> Mapping:
    """Return the mapping written in ``content``. Raises RuleError; ``where`` names the place in it."""
    from waybill.collect.mapping_reader import read_mapping

    try:
        document = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"the mapping is not TOML: {error}", where=where) from None
    return read_mapping(document, where)


@cache
def built_in_mappings() -> tuple[Mapping, ...]:
    """Return the mappings that come with Waybill, by file name."""
    folder = files("waybill.collect") / "mappings"
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return tuple(parse_mapping(entry.read_text(encoding="utf-8"), entry.name) for entry in found)

"""Expressions of the mapping language: from the fields of records to the values of a column.

An expression is data (it pickles and compares); ``values`` computes it for many records at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache

Scalar = str | int | float | bool | None
Row = dict[str, Scalar]
"""One record, flat: scalars by dotted path."""

Rows = Sequence[Row]

_WILD = re.compile(r"[*?\[]")

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def text(value: Scalar) -> str | None:
    """Return a scalar as the text that rules and columns see; JSON's words for true and false."""
    if value is None or type(value) is str:
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value)


@dataclass(frozen=True, slots=True)
class Expression:
    """How one column is computed: a source (paths, template or constant), then its modifiers in this order."""

    paths: tuple[str, ...] = ()
    """The first of these fields that is there."""
    template: str = ""
    constant: Scalar = None
    extract: str = ""
    """Regular expression; its first group is the value, and no match is no value."""
    words: tuple[tuple[str, Scalar], ...] = ()
    """Exact names and glob patterns with what they mean; exact names win, then the first pattern."""
    mapped: bool = False
    """Whether ``words`` is to be applied: values it does not know become ``default``."""
    default: Scalar = None
    """Used where there is no value."""
    scale: float = 1
    format: str = ""
    """Of a time, see ``times``; empty finds out."""
    zone: str = "UTC"
    """Of times that name none."""

    @property
    def is_plain(self) -> bool:
        """Whether it only picks fields as they are."""
        return bool(self.paths) and not (self.extract or self.mapped)

    def values(self, rows: Rows) -> list[Scalar]:
        """Return the value for each row."""
        found = self._source(rows)
        if self.extract:
            found = _memoised(found, _extractor(self.extract))
        if self.mapped:
            found = _memoised(found, _dictionary(self.words, self.default))
        if self.default is not None:
            default = self.default
            found = [default if value is None or value == "" else value for value in found]
        return found

    def _source(self, rows: Rows) -> list[Scalar]:
        if self.template:
            return _fill(self.template, rows)
        if not self.paths:
            return [self.constant] * len(rows)
        if len(self.paths) == 1:
            path = self.paths[0]
            return [row.get(path) for row in rows]
        return [_first(row, self.paths) for row in rows]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields it reads."""
        return self.paths or tuple(_PLACEHOLDER.findall(self.template))


@dataclass(frozen=True, slots=True)
class Condition:
    """A field whose value must be one of some exact names or glob patterns."""

    path: str
    exact: frozenset[str] = field(default_factory=frozenset)
    patterns: tuple[str, ...] = ()

    def test(self) -> Callable[[Scalar], bool]:
        """Return a function that says whether a value fulfils it."""
        compiled = [glob(pattern) for pattern in self.patterns]

        def holds(value: Scalar) -> bool:
            name = text(value)
            return name is not None and (name in self.exact or any(pattern.match(name) for pattern in compiled))

        return holds


def is_pattern(name: str) -> bool:
    """Return whether a name in a table or condition is a glob pattern."""
    return _WILD.search(name) is not None


@cache
def glob(pattern: str) -> re.Pattern[str]:
    """Return a glob pattern as a regular expression for whole names."""
    return re.compile(translate(pattern))


def texts(values: list[Scalar]) -> list[str | None]:
    """Return scalars as texts."""
    if _ONLY_TEXTS.issuperset(map(type, values)):
        return values  # type: ignore[return-value]
    return [text(value) for value in values]


_ONLY_TEXTS = frozenset({str, type(None)})


def _first(row: Row, paths: tuple[str, ...]) -> Scalar:
    for path in paths:
        value = row.get(path)
        if value is not None and value != "":
            return value
    return None


def _fill(template: str, rows: Rows) -> list[Scalar]:
    parts = _PLACEHOLDER.split(template)
    columns = [[text(row.get(path)) for row in rows] for path in parts[1::2]]
    if not columns:
        return [template] * len(rows)
    pattern = "%s".join(part.replace("%", "%%") for part in parts[::2])
    return [None if None in values else pattern % values for values in zip(*columns, strict=True)]


def _memoised(values: list[Scalar], function: Callable[[str], Scalar]) -> list[Scalar]:
    names = texts(values)
    meanings: dict[str | None, Scalar] = {name: function(name) for name in set(names) if name is not None}
    meanings[None] = None
    return [meanings[name] for name in names]


def _extractor(pattern: str) -> Callable[[str], Scalar]:
    search = re.compile(pattern).search

    def extract(value: str) -> Scalar:
        found = search(value)
        return found[1] if found else None

    return extract


def _dictionary(words: tuple[tuple[str, Scalar], ...], default: Scalar) -> Callable[[str], Scalar]:
    exact = {name: meaning for name, meaning in words if not is_pattern(name)}
    patterns = [(glob(name), meaning) for name, meaning in words if is_pattern(name)]

    def look_up(value: str) -> Scalar:
        if value in exact:
            return exact[value]
        return next((meaning for pattern, meaning in patterns if pattern.match(value)), default)

    return look_up

"""Expressions of the mapping language: from the fields of records to the values of a column.

An expression is data (it pickles and compares); ``codes`` computes it for many records at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache, lru_cache

import numpy as np

from waybill.collect.cells import Cells, Mask, Numbers
from waybill.collect.dictionary import Codes
from waybill.collect.scalars import Scalar, text

_WILD = re.compile(r"[*?\[]")

LOOKED_UP = 1_000
"""Tables of words, and values looked up in each, that are remembered from chunk to chunk."""

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


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

    def codes(self, cells: Cells, rows: Numbers | None = None) -> Codes:
        """Return the value for each row, or for each of some ``rows``."""
        found = self._source(cells)
        if rows is not None:
            found = found[rows]
        if self.extract:
            found = cells.translated(found, _extractor(self.extract))
        if self.mapped:
            found = cells.translated(found, _dictionary(self.words, self.default))
        if self.default is not None:
            found = or_else(found, cells, cells.dictionary[text(self.default)])
        return found

    def _source(self, cells: Cells) -> Codes:
        if self.template:
            parts = _PLACEHOLDER.split(self.template)
            return cells.filled(self.template, parts[::2], parts[1::2])
        if not self.paths:
            return np.full(len(cells), cells.dictionary[text(self.constant)], np.int32)
        found = cells.column(self.paths[0])
        if len(self.paths) > 1:
            for path in self.paths[1:]:
                found = or_else(found, cells, cells.column(path))
            found = or_else(found, cells, 0)
        return found

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
        like = re.compile("|".join(map(translate, self.patterns))).match if self.patterns else None
        exact = self.exact

        def holds(value: Scalar) -> bool:
            name = text(value)
            return name is not None and (name in exact or (like is not None and like(name) is not None))

        return holds

    def rows(self, cells: Cells) -> Mask:
        """Return which rows fulfil it."""
        return cells.where_field(self.path, self.test())


def is_pattern(name: str) -> bool:
    """Return whether a name in a table or condition is a glob pattern."""
    return _WILD.search(name) is not None


@cache
def glob(pattern: str) -> re.Pattern[str]:
    """Return a glob pattern as a regular expression for whole names."""
    return re.compile(translate(pattern))


def or_else(found: Codes, cells: Cells, other: Codes | int) -> Codes:
    """Return what was found; ``other`` where that is none or empty."""
    return np.where((found == 0) | (found == cells.dictionary.number_of("")), other, found)


def _extractor(pattern: str) -> Callable[[str], Scalar]:
    search = re.compile(pattern).search

    def extract(value: str) -> Scalar:
        found = search(value)
        return found[1] if found else None

    return extract


@lru_cache(maxsize=LOOKED_UP)
def _dictionary(words: tuple[tuple[str, Scalar], ...], default: Scalar) -> Callable[[str], Scalar]:
    exact = {name: meaning for name, meaning in words if not is_pattern(name)}
    patterns = [(glob(name), meaning) for name, meaning in words if is_pattern(name)]

    @lru_cache(maxsize=LOOKED_UP)
    def look_up(value: str) -> Scalar:
        if value in exact:
            return exact[value]
        return next((meaning for pattern, meaning in patterns if pattern.match(value)), default)

    return look_up

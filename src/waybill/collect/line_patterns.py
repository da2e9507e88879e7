"""Regular expressions that divide a line into named fields, in time proportional to its length whatever it holds.

Logs are written by people who may want to stop those who read them, so no pattern may try a line again and again.
Either of two engines keeps that promise, and the pattern itself says which:

- RE2 runs any pattern that gives back nothing it cannot: no look-around, no back references.
- Python's own engine runs patterns whose repeats are all possessive (``*+``, ``++``, ``{2,}+``), which RE2 does not
  know: what such a repeat has taken, it keeps. That is twice to three times as fast, so built-in mappings use it.

Both read ``\\d``, ``\\w`` and ``\\s`` as ASCII. A pattern must match the whole line. Its groups are named as fields
are, so ``(?P<cs-method>[A-Z]++)`` will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from waybill.collect.linear import PatternError, check_linear, is_possessive

Cells = Sequence[str | None]
"""What the named groups of a pattern took, in their order; None or empty: nothing."""


@dataclass(frozen=True, slots=True)
class LineFormat:
    """How lines of text become records."""

    patterns: tuple[str, ...] = ()
    """Tried in this order."""
    skip: tuple[str, ...] = ()
    """Beginnings of lines that are no records."""
    pairs: tuple[str, ...] = ()
    """Fields whose text holds ``key=value`` pairs, each a field of its own."""
    inside: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Fields whose text has patterns of its own; the first that matches adds its groups."""
    escaped: tuple[str, ...] = ()
    """Fields in which a backslash stands before quotes and before itself."""
    empty: tuple[str, ...] = ()
    """What is written where there is no value."""
    join: tuple[str, ...] = ()
    """Consecutive lines in which these fields are equal are one record."""


@cache
def line_pattern(pattern: str) -> LinePattern:
    """Return a pattern ready to use. Raises PatternError."""
    return LinePattern(pattern)


class LinePattern:
    """One pattern and the engine that runs it."""

    def __init__(self, pattern: str) -> None:
        self.names: tuple[str, ...] = tuple(_GROUP.findall(pattern))
        """Names of the groups, in the order in which they open."""
        self._own: re.Pattern[str] | None = None
        numbers = iter(range(len(self.names)))
        self._re2 = "^(?:" + _GROUP.sub(lambda _: f"(?P<g{next(numbers)}>", pattern) + ")$"
        if not is_possessive(pattern):
            _try_re2(self._re2, len(self.names))
            return
        try:
            self._own = re.compile(_GROUP.sub("(", pattern), re.ASCII)
        except re.error as error:
            raise PatternError(f"not a regular expression: {error}", "a regular expression") from None
        _check_groups(self._own.groups, len(self.names))
        check_linear(pattern)

    def matches(self, lines: Sequence[str]) -> Iterable[Cells | None]:
        """Return for each line what the groups took, or None if it does not match."""
        if self._own is None:
            return _by_re2(self._re2, lines)
        return [found.groups() if found else None for found in map(self._own.fullmatch, lines)]


_GROUP = re.compile(r"(?<!\\)\(\?P?<([A-Za-z_][\w.-]*+)>")


def _check_groups(groups: int, names: int) -> None:
    if groups != names:
        raise PatternError(
            f"{groups - names} groups have no name", "(?P<name>…), or (?:…) for a group that gives nothing"
        )
    if not names:
        raise PatternError("the pattern has no named group", "(?P<name>…) for each field")


def _try_re2(pattern: str, names: int) -> None:
    try:
        found = pc.extract_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        reason = str(error).partition(":")[2].strip() or str(error)
        raise PatternError(
            f"not a regular expression that always takes linear time: {reason}",
            "the syntax of RE2: no look-around, no back references",
        ) from None
    _check_groups(found.type.num_fields, names)


def _by_re2(pattern: str, lines: Sequence[str]) -> Iterable[Cells | None]:
    found = pc.extract_regex(pa.array(lines, pa.string()), pattern)
    columns = [found.field(number).to_pylist() for number in range(found.type.num_fields)]
    matched = found.is_valid().to_pylist()
    return [cells if fits else None for fits, cells in zip(matched, zip(*columns, strict=True), strict=True)]

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


class PatternError(ValueError):
    """A pattern that cannot be used: what is wrong with it, and what would be right."""

    def __init__(self, what: str, expected: str) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected


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
        if not _POSSESSIVE.search(_bare(pattern)):
            _try_re2(self._re2, len(self.names))
            return
        try:
            self._own = re.compile(_GROUP.sub("(", pattern), re.ASCII)
        except re.error as error:
            raise PatternError(f"not a regular expression: {error}", "a regular expression") from None
        _check_groups(self._own.groups, len(self.names))
        _check_repeats(pattern)

    def matches(self, lines: Sequence[str]) -> Iterable[Cells | None]:
        """Return for each line what the groups took, or None if it does not match."""
        if self._own is None:
            return _by_re2(self._re2, lines)
        return [found.groups() if found else None for found in map(self._own.fullmatch, lines)]


_GROUP = re.compile(r"(?<!\\)\(\?P?<([A-Za-z_][\w.-]*+)>")
_POSSESSIVE = re.compile(r"[*+?}]\+")

_TOKEN = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*+\])|(?P<open>\((?:\?(?:P?<[^>=!]++>|[^<>):]*+:|>)?)?+)|(?P<close>\))"
    r"|(?P<repeat>(?:[*+]|\{\d*,\d*\})[+?]?)|(?P<bar>\|)|(?P<other>.)",
    re.DOTALL,
)
"""The parts of a regular expression, as far as repeating is concerned."""


def _bare(pattern: str) -> str:
    """Return a pattern with a letter for whatever only stands for characters."""
    found = _TOKEN.finditer(pattern)
    return "".join("x" if token.lastgroup in ("escape", "set") else token[0] for token in found)


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


def _check_repeats(pattern: str) -> None:
    """Refuse what could make Python's engine go back over a line: see the module's text.

    Inside a repeated group a repeat must end its alternative: else a turn may read far, fail, and the next turn read
    the same again.
    """
    opened: list[int] = []
    tokens = [(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(pattern)]
    inner: dict[int, bool] = {}
    """By opening: whether a repeat stands amid an alternative of the group."""
    for place, (kind, text) in enumerate(tokens):
        following = tokens[place + 1][0] if place + 1 < len(tokens) else "close"
        if kind == "open":
            if text not in ("(", "(?:", "(?>") and not _GROUP.fullmatch(text):
                raise PatternError(f"{text!r} may take more than linear time", "no look-around, no flags")
            opened.append(place)
            inner[place] = False
        elif kind == "escape" and text[1] in "123456789":
            raise PatternError(f"{text!r} may take more than linear time", "no back references")
        elif kind == "close":
            group = opened.pop()
            if following == "repeat" and inner[group]:
                raise PatternError(
                    "a repeat amid a repeated group may take more than linear time",
                    "repeats inside a repeated group only at the end of its alternatives",
                )
            if opened:
                inner[opened[-1]] |= inner[group] or (_holds_repeat(tokens, group, place) and not _ends(following))
        elif kind == "repeat":
            if not text.endswith("+") or len(text) == 1:
                raise PatternError(
                    f"the repeat {text!r} may take more than linear time", f"{text.rstrip('?')}+ everywhere"
                )
            if opened:
                inner[opened[-1]] |= not _ends(following)


def _ends(following: str) -> bool:
    return following in ("close", "bar")


def _holds_repeat(tokens: list[tuple[str, str]], first: int, last: int) -> bool:
    return any(kind == "repeat" for kind, _ in tokens[first:last])


def _by_re2(pattern: str, lines: Sequence[str]) -> Iterable[Cells | None]:
    found = pc.extract_regex(pa.array(lines, pa.string()), pattern)
    columns = [found.field(number).to_pylist() for number in range(found.type.num_fields)]
    matched = found.is_valid().to_pylist()
    return [cells if fits else None for fits, cells in zip(matched, zip(*columns, strict=True), strict=True)]

"""Says of a regular expression with possessive repeats whether Python's engine always runs it in linear time.

The engine goes back over a text where a repeat may give back what it took, where a group is asked for again, and where
a turn of a repeated group reads far, fails, and the next turn reads the same again. Patterns that do none of these are
linear: whatever they try, each character is looked at a number of times that the pattern alone decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*+\])"
    r"|(?P<open>\((?:\?(?:P?<[^>=!]++>|[^<>):]*+:|>)?)?+)|(?P<close>\))"
    r"|(?P<repeat>(?:[*+]|\{\d*,\d*\})[+?]?)|(?P<bar>\|)|(?P<other>.)",
    re.DOTALL,
)
"""The parts of a regular expression, as far as repeating is concerned."""

_POSSESSIVE = re.compile(r"[*+?}]\+")
_OPENING = re.compile(r"\((?:\?(?::|>|P?<[A-Za-z_][\w.-]*+>))?")
_SLOW = "may take more than linear time"


class PatternError(ValueError):
    """A pattern that cannot be used: what is wrong with it, and what would be right."""

    def __init__(self, what: str, expected: str) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected


@dataclass(slots=True)
class _Group:
    """What is known of a group that is open."""

    repeats: bool = False
    """Whether it holds a repeat."""
    amid: bool = False
    """Whether more of an alternative stands behind a repeat, and may fail after it."""

    def add(self, repeats: bool, following: str) -> None:
        """Take a part of the group, and the kind of what follows it."""
        self.repeats |= repeats
        self.amid |= repeats and following not in ("close", "bar")


def is_possessive(pattern: str) -> bool:
    """Return whether a pattern has a possessive repeat, as Python writes it and RE2 does not know it."""
    found = _TOKEN.finditer(pattern)
    return bool(_POSSESSIVE.search("".join("x" if part.lastgroup in ("escape", "set") else part[0] for part in found)))


def check_linear(pattern: str) -> None:
    """Refuse a pattern, which must compile, unless it is certain to run in linear time. Raises PatternError."""
    tokens = [(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(pattern)]
    groups = [_Group()]
    for (kind, text), (following, _) in zip(tokens, [*tokens[1:], ("close", "")], strict=True):
        if kind == "open":
            if not _OPENING.fullmatch(text):
                raise PatternError(f"{text!r} {_SLOW}", "no look-around, no flags")
            groups.append(_Group())
        elif kind == "close":
            inner = groups.pop()
            if following == "repeat" and inner.amid:
                expected = "repeats inside a repeated group only at the end of its alternatives"
                raise PatternError(f"a repeat amid a repeated group {_SLOW}", expected)
            groups[-1].add(inner.repeats, following)
            groups[-1].amid |= inner.amid
        elif kind == "repeat":
            if len(text) == 1 or not text.endswith("+"):
                raise PatternError(f"the repeat {text!r} {_SLOW}", f"{text.rstrip('?')}+ everywhere")
            groups[-1].add(True, following)
        elif kind == "escape" and text[1] in "123456789":
            raise PatternError(f"{text!r} {_SLOW}", "no back references")

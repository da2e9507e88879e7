"""Parsing only what of a file of Python is worth it: functions without a word of interest are parsed when asked for.

Parsing takes most of the time of an audit, and most functions of a file that matters do not. Where such a function can
be cut out of the text for certain, a line that says no more than its name is parsed in its place; whoever wants its
parameters or its body all the same gets them. Every line keeps its number.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from waybill.exposure.code.screening import Interest
from waybill.exposure.code.searching import next_statement
from waybill.exposure.code.statements import Unparsed, blocks

_SHORTEST = 160
"""Bytes of a function that is worth cutting out."""

_MOST_LINES = 12
"""Lines that decorators may have."""

_HEADER = re.compile(rb"^([ \t]*)(?:async[ \t]+)?def[ \t]+([^\s(\[]+)[ \t]*\(", re.MULTILINE)
_DECLARED = re.compile(rb"coding[:=]")

_CLOSED = re.compile(
    rb"""
    (?: [^"'#\\\w\x80-\xff]++
      | [\w\x80-\xff]++ (?!["'])
      | \#[^\n]*+
      | \\\r?\n (?!\Z)
      | (?i:[bu]?r?|rb) (?: \"{3} (?: [^"\\]++ | \\. | "(?!"") )*+ \"{3}  |  '{3} (?: [^'\\]++ | \\. | '(?!'') )*+ '{3}
                          | "(?!"") (?: [^"\\\n]++ | \\. )*+ "  |  '(?!'') (?: [^'\\\n]++ | \\. )*+ ' )
      | (?i:fr?|rf) (?: \"{3} (?: [^"\\{]++ | \{\{ | \{[^"'{}]*+\} | \\[^{] | "(?!"") )*+ \"{3}
                      | '{3} (?: [^'\\{]++ | \{\{ | \{[^"'{}]*+\} | \\[^{] | '(?!'') )*+ '{3}
                      | "(?!"") (?: [^"\\\n{]++ | \{\{ | \{[^"'{}\n]*+\} | \\[^{] )*+ "
                      | '(?!'') (?: [^'\\\n{]++ | \{\{ | \{[^"'{}\n]*+\} | \\[^{] )*+ ' )
    )*+
    """,
    re.VERBOSE | re.DOTALL,
)
"""A text in which every text, comment and continued line that begins also ends.

Formatted texts with quotes within their braces are left out: where these end differs between versions of Python.
"""


@dataclass(frozen=True, slots=True)
class Cut:
    """A function that was cut out."""

    start: int
    end: int
    first: int
    """Its first line."""
    last: int
    """Its last line."""
    is_indented: bool


def parse(content: bytes, interest: Interest) -> ast.Module:
    """Return the tree of a file in which functions that do not matter are yet to be parsed.

    Raises ``SyntaxError``, ``ValueError`` or ``RecursionError`` where it cannot be read as Python.
    """
    cuts = list(_cuts(content, interest))
    while cuts:
        try:
            tree = ast.parse(_without(content, cuts))
        except SyntaxError:
            break  # something was cut where it does not end, or the file is wrong itself
        left = {cut.first: cut for cut in cuts}
        _put_back(tree.body, left, content)
        if not left:
            return tree
        cuts = [cut for cut in cuts if cut.first not in left]  # the others stand in texts, and are part of these
    return ast.parse(content)


def _cuts(content: bytes, interest: Interest) -> Iterator[Cut]:
    """Yield the outermost functions that can be left out."""
    if _DECLARED.search(content, 0, 400) or content.count(b"\r") != content.count(b"\r\n"):
        return
    reached = 0
    for match in _HEADER.finditer(content):
        if match.start() < reached:
            continue
        indent = len(match[1])
        after = next_statement(indent).search(content, match.end())
        end = reached = after.start() if after is not None else len(content)
        if end - match.start() < _SHORTEST or not _is_left_out(content, match.start(), end, interest):
            continue
        first, last = interest.lines(match.start(), end)
        yield Cut(match.start(), end, first, last, is_indented=indent > 0)


def _is_left_out(content: bytes, start: int, end: int, interest: Interest) -> bool:
    """Return whether nothing of interest stands in a function, and it ends for certain where it seems to."""
    return (
        content.find(b"import ", start, end) < 0
        and not interest.holds(_decorated(content, start), end)
        and _CLOSED.fullmatch(content, start, end) is not None
    )


def _decorated(content: bytes, start: int) -> int:
    """Return where the decorators of a function begin, or itself."""
    found = place = start
    for _ in range(_MOST_LINES):
        above = content.rfind(b"\n", 0, max(0, place - 1)) + 1
        line = content[above:place].strip()
        if not line:
            break
        place = above
        if line.startswith(b"@"):
            found = place
    return found


def _without(content: bytes, cuts: Sequence[Cut]) -> bytes:
    parts, reached = [], 0
    for cut in cuts:
        header = _HEADER.match(content, cut.start)
        assert header is not None  # noqa: S101  it was found by it
        parts += [content[reached : cut.start], header[1], b"def ", header[2], b"(): ..."]
        parts.append(b"\n" * (cut.last - cut.first))
        reached = cut.end
    return b"".join([*parts, content[reached:]])


def _put_back(body: list[ast.stmt], cuts: dict[int, Cut], content: bytes) -> int:
    """Put in functions that are yet to be parsed where they were cut out; return the last line of a body."""
    last = 0
    for place, statement in enumerate(body):
        if not isinstance(statement, ast.FunctionDef):
            for inner in blocks(statement):
                statement.end_lineno = max(statement.end_lineno or 0, _put_back(inner, cuts, content))
        elif (cut := cuts.pop(statement.lineno, None)) is not None:
            body[place] = _unparsed(statement, cut, content)
        last = body[place].end_lineno or 0
    return last


def _unparsed(statement: ast.FunctionDef, cut: Cut, content: bytes) -> Unparsed:
    found = Unparsed.standing_for(statement, cut.first, cut.last)
    before = b"\n" * (cut.first - 2) + b"if 1:\n" if cut.is_indented else b"\n" * (cut.first - 1)
    found.text = before + content[cut.start : cut.end]
    return found

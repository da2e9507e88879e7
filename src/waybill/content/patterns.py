"""Shapes: how the characters of a number or code stand, as text in the catalogue and as arrays for the kernel.

A shape is made of groups of letters and digits and of what stands between them, such as ``d{3}-d{2}-d{4}``:

======== ============================== ======== ==========================================
``d``    a digit                        ``-``    a hyphen; likewise ``.``, ``:``, ``/``
``A``    a capital letter               ``_``    a space
``a``    a letter                       ``~``    a space or a hyphen
``N``    a capital letter or a digit    ``,``    a comma, perhaps with a space
``n``    a letter or a digit            ``)``    a closing bracket, perhaps with a space
``h``    a hexadecimal digit            ``(``    an opening bracket, perhaps with a space
``[…]``  one of these, with ranges      ``?``    after what stands between: perhaps
======== ============================== ======== ==========================================

Before the first group may stand ``+``, ``(``, ``·``, or ``:`` where no digit stands before that. ``{n}`` or
``{m,n}`` says how often; only the last element of a group may vary. A group reaches from one character that is neither
letter nor digit to the next, so a number within a longer one is never taken for a match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, product
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from waybill.model.errors import RuleError

LONGEST = 40
"""Letters and digits in a row beyond which nothing has a shape."""

_LEADS = {"+": ord("+"), "(": ord("("), ":": ord(":"), "·": 0xB7}
"""What may stand before the first group, and its (last) byte; its number is its place and one more, 0 is all else."""

BETWEEN = "-_~.:/(,)"
"""What may stand between groups; the number of each is its place here and one more, 0 is nothing."""

FOLLOWS = 9
"""How many classes of bytes after a group the kernel tells apart."""

_CLASSES = {"d": "0-9", "A": "A-Z", "a": "A-Za-z", "N": "A-Z0-9", "n": "A-Za-z0-9", "h": "0-9A-Fa-f"}
_ELEMENT = re.compile(r"(\[[^\]]+\]|[dAaNnh])(?:\{(\d+)(?:,(\d+))?\})?")
_BETWEEN = re.compile(r"([-_~.:/(,)])(\?)?")


class Group(NamedTuple):
    """Letters and digits without anything between."""

    least: int
    most: int
    classes: tuple[str, ...]
    """For each place the characters that may stand there."""


class Shape(NamedTuple):
    """Groups and what stands between them."""

    lead: str
    """``+`` or ``(`` before the first group, or nothing."""
    groups: tuple[Group, ...]
    between: tuple[str, ...]
    """One fewer than groups, or as many: then the last stands after the last group."""


def shapes(text: str) -> list[Shape]:
    """Return the shapes that a text means: two for each thing that may be left out. Raises RuleError."""
    lead, body = (text[0], text[1:]) if text[:1] in _LEADS else ("", text)
    found: list[tuple[list[list[tuple[str, int, int]]], list[str]]] = [([[]], [])]
    at = 0
    while at < len(body):
        if element := _ELEMENT.match(body, at):
            letters, least, most = element.groups()
            part = (_characters(letters), int(least or 1), int(most or least or 1))
            for groups, _ in found:
                groups[-1].append(part)
            at = element.end()
        elif between := _BETWEEN.match(body, at):
            parted = [([*map(list, groups), []], [*gaps, between[1]]) for groups, gaps in found]
            found = [*found, *parted] if between[2] else parted
            at = between.end()
        else:
            raise RuleError("this is no shape", where=text, expected="classes of characters and what is between them")
    return [Shape(lead, tuple(_group(parts, text) for parts in groups if parts), tuple(gaps)) for groups, gaps in found]


def _group(parts: Sequence[tuple[str, int, int]], text: str) -> Group:
    """Return the group that elements make; neighbours of one class are one element."""
    parts = [
        (letters, sum(part[1] for part in same), sum(part[2] for part in same))
        for letters, same in ((letters, list(same)) for letters, same in groupby(parts, key=itemgetter(0)))
    ]
    if not parts or any(least != most for _, least, most in parts[:-1]):
        raise RuleError("only the last element of a group may vary in length", where=text)
    least, most = sum(part[1] for part in parts), sum(part[2] for part in parts)
    return Group(least, most, tuple(letters for letters, _, count in parts for _ in range(count)))


def _characters(letters: str) -> str:
    """Return all characters of a class."""
    pattern = re.compile(f"[{_CLASSES[letters]}]" if letters in _CLASSES else letters)
    return "".join(chr(code) for code in range(128) if pattern.fullmatch(chr(code)))


class Tables(NamedTuple):
    """Shapes as the kernel reads them. ``first`` and ``items`` list the shapes to try at a run of a key.

    The key of a run is made of the byte before it, whether it has letters, its length, the class of the byte after
    it, and whether a digit comes after that.
    """

    first: npt.NDArray[np.int32]
    items: npt.NDArray[np.int32]
    shapes: npt.NDArray[np.int32]
    """A row for each shape: its check, whether it has a lead, where its groups begin and end, the least and most
    length of a run that must come next, one byte on, and what must stand after that."""
    groups: npt.NDArray[np.int32]
    """A row for each group: its least and most length, where its classes begin, and what stands after it."""
    classes: npt.NDArray[np.int32]
    members: npt.NDArray[np.bool_]
    """For each class, which bytes are in it."""
    follow: npt.NDArray[np.uint8]
    """For each byte, its class as one that follows a run."""
    leads: npt.NDArray[np.uint8]
    """For each byte, its number as one before a run."""


FOLLOWING = {" ": 1, "-": 2, ".": 3, ":": 4, "/": 5, ",": 6, ")": 7, "(": 8}
_OF_BETWEEN = {"-": "-", "_": " ", "~": " -", ".": ".", ":": ":", "/": "/", "(": " (", ",": ",", ")": ")"}

GAPS = np.zeros((len(BETWEEN) + 1, 256), np.bool_)
"""For each thing between groups, which bytes may stand for it."""
for _gap, _letters in _OF_BETWEEN.items():
    GAPS[BETWEEN.index(_gap) + 1, [ord(letter) for letter in _letters]] = True

_MAY_BE_TWO = frozenset("(,)")
FAR = 1 << 30
"""Longer than any run."""

OPENING, MAY_SPACE = BETWEEN.index("(") + 1, BETWEEN.index(",") + 1
"""Before the first a space may stand; after all from the second on."""


def key(lead: int, has_letters: int, length: int, follow: int, goes_on: int) -> int:
    """Return the key of a run."""
    return 2 * (((2 * lead + has_letters) * (LONGEST + 1) + length) * FOLLOWS + follow) + goes_on


def tables(given: Sequence[tuple[Shape, int]]) -> Tables:
    """Return the arrays of shapes, each with the number of its check."""
    groups = [group for shape, _ in given for group in shape.groups]
    gaps = [gap for shape, _ in given for gap in (*shape.between, "")[: len(shape.groups)]]
    numbers = {letters: n for n, letters in enumerate(dict.fromkeys(c for group in groups for c in group.classes))}
    members = np.zeros((len(numbers) + 1, 256), np.bool_)
    for letters, n in numbers.items():
        members[n, [ord(letter) for letter in letters]] = True
    follow = np.zeros(256, np.uint8)
    for letter, n in FOLLOWING.items():
        follow[ord(letter)] = n
    leads = np.zeros(256, np.uint8)
    for n, code in enumerate(_LEADS.values()):
        leads[code] = n + 1
    lists: list[list[int]] = [[] for _ in range(key(len(_LEADS), 1, LONGEST, FOLLOWS - 1, 1) + 1)]
    for n, (shape, _) in enumerate(given):
        for one in _keys(shape):
            lists[one].append(n)
    begin = _starts([len(shape.groups) for shape, _ in given])
    places = _starts([len(group.classes) for group in groups])
    rows = [
        (check, bool(shape.lead), begin[n], begin[n + 1], *(_next(shape) or (0, FAR, 0)))
        for n, (shape, check) in enumerate(given)
    ]
    after = [BETWEEN.index(gap) + 1 if gap else 0 for gap in gaps]
    parts = [(one.least, one.most, places[n], after[n]) for n, one in enumerate(groups)]
    return Tables(
        first=_starts(list(map(len, lists))),
        items=np.array([n for one in lists for n in one], np.int32),
        shapes=np.array(rows, np.int32).reshape(-1, 7),
        groups=np.array(parts, np.int32).reshape(-1, 4),
        classes=np.array([numbers[letters] for group in groups for letters in group.classes], np.int32),
        members=members,
        follow=follow,
        leads=leads,
    )


def _next(shape: Shape) -> tuple[int, int, int] | None:
    """Return the lengths of the second group, and what is after it, where it begins one byte on with a digit."""
    if len(shape.groups) < 2 or not shape.groups[1].classes[0].isdigit() or shape.between[0] in _MAY_BE_TWO:
        return None
    after = BETWEEN.index(shape.between[1]) + 1 if len(shape.between) > 1 else 0
    return shape.groups[1].least, shape.groups[1].most, after


def _keys(shape: Shape) -> Iterator[int]:
    """Yield the keys of runs that a shape may begin with."""
    follows = [FOLLOWING[one] for one in _OF_BETWEEN[shape.between[0]]] if shape.between else range(FOLLOWS)
    group, numbers = shape.groups[0], {lead: n + 1 for n, lead in enumerate(_LEADS)}
    leads = [numbers[shape.lead]] if shape.lead else range(len(_LEADS) + 1)
    ends = (1,) if _next(shape) else (0, 1)
    for length in range(group.least, min(group.most, LONGEST) + 1):
        places = group.classes[:length]
        digits = all(any(letter.isdigit() for letter in letters) for letters in places)
        letters = any(any(letter.isalpha() for letter in letters) for letters in places)
        for lead, follow, goes_on in product(leads, follows, ends):
            if digits:
                yield key(lead, 0, length, follow, goes_on)
            if letters:
                yield key(lead, 1, length, follow, goes_on)


def _starts(counts: Sequence[int]) -> npt.NDArray[np.int32]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

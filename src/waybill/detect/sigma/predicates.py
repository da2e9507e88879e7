"""Single tests of one field.

A predicate says: some member of this field's value stands in this relation to one of these values. Equal predicates
of different rules are one object, and each is answered once per distinct text (`texts`), never once per event.

Text is compared without regard to case unless the rule says ``cased``; `fold` maps character by character, so that
a text contains another if and only if the folded one contains the other folded. Regular expressions and wildcards run
on RE2 (by way of Arrow), whose running time is linear in the text: no pattern can make the detector hang. What RE2
cannot express (look-around, back-references) lies outside the subset that the Sigma specification allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

Table: TypeAlias = npt.NDArray[np.bool_]
"""Truth of one predicate for each of some texts."""

Number: TypeAlias = int | float

_INTEGER = re.compile(r"[+-]?[0-9]{1,300}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]{1,250}", re.ASCII)


class Op(StrEnum):
    """How a field's member relates to the predicate's values."""

    EQUALS = "equals"
    STARTS = "starts"
    ENDS = "ends"
    CONTAINS = "contains"
    MATCHES = "matches"
    """One of the values, as an RE2 expression, matches somewhere; folded text unless ``cased``."""
    WITHIN = "within"
    """It is an address in one of the blocks (CIDR)."""
    NUMBER = "number"
    LESS = "less"
    LESS_OR_EQUAL = "less-or-equal"
    GREATER = "greater"
    GREATER_OR_EQUAL = "greater-or-equal"
    EXISTS = "exists"
    """The field is there and not null; an empty text counts."""
    FIELD_EQUALS = "field-equals"
    """It equals a member of the field that the value names; likewise the next three."""
    FIELD_STARTS = "field-starts"
    FIELD_ENDS = "field-ends"
    FIELD_CONTAINS = "field-contains"


class Predicate(msgspec.Struct, frozen=True, cache_hash=True):
    """A test of one field; with an empty ``field``, of every text of the record (a keyword)."""

    field: str
    op: Op
    values: tuple[str | Number, ...] = ()
    """Any of them suffices. Folded already unless ``cased``."""
    cased: bool = False
    part: str = ""
    """Numeric tests only: compare this part of a moment (UTC): minute, hour, day, week, month or year."""


COMPARISONS: dict[Op, Callable[[Number, Number], bool]] = {
    Op.NUMBER: lambda seen, given: seen == given,
    Op.LESS: lambda seen, given: seen < given,
    Op.LESS_OR_EQUAL: lambda seen, given: seen <= given,
    Op.GREATER: lambda seen, given: seen > given,
    Op.GREATER_OR_EQUAL: lambda seen, given: seen >= given,
}
"""The numeric relations."""

RELATIONS: dict[Op, Callable[[str, str], bool]] = {
    Op.FIELD_EQUALS: lambda seen, other: seen == other,
    Op.FIELD_STARTS: lambda seen, other: seen.startswith(other),
    Op.FIELD_ENDS: lambda seen, other: seen.endswith(other),
    Op.FIELD_CONTAINS: lambda seen, other: other in seen,
}
"""The relations between two fields, on folded text."""


def fold(text: str) -> str:
    """Return ``text`` without differences of case, each character by itself and as one character."""
    folded = text.casefold()
    return folded if len(folded) == len(text) else "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    for candidate in (character.casefold(), character.lower()):
        if len(candidate) == 1:
            return candidate
    return character


def number_of(text: str) -> Number | None:
    """Return the number that ``text`` writes, decimal or as ``0x…``, or None."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    return None


def part_of(moment: datetime, part: str) -> int:
    """Return a part of a moment by the name of its Sigma modifier; weeks are those of ISO 8601."""
    return moment.isocalendar().week if part == "week" else int(getattr(moment, part))

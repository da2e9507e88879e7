"""Single tests of one field, and their truth for many texts at once.

A predicate says: some member of this field's value stands in this relation to one of these values. Equal predicates
of different rules are one object, and each is answered once per distinct text, never once per event.

Text is compared without regard to case unless the rule says ``cased``; `fold` maps character by character, so that
a text contains another if and only if the folded one contains the other folded. Regular expressions and wildcards run
on RE2 (by way of Arrow), whose running time is linear in the text: no pattern can make the detector hang. What RE2
cannot express (look-around, back-references) lies outside the subset that the Sigma specification allows.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from waybill.model.transfers import SEPARATOR

Table: TypeAlias = npt.NDArray[np.bool_]
"""Truth of one predicate for each of some texts."""

Number: TypeAlias = int | float

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

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


class Texts:
    """Distinct texts, with what several predicates ask of them worked out once, when first asked."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.plain = texts

    @cached_property
    def folded(self) -> list[str]:
        """The texts without differences of case."""
        return [fold(text) for text in self.plain]

    @cached_property
    def _plain_places(self) -> dict[str, list[int]]:
        return _places(self.plain)

    @cached_property
    def _folded_places(self) -> dict[str, list[int]]:
        return _places(self.folded)

    @cached_property
    def _short(self) -> bool:
        return sum(map(len, self.plain)) < 200 * len(self.plain)

    @cached_property
    def _plain_whole(self) -> str:
        return SEPARATOR.join(self.plain)

    @cached_property
    def _folded_whole(self) -> str:
        return SEPARATOR.join(self.folded)

    @cached_property
    def _plain_arrow(self) -> pa.Array:
        return pa.array(self.plain, pa.large_string())

    @cached_property
    def _folded_arrow(self) -> pa.Array:
        return pa.array(self.folded, pa.large_string())

    @cached_property
    def _numbers(self) -> list[Number | None]:
        return [number_of(text) for text in self.plain]

    @cached_property
    def _addresses(self) -> list[_Address | None]:
        return [_address(text) for text in self.plain]

    def table(self, predicate: Predicate) -> Table:
        """Return for each text whether ``predicate`` holds of it."""
        if predicate.op in COMPARISONS:
            return self._compared(predicate)
        if predicate.op is Op.WITHIN:
            return self._within([ipaddress.ip_network(str(value)) for value in predicate.values])
        values = [str(value) for value in predicate.values]
        return self._by_text(predicate.op, values, predicate.cased)

    def _by_text(self, op: Op, values: list[str], cased: bool) -> Table:
        if op is Op.EQUALS:
            places = self._plain_places if cased else self._folded_places
            table = self._none()
            table[[place for value in values for place in places.get(value, ())]] = True
            return table
        if op is Op.MATCHES:
            arrow = self._plain_arrow if cased else self._folded_arrow
            return _any(matches(arrow, value) for value in values)
        texts = self.plain if cased else self.folded
        if op is Op.CONTAINS:
            return self._containing(texts, cased, values)
        affixes = tuple(values)
        if op is Op.STARTS:
            return self._table(text.startswith(affixes) for text in texts)
        if op is Op.ENDS:
            return self._table(text.endswith(affixes) for text in texts)
        raise ValueError(f"{op} is no relation between a text and a value")

    def _containing(self, texts: Sequence[str], cased: bool, values: list[str]) -> Table:
        # Most values of most rules occur nowhere: among short texts one search through all of them settles those.
        whole = (self._plain_whole if cased else self._folded_whole) if self._short else None
        table = self._none()
        for value in values:
            if whole is None or value in whole:
                table |= np.fromiter([value in text for text in texts], dtype=np.bool_, count=len(texts))
        return table

    def _compared(self, predicate: Predicate) -> Table:
        holds = COMPARISONS[predicate.op]
        wanted = [value for value in predicate.values if not isinstance(value, str)]
        numbers = self._parts(predicate.part) if predicate.part else self._numbers
        return self._table(number is not None and any(holds(number, value) for value in wanted) for number in numbers)

    def _within(self, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> Table:
        return self._table(
            address is not None and any(address in network for network in networks) for address in self._addresses
        )

    def _parts(self, part: str) -> list[Number | None]:
        moments = [_moment(text) for text in self.plain]
        return [None if moment is None else part_of(moment, part) for moment in moments]

    def _table(self, truths: Iterable[bool]) -> Table:
        return np.fromiter(truths, dtype=np.bool_, count=len(self.plain))

    def _none(self) -> Table:
        return np.zeros(len(self.plain), dtype=np.bool_)


def matches(texts: pa.Array, pattern: str) -> Table:
    """Return for each text whether the RE2 expression matches somewhere; raises pa.ArrowInvalid for a bad one."""
    table: Table = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False).astype(np.bool_)
    return table


def _any(tables: Iterable[Table]) -> Table:
    first, *rest = tables
    for table in rest:
        first |= table
    return first


def _places(texts: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        places.setdefault(text, []).append(place)
    return places


def _address(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

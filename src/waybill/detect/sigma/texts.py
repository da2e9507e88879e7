"""The distinct texts of a field, and the truth of predicates for all of them at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.sigma.literals import LITERAL, Literal, Literals, Places, holds
from waybill.detect.sigma.predicates import COMPARISONS, Number, Op, Predicate, Table, fold, number_of, part_of

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


class Texts:
    """Distinct texts, with what several predicates ask of them worked out once, when first asked."""

    def __init__(self, texts: Sequence[str], literals: Literals | None = None) -> None:
        self.plain = texts
        self._literals = literals or Literals(())

    @cached_property
    def folded(self) -> list[str]:
        """The texts without differences of case."""
        return [text.lower() if text.isascii() else fold(text) for text in self.plain]

    @cached_property
    def _hits(self) -> Mapping[Literal, Places]:
        return self._literals.places(self.folded)

    @cached_property
    def _plain_places(self) -> dict[str, list[int]]:
        return _places(self.plain)

    @cached_property
    def _folded_places(self) -> dict[str, list[int]]:
        return _places(self.folded)

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

    def table(self, predicate: Predicate) -> Table | None:
        """Return for each text whether ``predicate`` holds of it; None if of none."""
        if predicate.op in COMPARISONS:
            return self._compared(predicate)
        if predicate.op is Op.WITHIN:
            return self._within([ipaddress.ip_network(str(value)) for value in predicate.values])
        values = [str(value) for value in predicate.values]
        if predicate.op is Op.EQUALS:
            places = self._plain_places if predicate.cased else self._folded_places
            return self._at([place for value in values for place in places.get(value, ())])
        if predicate.op is Op.MATCHES:
            arrow = self._plain_arrow if predicate.cased else self._folded_arrow
            return _any(matches(arrow, value) for value in values)
        if predicate.op in LITERAL:
            return self._with_literals(predicate.op, values, predicate.cased)
        raise ValueError(f"{predicate.op} is no relation between a text and a value")

    def _with_literals(self, op: Op, values: Sequence[str], cased: bool) -> Table | None:
        table: Table | None = None
        for value in values:
            if not cased and self._literals.knows(op, value):
                found = self._hits.get((op, value))
                if found is not None:
                    table = self._none() if table is None else table
                    table[found] = True
            else:
                texts = self.plain if cased else self.folded
                other = self._table(holds(op, value, text) for text in texts)
                table = other if table is None else table | other
        return table

    def _at(self, places: list[int]) -> Table | None:
        if not places:
            return None
        table = self._none()
        table[places] = True
        return table

    def _compared(self, predicate: Predicate) -> Table:
        compare = COMPARISONS[predicate.op]
        wanted = [value for value in predicate.values if not isinstance(value, str)]
        numbers = self._parts(predicate.part) if predicate.part else self._numbers
        return self._table(number is not None and any(compare(number, value) for value in wanted) for number in numbers)

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

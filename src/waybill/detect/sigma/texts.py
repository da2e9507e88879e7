"""The distinct texts of a field, and the truth of predicates for all of them at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ahocorasick_rs import BytesAhoCorasick

from waybill.detect.sigma.literals import LITERAL, Literal, Literals, Places, is_unicode, letters
from waybill.detect.sigma.predicates import COMPARISONS, Number, Op, Predicate, Table, fold, number_of, part_of


class Texts:
    """Distinct texts, with what several predicates ask of them worked out once, when first asked."""

    def __init__(self, plain: pa.Array, literals: Literals) -> None:
        self._plain = plain
        self._literals = literals

    @cached_property
    def _folded(self) -> pa.Array:
        return folded(self._plain)

    @cached_property
    def _ascii_folded(self) -> pa.Array:
        return folded(self._plain, for_ascii=True)

    def _texts_for(self, predicate: Predicate) -> pa.Array:
        """Return the texts as the values of a predicate are written."""
        if predicate.cased:
            return self._plain
        return self._ascii_folded if all(str(value).isascii() for value in predicate.values) else self._folded

    @cached_property
    def places(self) -> Mapping[Literal, Places]:
        """For each literal that rules look for and that occurs, the numbers of the texts in which it does."""
        return self._literals.places(self._ascii_folded if self._literals.are_ascii else self._folded)

    @cached_property
    def _list(self) -> list[str]:
        texts: list[str] = self._plain.to_pylist()
        return texts

    @cached_property
    def _numbers(self) -> list[Number | None]:
        return [number_of(text) for text in self._list]

    @cached_property
    def _number_places(self) -> Mapping[Number | str, list[int]]:
        places: dict[Number | str, list[int]] = {}
        for place, number in enumerate(self._numbers):
            if number is not None:
                places.setdefault(number, []).append(place)
        return places

    @cached_property
    def _addresses(self) -> list[tuple[int, int] | None]:
        """The version and number of each text that is an address."""
        return [_address(text) for text in self._list]

    def table(self, predicate: Predicate) -> Table | None:
        """Return for each text whether ``predicate`` holds of it; None if of none."""
        if predicate.op in LITERAL:
            return self._with_literals(predicate)
        if predicate.op is Op.MATCHES:
            texts = self._texts_for(predicate)
            return _any(matches(texts, str(value)) for value in predicate.values)
        if predicate.op is Op.WITHIN:
            return self._within([ipaddress.ip_network(str(value)) for value in predicate.values])
        if predicate.op is Op.NUMBER and not predicate.part:
            places = self._number_places
            return self._at([place for value in predicate.values for place in places.get(value, ())])
        if predicate.op in COMPARISONS:
            return self._compared(predicate)
        raise ValueError(f"{predicate.op} is no relation between a text and a value")

    def _with_literals(self, predicate: Predicate) -> Table | None:
        wanted = _literals(predicate)
        known = () if predicate.cased else self._literals.known.intersection(wanted)
        found = [self.places[literal] for literal in known if literal in self.places]
        table = self._at(np.concatenate(found)) if found else None
        if len(known) < len(wanted):
            texts = self._texts_for(predicate)
            looked = _any(_LOOK[op](texts, value) for op, value in wanted.difference(known))
            return looked if table is None else looked | table
        return table

    def _at(self, places: Sequence[int] | Places) -> Table | None:
        if not len(places):
            return None
        table = np.zeros(len(self._plain), dtype=np.bool_)
        table[places] = True
        return table

    def _compared(self, predicate: Predicate) -> Table:
        compare = COMPARISONS[predicate.op]
        wanted = [value for value in predicate.values if not isinstance(value, str)]
        numbers = self._parts(predicate.part) if predicate.part else self._numbers
        return self._table(number is not None and any(compare(number, value) for value in wanted) for number in numbers)

    def _within(self, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> Table:
        ranges = [(one.version, int(one.network_address), int(one.broadcast_address)) for one in networks]
        return self._table(
            address is not None
            and any(address[0] == kind and first <= address[1] <= last for kind, first, last in ranges)
            for address in self._addresses
        )

    def _parts(self, part: str) -> list[Number | None]:
        moments = [_moment(text) for text in self._list]
        return [None if moment is None else part_of(moment, part) for moment in moments]

    def _table(self, truths: Iterable[bool]) -> Table:
        return np.fromiter(truths, dtype=np.bool_, count=len(self._plain))


@lru_cache(maxsize=100_000)
def _literals(predicate: Predicate) -> frozenset[Literal]:
    """Return what a predicate looks for, but what is in no text."""
    return frozenset((predicate.op, value) for value in map(str, predicate.values) if is_unicode(value))


def folded(texts: pa.Array, *, for_ascii: bool = False) -> pa.Array:
    """Return texts without differences of case.

    ``for_ascii`` promises only the letters that are ASCII then, for those who look for nothing else: mostly that needs
    no look at each text.
    """
    lower = pc.ascii_lower(texts)
    written = letters(texts)
    if for_ascii and not _BECOME_ASCII.find_matches_as_indexes(written):
        return lower
    if np.frombuffer(written, np.uint8).max(initial=0) < 128:
        return lower
    others = pc.invert(pc.string_is_ascii(texts))
    return pc.replace_with_mask(lower, others, pa.array(map(fold, texts.filter(others).to_pylist()), texts.type))


_BECOME_ASCII = BytesAhoCorasick(["\u017f".encode(), "\u212a".encode()])
"""Looks for the letters beyond ASCII that `fold` makes ASCII: the long s and the sign of the kelvin."""


def matches(texts: pa.Array, pattern: str) -> Table:
    """Return for each text whether the RE2 expression matches somewhere; raises pa.ArrowInvalid for a bad one."""
    return _truths(pc.match_substring_regex(texts, pattern))


_LOOK: Mapping[Op, Callable[[pa.Array, str], Table]] = {
    Op.EQUALS: lambda texts, value: _truths(pc.equal(texts, value)),
    Op.CONTAINS: lambda texts, value: _truths(pc.match_substring(texts, value)),
    Op.STARTS: lambda texts, value: _truths(pc.starts_with(texts, value)),
    Op.ENDS: lambda texts, value: _truths(pc.ends_with(texts, value)),
}
"""How to look for one literal by itself."""


def _truths(answers: pa.Array) -> Table:
    table: Table = answers.to_numpy(zero_copy_only=False)
    return table


def _any(tables: Iterable[Table]) -> Table:
    first, *rest = tables
    for table in rest:
        first = first | table
    return first


def _address(text: str) -> tuple[int, int] | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    meant = mapped or address
    return meant.version, int(meant)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

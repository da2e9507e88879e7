"""Conditions: one fact held against one value, as rules write them, evaluated, compiled, and told.

``ciio`` · ``not ciio`` · ``persons_this_year >= 1_000_000`` · ``basis = contract`` · ``to_country in [CN, HK]`` ·
``to_country not in [CN]``
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from waybill.rulebook.facts import Fact, FactKind, Value, vocabulary

_FLAG = re.compile(r"(not\s+)?([a-z][a-z0-9_]*)")
_COMPARED = re.compile(r"([a-z][a-z0-9_]*)\s*(>=|<=|>|<)\s*([0-9][0-9_]*(?:\.[0-9]+)?)")
_CHOSEN = re.compile(r"([a-z][a-z0-9_]*)\s*(=|!=)\s*(\S+)")
_AMONG = re.compile(r"([a-z][a-z0-9_]*)\s+(not\s+)?in\s+\[([^\]]*)\]")
_NUMBERS = {FactKind.COUNT, FactKind.SHARE}
_NAMED = {FactKind.CHOICE, FactKind.COUNTRY, FactKind.CODE}


@dataclass(frozen=True, slots=True)
class Atom:
    """A condition on one fact."""

    fact: str
    operator: str
    """``is``, ``>=``, ``<=``, ``>``, ``<`` or ``in``."""
    value: bool | int | float | frozenset[str]
    negated: bool = False
    """Only of ``in``."""

    @property
    def kind(self) -> FactKind:
        """The kind of its fact."""
        return vocabulary()[self.fact].kind

    def holds(self, given: Value) -> bool:
        """Return whether it holds of a known value."""
        match self.operator:
            case "is":
                return given is self.value
            case ">=":
                return given >= self.value  # type: ignore[operator]
            case "<=":
                return given <= self.value  # type: ignore[operator]
            case ">":
                return given > self.value  # type: ignore[operator]
            case "<":
                return given < self.value  # type: ignore[operator]
            case _:
                return (given in self.value) is not self.negated  # type: ignore[operator]

    def source(self, constant: str) -> str:
        """Return it as Python over a variable of the fact's name; ``constant`` names a set of an ``in``."""
        if self.operator == "is":
            return self.fact if self.value else f"not {self.fact}"
        if self.operator == "in":
            return f"{self.fact} {'not ' if self.negated else ''}in {constant}"
        return f"{self.fact} {self.operator} {self.value!r}"

    def mask(self, column: Any) -> Any:
        """Return, of a NumPy column of known values, where it holds."""
        match self.operator:
            case "is":
                return column if self.value else ~column
            case "in":
                found = np.isin(column, np.array(sorted(self.value), dtype=column.dtype))  # type: ignore[arg-type]
                return ~found if self.negated else found
            case operator:
                compared: Any = {">=": np.greater_equal, "<=": np.less_equal, ">": np.greater, "<": np.less}[operator]
                return compared(column, self.value)

    def borders(self) -> tuple[Value, ...]:
        """Return values of the fact on either side of where it begins to hold."""
        if isinstance(self.value, bool):
            return (True, False)
        if isinstance(self.value, frozenset):
            return tuple(sorted(self.value))
        step = 1 if self.kind is FactKind.COUNT else 0.0001
        return tuple(value for value in (self.value - step, self.value, self.value + step) if value >= 0)

    def __str__(self) -> str:
        if isinstance(self.value, bool):
            return self.fact if self.value else f"not {self.fact}"
        if isinstance(self.value, frozenset):
            return f"{self.fact} {'not ' if self.negated else ''}in [{', '.join(sorted(self.value))}]"
        return f"{self.fact} {self.operator} {self.value:,}"


def parse(text: str) -> Atom:
    """Return the condition that a text writes. Raises ValueError saying what is wrong and what would be right."""
    text = text.strip()
    if found := _AMONG.fullmatch(text):
        fact = _known(found[1], _NAMED, "is compared with `in`")
        values = [value.strip() for value in found[3].split(",")]
        return Atom(fact.name, "in", frozenset(_named(fact, value) for value in values), bool(found[2]))
    if found := _COMPARED.fullmatch(text):
        fact = _known(found[1], _NUMBERS, f"is compared with {found[2]}")
        number = found[3].replace("_", "")
        value = float(number) if fact.kind is FactKind.SHARE else fact.value(number)
        return Atom(fact.name, found[2], value)  # type: ignore[arg-type]
    if found := _CHOSEN.fullmatch(text):
        fact = _known(found[1], _NAMED, f"is compared with {found[2]}")
        return Atom(fact.name, "in", frozenset({_named(fact, found[3])}), found[2] == "!=")
    if found := _FLAG.fullmatch(text):
        fact = _known(found[2], {FactKind.FLAG}, "stands alone")
        return Atom(fact.name, "is", not found[1])
    raise ValueError(f"{text!r} is no condition: write `fact`, `not fact`, `count >= 100`, `fact in [a, b]`")


def _known(name: str, kinds: set[FactKind], how: str) -> Fact:
    fact = vocabulary().get(name)
    if fact is None:
        raise ValueError(f"{name!r} is no fact: facts.toml names them")
    if fact.kind not in kinds:
        raise ValueError(f"{name!r} is a {fact.kind}, and {how} here")
    return fact


def _named(fact: Fact, value: str) -> str:
    try:
        return str(fact.value(value))
    except ValueError as error:
        raise ValueError(f"{value!r} cannot be {fact.name}: expected {error}") from None

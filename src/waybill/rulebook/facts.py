"""The facts that rules ask about: their kinds, what they may hold, and how to ask a person for them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files

import msgspec

from waybill.model.errors import RuleError, UsageError
from waybill.model.findings import Text
from waybill.rulebook.countries import COUNTRIES

Value = bool | int | float | str
Facts = Mapping[str, Value]
"""What is known of a transfer; a fact that is not in it is unknown."""

MOST = 10**12
"""Larger counts are a mistake of whoever wrote them."""


class FactKind(StrEnum):
    """What a fact holds."""

    FLAG = "flag"
    COUNT = "count"
    SHARE = "share"
    """From 0 to 1."""
    CHOICE = "choice"
    COUNTRY = "country"
    """ISO 3166-1 alpha-2."""
    CODE = "code"
    """An entry of a control list, such as 1C902; NONE if it is on none."""


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fact."""

    name: str
    kind: FactKind
    ask: Text
    choices: tuple[str, ...] = ()
    implies: tuple[str, ...] = ()
    """Flags that hold where this flag holds, or where this count is above 0."""
    step: bool = False
    """Whether it tells that something was done: a step of a checklist."""

    @property
    def others(self) -> tuple[Value, ...]:
        """Values that stand for all that no condition names."""
        return {FactKind.CHOICE: self.choices, FactKind.COUNTRY: ("ZZ",), FactKind.CODE: ("NONE",)}.get(self.kind, ())

    def value(self, given: object) -> Value:
        """Return the value that was given. Raises ValueError saying what would have been right."""
        match self.kind:
            case FactKind.FLAG:
                return _flag(given)
            case FactKind.COUNT:
                return _count(given)
            case FactKind.SHARE:
                return _share(given)
            case FactKind.CHOICE:
                if given in self.choices:
                    return str(given)
                raise ValueError(f"one of {', '.join(self.choices)}")
            case FactKind.COUNTRY:
                if isinstance(given, str) and given.upper() in COUNTRIES:
                    return given.upper()
                raise ValueError("a country's two letters (ISO 3166-1), such as CN")
            case _:
                if isinstance(given, str) and 0 < len(given.strip()) <= 40:
                    return given.strip().upper()
                raise ValueError("an entry of a control list, such as 1C902, or NONE")


class _File(msgspec.Struct, forbid_unknown_fields=True):
    facts: tuple[Fact, ...]


@cache
def vocabulary() -> Mapping[str, Fact]:
    """Return the facts by name. Raises RuleError if the file is wrong."""
    text = files("waybill.rulebook").joinpath("facts.toml").read_text(encoding="utf-8")
    try:
        found = {fact.name: fact for fact in msgspec.toml.decode(text, type=_File).facts}
    except msgspec.DecodeError as error:
        raise RuleError(str(error), where="facts.toml") from None
    for fact in found.values():
        for implied in fact.implies:
            if implied not in found or found[implied].kind is not FactKind.FLAG:
                raise RuleError(f"{fact.name!r} implies no flag: {implied!r}", where="facts.toml")
    return found


def read_facts(given: Mapping[str, object], where: str = "") -> dict[str, Value]:
    """Return facts as given by a person or a file; empty and missing ones stay unknown, implied ones are added.

    Raises UsageError for an unknown fact, a value that it cannot hold, and facts that contradict each other.
    """
    known = vocabulary()
    found: dict[str, Value] = {}
    for name, content in given.items():
        fact = known.get(name)
        if fact is None:
            close = get_close_matches(name, known, 1)
            advice = f"did you mean {close[0]!r}?" if close else "`waybill rulebook facts` lists them"
            raise UsageError("there is no such fact", where=_place(where, name), advice=advice)
        if content is None or content == "":
            continue
        try:
            found[name] = fact.value(content)
        except ValueError as error:
            raise UsageError(f"{content!r} cannot be", where=_place(where, name), expected=str(error)) from None
    return _closed(found, where)


def _closed(found: dict[str, Value], where: str) -> dict[str, Value]:
    """Add what follows from the facts. Raises UsageError where they contradict each other."""
    known = vocabulary()
    waiting = list(found)
    while waiting:
        name = waiting.pop()
        if not found[name]:
            continue
        for implied in known[name].implies:
            if found.get(implied) is False:
                raise UsageError(
                    f"the facts contradict each other: {name} is {found[name]}, and {implied} is not so",
                    where=_place(where, name),
                    expected=f"{implied} = true, or {name} = {'false' if found[name] is True else 0}",
                )
            if implied not in found:
                found[implied] = True
                waiting.append(implied)
    return found


def _flag(given: object) -> bool:
    if isinstance(given, bool):
        return given
    told = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if isinstance(given, str) and given.strip().lower() in told:
        return told[given.strip().lower()]
    raise ValueError("true or false")


def _count(given: object) -> int:
    try:
        number = int(given) if isinstance(given, (int, str)) and not isinstance(given, bool) else -1
    except ValueError:
        number = -1
    if 0 <= number <= MOST:
        return number
    raise ValueError("a whole number, not below 0")


def _share(given: object) -> float:
    try:
        number = float(given) if isinstance(given, (int, float, str)) and not isinstance(given, bool) else -1.0
    except ValueError:
        number = -1.0
    if 0 <= number <= 1:
        return number
    raise ValueError("a share from 0 to 1, such as 0.25")


def _place(where: str, name: str) -> str:
    return f"{where}: {name}" if where else name

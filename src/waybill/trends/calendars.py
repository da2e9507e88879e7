"""Policy calendars as data: stretches of days, of which kind they are, and who says so.

A calendar is only ever held against counts of what has happened. No detector reads one: that somebody acts in a week of
politics says nothing about what was done.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from waybill.model.errors import RuleError, UsageError
from waybill.model.findings import Text

Span = tuple[date, date]
"""First and last day."""

KINDS = ("political", "campaign", "holiday", "control", "other")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Stretches of days that have something in common."""

    name: str
    title: Text
    kind: str
    jurisdiction: str
    """Where it holds, as a country's two letters; empty: everywhere."""
    source: str
    note: Text
    verified: str
    """By whom and when the days were held against the source; empty: nobody has."""
    spans: tuple[Span, ...]

    @property
    def days(self) -> frozenset[int]:
        """Every day of it, as proleptic Gregorian ordinals."""
        return frozenset(day for first, last in self.spans for day in range(first.toordinal(), last.toordinal() + 1))


def built_in() -> tuple[str, ...]:
    """Return the names of the calendars that ship with the package."""
    folder = resources.files("waybill.trends") / "calendars"
    return tuple(sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml")))


def calendar(name: str) -> Calendar:
    """Return a calendar by its name, or that of a file of yours.

    Raises UsageError where there is none, RuleError where its file is wrong.
    """
    if name in built_in():
        content = (resources.files("waybill.trends") / "calendars" / f"{name}.toml").read_bytes()
        return parse(name, content)
    path = Path(name)
    if path.suffix == ".toml" and path.is_file():
        return parse(path.stem, path.read_bytes())
    raise UsageError(
        "there is no such calendar", where=name, expected=", ".join([*built_in(), "a .toml file of yours"])
    )


def parse(name: str, content: bytes) -> Calendar:
    """Return the calendar that a file tells of. Raises RuleError for what is wrong with it, an empty one included."""
    try:
        said = tomllib.loads(content.decode("utf-8"))
        title, kind, source = said["title"], said["kind"], str(said["source"])
        spans = tuple(sorted(_span(name, one) for one in _listed(said["spans"])))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise RuleError(
            "this is no calendar", where=f"{name}: {str(error)[:80]}", expected="title, kind, source and spans"
        ) from None
    if kind not in KINDS:
        raise RuleError("a calendar is of one of these kinds", where=f"{name}: {kind}", expected=", ".join(KINDS))
    if not spans:
        raise RuleError("the calendar is empty", where=name, expected="at least one span of days")
    verified = f"{said['verified_by']}, {said['verified_on']}" if said.get("verified_on") else ""
    return Calendar(
        name,
        _text(title),
        kind,
        str(said.get("jurisdiction", "")),
        source,
        _text(said.get("note", "")),
        verified,
        spans,
    )


def step(name: str, since: date, until: date) -> Calendar:
    """Return the calendar of a control that came into force one day and stays."""
    return Calendar(name, Text(name, name), "control", "", "", Text("", ""), "", ((since, until),))


def _listed(said: Any) -> Sequence[Any]:
    return list(said.values()) if isinstance(said, dict) else list(said)


def _span(name: str, said: Any) -> Span:
    days = [one.date() if isinstance(one, datetime) else one for one in said]
    if len(days) != 2 or not all(isinstance(one, date) for one in days) or days[0] > days[1]:
        raise RuleError("this is no span of days", where=f"{name}: {said}", expected="[2020-05-22, 2020-05-28]")
    return days[0], days[1]


def _text(said: Any) -> Text:
    return Text(said["en"], said["zh"]) if isinstance(said, dict) else Text(str(said), str(said))

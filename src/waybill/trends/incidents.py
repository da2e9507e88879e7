"""One incident as the register keeps it: VERIS 1.4.1 in long tables, with what VERIS leaves open said out loud.

Intent and origin are columns of their own with ``unknown`` as a value, dates know how precise they are, and a record
knows when it was reported and when it was coded, since both come long after what happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from waybill.cases.words import Origin
from waybill.model.words import Intent

UNKNOWN = "Unknown"
"""What VERIS calls whatever nobody knows."""

NAME_LENGTH = 200
"""Longest id, name or word, in characters."""

ACCIDENTAL = frozenset({"error", "environmental"})
"""Actions that nobody means (VERIS)."""
DELIBERATE = frozenset({"misuse", "hacking", "malware", "social", "physical"})


class Precision(StrEnum):
    """How exactly the day of an incident is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Action(msgspec.Struct, frozen=True):
    """What was done: one of VERIS's kinds, in one variety over one vector."""

    kind: str
    variety: str = UNKNOWN
    vector: str = UNKNOWN


class Actor(msgspec.Struct, frozen=True):
    """Who did it, as far as a kind says so; never a name."""

    kind: str
    variety: str = UNKNOWN
    motive: str = UNKNOWN


class Data(msgspec.Struct, frozen=True):
    """What sort of data was concerned, and how many records of it."""

    variety: str
    records: int | None = None


class Asset(msgspec.Struct, frozen=True):
    """What the data lay on: ``S - Database``, its first letter the class."""

    variety: str


class Discovery(msgspec.Struct, frozen=True):
    """How it came to light."""

    method: str
    variety: str = UNKNOWN


PARTS: dict[str, type[msgspec.Struct]] = {
    "actions": Action,
    "actors": Actor,
    "data": Data,
    "assets": Asset,
    "discoveries": Discovery,
}
"""What an incident has several of, by its field: a long table of its own for each."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One incident, a leak or an attempt at one."""

    source: str
    """The set of data it belongs to, such as ``cases`` or ``vcdb``."""
    id: str
    """What it is called there."""
    occurred: date
    """When it began; of a month or a year that is known, the first day."""
    precision: Precision
    reported_at: date | None = None
    """When somebody outside, or an authority, was told."""
    coded_at: date | None = None
    """When it became a record; the delay that trends are corrected for ends here."""
    status: str = "Confirmed"
    disclosed: str = UNKNOWN
    """Whether data got out: ``Yes``, ``No``, ``Potentially``, ``Unknown``; all but the first are attempts so far."""
    intent: Intent = Intent.UNKNOWN
    origin: Origin = Origin.UNKNOWN
    victim: str = ""
    """The organisation concerned: the unit that publication protects."""
    industry: str = ""
    """Trade, as a NAICS code; empty if it is unknown."""
    countries: tuple[str, ...] = ()
    """ISO 3166 codes of two letters; empty if they are unknown."""
    employees: str = UNKNOWN
    records: int | None = None
    """Records of data concerned in all."""
    discovery_value: float | None = None
    discovery_unit: str = UNKNOWN
    """How long it took to come to light."""
    public_interest: bool = False
    """Whether it concerns what the public has an interest in; such ones are never tabulated by week."""
    actions: tuple[Action, ...] = ()
    actors: tuple[Actor, ...] = ()
    data: tuple[Data, ...] = ()
    assets: tuple[Asset, ...] = ()
    discoveries: tuple[Discovery, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of action."""
        return frozenset(one.kind for one in self.actions)

    @property
    def classes(self) -> frozenset[str]:
        """The classes of asset, by VERIS's letter; ``Unknown`` where it gives none."""
        return frozenset(asset_class(one.variety) for one in self.assets)

    @property
    def trade(self) -> str:
        """The first two digits of the trade's code; empty if it is unknown."""
        return self.industry[:2] if self.industry[:2].isdigit() and self.industry[:2] != "00" else ""

    @property
    def day(self) -> date | None:
        """The day, where it is known."""
        return self.occurred if self.precision is Precision.DAY else None


@dataclass(frozen=True, slots=True)
class Register:
    """Incidents that count, the records that do not, and the version that both come from."""

    incidents: tuple[Incident, ...]
    doubles: tuple[Incident, ...]
    """Records that do not count, because another one has their id."""
    refused: int
    """Records that were not taken, of all reads."""
    version: str
    """Twelve letters of a hash; empty while nothing was ever added."""


CLASSES = {"S", "U", "M", "P", "N", "E", "T"}


def asset_class(variety: str) -> str:
    """Return the class of an asset: the letter before ``" - "``."""
    letter = variety.partition(" - ")[0]
    return letter if letter in CLASSES else UNKNOWN


def intent_of(kinds: Iterable[str]) -> Intent:
    """Return what kinds of action say of the intent; where they say both, or nothing, it is unknown."""
    found = set(kinds)
    if found & ACCIDENTAL and not found & DELIBERATE:
        return Intent.ACCIDENT
    if found & DELIBERATE and not found & ACCIDENTAL:
        return Intent.DELIBERATE
    return Intent.UNKNOWN


class RefusedError(Exception):
    """A record that the register does not take, and why; the message names nobody."""

    def __init__(self, field: str, reason: str, expected: str = "") -> None:
        super().__init__(reason)
        self.field, self.reason, self.expected = field, reason, expected


def day_of(field: str, year: Any, month: Any = None, day: Any = None) -> tuple[date, Precision]:
    """Return a date that may lack its day or month. Raises RefusedError for one that is in no calendar."""
    try:
        found = date(int(year), int(month or 1), int(day or 1) if month else 1)
    except (TypeError, ValueError, OverflowError):
        raise RefusedError(field, "this day is in no calendar", "a year, or a year and month, or a day") from None
    return found, Precision.DAY if month and day else Precision.MONTH if month else Precision.YEAR

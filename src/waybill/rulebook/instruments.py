"""Instruments (a law, an order, a company's own rules) and what they say, as the files give it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from waybill.model.findings import Text
from waybill.rulebook.atoms import Atom
from waybill.rulebook.facts import Facts, Value
from waybill.rulebook.words import Confidence, Outcome


class Unit(StrEnum):
    """What the length of a deadline counts."""

    AT_ONCE = "at-once"
    """No length: due the moment it begins to run."""
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working-days"
    MONTHS = "months"


class Change(StrEnum):
    """What happens to an instrument, or one of its rules, after it took effect."""

    SUSPENDED = "suspended"
    AMENDED = "amended"
    """Another rule stands in its place."""
    REPEALED = "repealed"


@dataclass(frozen=True, slots=True)
class Event:
    """A change, from its first day to its last."""

    change: Change
    first: date
    last: date | None
    """None: until further notice."""
    by: str
    """The instrument that made the change."""
    known_on: date
    """When it was made public."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that must be done."""

    what: Text
    to: Text | None = None
    """Whom it is owed."""
    within: str = ""
    """How soon, as the instrument says it, such as ``PT24H`` (ISO 8601)."""
    keep_years: int | None = None
    """How long records of it must be kept."""


@dataclass(frozen=True, slots=True, eq=False)
class RuleTest:
    """A case that the rule decides, and which must come out so."""

    facts: Mapping[str, Value]
    outcome: Outcome
    on: date | None = None
    """The day; the first on which the rule holds if none is said."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Provision:
    """What an article says for certain cases: its conditions, its dates, and how sure it is that it says so."""

    id: str
    article: str
    says: Text
    when: tuple[Atom, ...]
    quote: str = ""
    quote_sha256: str = ""
    first: date = date.min
    """The day it takes effect."""
    events: tuple[Event, ...] = ()
    """Its instrument's changes and its own."""
    verified_on: date | None = None
    """When a person last held the quote against the source's text."""
    review_on: date | None = None
    """From this day on that was too long ago."""
    place: str = ""
    """File and line."""

    @property
    def fits_its_quote(self) -> bool:
        """Whether there is a quote, and it is the one whose hash is on file."""
        return bool(self.quote) and hashlib.sha256(self.quote.encode()).hexdigest() == self.quote_sha256

    def is_verified(self, day: date, known: date) -> bool:
        """Return whether on ``known`` a person had held it against its source, and that counts for ``day``."""
        if self.verified_on is None or self.verified_on > known or not self.fits_its_quote:
            return False
        return self.review_on is None or max(day, known) < self.review_on

    def holds(self, facts: Facts) -> bool | None:
        """Return whether its conditions hold; None where that rests on facts that are unknown."""
        held = [atom.holds(facts[atom.fact]) for atom in self.when if atom.fact in facts]
        return False if not all(held) else True if len(held) == len(self.when) else None

    @property
    def numbers(self) -> tuple[int | float, ...]:
        """The numbers that its conditions hold, and that its quote must say."""
        return _numbers(self.when)

    def unknown(self, facts: Facts) -> tuple[str, ...]:
        """Return the facts that it asks about and that are not known."""
        return tuple(dict.fromkeys(atom.fact for atom in self.when if atom.fact not in facts))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rule(Provision):
    """If all conditions hold, this is the outcome; the lowest priority of a regime that applies decides.

    A rule without an outcome decides nothing: it adds its duties wherever its conditions hold.
    """

    outcome: Outcome | None
    priority: int
    filing: str = ""
    """What is to be filed or had, where the outcome is to file."""
    duties: tuple[Duty, ...] = ()
    tests: tuple[RuleTest, ...] = ()

    @property
    def result(self) -> tuple[Outcome | None, str]:
        """The outcome, with what is to be filed."""
        return self.outcome, self.filing


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a report must say."""

    id: str
    ask: Text
    first: bool = False
    """Whether a first report must say it even where the cause is not known yet."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Deadline(Provision):
    """Until when something must be reported after an incident, and to whom."""

    starts: str
    """The moment it runs from: ``aware``, ``handled``, … of ``words.Moment``, or another deadline, once met."""
    length: int
    unit: Unit
    to: Text
    """Whom it is owed."""
    form: tuple[Field, ...] = ()
    tests: tuple[DeadlineTest, ...] = ()

    @property
    def numbers(self) -> tuple[int | float, ...]:
        """The numbers of its conditions, and its length."""
        return (*_numbers(self.when), self.length)


@dataclass(frozen=True, slots=True, eq=False)
class DeadlineTest:
    """A case in which a deadline runs, or does not."""

    facts: Mapping[str, Value]
    runs: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grading(Provision):
    """If all conditions hold, a fact that is a grade is at least this."""

    fact: str
    value: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A source of rules."""

    id: str
    regime: str
    name: Text
    source: str
    """Address or title of the text that counts."""
    first: date
    known_on: date
    """When it was made public."""
    confidence: Confidence
    rules: tuple[Rule, ...]
    events: tuple[Event, ...] = ()
    place: str = ""
    deadlines: tuple[Deadline, ...] = ()
    gradings: tuple[Grading, ...] = ()
    zone: str = "UTC"
    """Where its days begin and end (IANA time zone)."""
    country: str = ""
    """Whose public holidays are no working days (ISO 3166-1); empty: only weekends are none."""

    @property
    def provisions(self) -> tuple[Provision, ...]:
        """All that it says: rules, deadlines and gradings."""
        return (*self.rules, *self.deadlines, *self.gradings)


def _numbers(atoms: tuple[Atom, ...]) -> tuple[int | float, ...]:
    return tuple(atom.value for atom in atoms if not isinstance(atom.value, (bool, frozenset)))

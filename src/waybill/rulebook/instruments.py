"""Instruments (a law, an order, a company's own rules) and their rules, as the files give them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from waybill.model.findings import Text
from waybill.rulebook.atoms import Atom
from waybill.rulebook.facts import Value
from waybill.rulebook.words import Confidence, Outcome


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


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """If all conditions hold, this is the outcome; the lowest priority of a regime that applies decides.

    A rule without an outcome decides nothing: it adds its duties wherever its conditions hold.
    """

    id: str
    article: str
    says: Text
    when: tuple[Atom, ...]
    outcome: Outcome | None
    priority: int
    filing: str = ""
    """What is to be filed or had, where the outcome is to file."""
    duties: tuple[Duty, ...] = ()
    quote: str = ""
    quote_sha256: str = ""
    first: date = date.min
    """The day it takes effect."""
    events: tuple[Event, ...] = ()
    """Its instrument's changes and its own."""
    tests: tuple[RuleTest, ...] = ()
    verified_on: date | None = None
    """When a person last held the quote against the source's text."""
    review_on: date | None = None
    """From this day on that was too long ago."""
    place: str = ""
    """File and line."""

    @property
    def result(self) -> tuple[Outcome | None, str]:
        """The outcome, with what is to be filed."""
        return self.outcome, self.filing

    @property
    def fits_its_quote(self) -> bool:
        """Whether there is a quote, and it is the one whose hash is on file."""
        return bool(self.quote) and hashlib.sha256(self.quote.encode()).hexdigest() == self.quote_sha256

    def is_verified(self, day: date, known: date) -> bool:
        """Return whether on ``known`` a person had held it against its source, and that counts for ``day``."""
        if self.verified_on is None or self.verified_on > known or not self.fits_its_quote:
            return False
        return self.review_on is None or max(day, known) < self.review_on


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
    events: tuple[Event, ...] = field(default=())
    place: str = ""

"""Statutory reports and their figures, the duties to file them, and prices paid with public money.

A report is made inside an organisation or filed with an authority, and speaks of one event or period. Nothing here
says who wrote it: what counts is what was said, when, and for which organisation.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_NAME = re.compile(r"[\w.-]{1,60}")
_UNIT = re.compile(r"[^;=\s\x00-\x1f]{1,20}")

GIVEN = "given"
"""Stands for a reason that was given but is not kept, since its words may tell who wrote it."""


class Stage(StrEnum):
    """What a report is."""

    INTERNAL = "internal"
    """Made inside the organisation."""
    FILING = "filing"
    """Filed with an authority or published."""
    WITHDRAWAL = "withdrawal"
    """Takes back the document that it names."""


FIGURES: dict[str, tuple[str, ...]] = {
    "deaths": ("dead", "died", "fatalities", "死亡", "死亡人数"),
    "missing": ("missing_persons", "失踪", "失踪人数", "下落不明", "下落不明人数"),
    "seriously_injured": ("serious_injuries", "重伤", "重伤人数"),
    "injured": ("injuries", "受伤", "受伤人数"),
    "direct_loss": ("direct_economic_loss", "直接经济损失"),
}
"""Figures that laws ask for, and what else systems call them. Any other name is a figure too."""

_CANONICAL = {other: name for name, others in FIGURES.items() for other in others}


class Figure(msgspec.Struct, frozen=True, order=True):
    """One number of a report: what it counts, how much, and the unit where it is no plain count."""

    name: str
    value: Decimal
    unit: str = ""
    """UN/ECE Recommendation 20 or ISO 4217 code, or any other word; empty for a count."""

    @classmethod
    def of(cls, name: str, value: str, unit: str = "") -> Figure:
        """Return the figure that these words mean. Raises ValueError where they mean none."""
        known, value, unit = figure_name(name), value.strip(), unit.strip()
        if not known or _NUMBER.fullmatch(value) is None or (unit and _UNIT.fullmatch(unit) is None):
            raise ValueError("not a figure")
        return cls(known, Decimal(value), unit)

    @classmethod
    def parse(cls, text: str) -> Figure:
        """Return the figure written as ``name=value`` or ``name=value unit``. Raises ValueError for anything else."""
        name, equals, rest = text.partition("=")
        value, _, unit = rest.strip().partition(" ")
        if not equals:
            raise ValueError("no equals sign")
        return cls.of(name, value, unit)

    @property
    def amount(self) -> str:
        """The number with its unit; equal amounts read alike."""
        return f"{plain(self.value)} {self.unit}".rstrip()

    def __str__(self) -> str:
        return f"{self.name}={self.amount}"


def figure_name(text: str) -> str:
    """Return the one name of a figure, whatever a system calls it; empty if it is no name."""
    name = "_".join(folded(text).split())
    return _CANONICAL.get(name, name) if _NAME.fullmatch(name) else ""


def plain(value: Decimal) -> str:
    """Return a number without exponent, and without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def folded(text: str) -> str:
    """Return a name as names are compared: width, case and white space make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """One report, filing or withdrawal. Records of this kind are never changed: a new one amends."""

    id: str
    stage: Stage
    event: str
    """The event or period it speaks of, as the organisation numbers it."""
    organisation: str
    """Organisation or site that is accountable; never a person."""
    made_at: datetime
    """When it was reported inside, filed or withdrawn."""
    kind: str = ""
    """What sort of event, for example ``coal-mine-accident``; duties go by it."""
    day: date | None = None
    """The day on which it happened."""
    site: str = ""
    figures: tuple[Figure, ...] = ()
    due_at: datetime | None = None
    """When the filing is due, where the source says so."""
    document: str = ""
    """Number that amendments refer to; empty where that is the id."""
    amends: str = ""
    """Number of the document that this one replaces or withdraws."""
    reason: str = ""
    """Why it amends or withdraws; of all but filings only whether there was one."""
    basis: str = ""
    """Id of the duty that demands it, where the source says so."""
    transfer: str = ""
    """Id of the transfer that it was read from."""
    source: str = ""
    file: str = ""
    position: int = 0
    """Where a filing was read; of reports inside this is not kept, since a path may tell whose it is."""

    @property
    def number(self) -> str:
        """The number that other documents know it by."""
        return self.document or self.id

    @property
    def is_noted(self) -> bool:
        """Whether it says what it replaces and why."""
        return bool(self.amends and self.reason)

    def without_author(self) -> Disclosure:
        """Return it without what may tell who wrote it; of a filing, which is public, nothing does."""
        if self.stage is Stage.FILING:
            return self
        return msgspec.structs.replace(self, reason=GIVEN if self.reason else "", source="", file="", position=0)


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that demands a filing: for what, how soon, with which figures; and how sure that is."""

    id: str
    instrument: str
    """The law or order, by its own name."""
    article: str = ""
    kinds: tuple[str, ...] = ()
    """Kinds of events that it is about."""
    hours: int | None = None
    """From the first report inside to the latest moment of filing; none: the rule sets no hour."""
    amend_hours: int | None = None
    """From the moment something new is known inside to the latest moment of amending the filing."""
    figures: tuple[str, ...] = ()
    """Figures that a filing must state; none: all that were reported inside."""
    applies_when: tuple[str, ...] = ()
    """Figures of which one must be above zero for the rule to apply; none: it always does."""
    certainty: str = ""
    """How sure this is: ``verbatim`` (read in the text), ``secondary`` (quoted elsewhere), ``assumed``."""
    source: str = ""
    """Where that was read."""
    verified_on: date | None = None


class PriceRole(StrEnum):
    """Which side of the comparison a price is on."""

    PAID = "paid"
    REFERENCE = "reference"


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A price paid with public money, or a reference for one. It names neither buyer nor seller."""

    id: str
    role: PriceRole
    item: str
    price: Decimal
    """Of one unit."""
    currency: str
    """ISO 4217."""
    unit: str
    """What the price is for: UN/ECE Recommendation 20 code or another word."""
    day: date
    source: str = ""
    """Where the price stands: a contract, an index, a quotation, a catalogue."""
    quality: str = ""
    """Grade or specification; only equal ones are compared."""
    quantity: Decimal | None = None
    """How much was bought or offered at this price."""

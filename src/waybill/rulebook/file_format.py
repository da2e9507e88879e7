"""What a file of the rulebook may hold, field by field."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from waybill.model.findings import Text
from waybill.rulebook.instruments import Change, Unit
from waybill.rulebook.words import Confidence, Outcome

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9./-]{1,60}$")]
_Value = bool | int | float | str


class EventRow(msgspec.Struct, forbid_unknown_fields=True):
    """Something that happened to the instrument, or to a part of it."""

    change: Change
    first: date
    by: str
    last: date | None = None
    known_on: date | None = None


class DutyRow(msgspec.Struct, forbid_unknown_fields=True):
    """Something that must be done."""

    what: Text
    to: Text | None = None
    within: str = ""
    keep_years: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None


class ProvisionRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What every part of an instrument has."""

    id: Id
    article: str
    says: Text
    when: tuple[str, ...]
    quote: str = ""
    quote_sha256: str = ""
    first: date | None = None
    events: tuple[EventRow, ...] = ()
    verified_on: date | None = None
    review_on: date | None = None


class RuleTestRow(msgspec.Struct, forbid_unknown_fields=True):
    """A case of a rule."""

    facts: dict[str, _Value]
    outcome: Outcome
    on: date | None = None


class RuleRow(ProvisionRow, kw_only=True):
    """``[[rules]]``."""

    priority: int = 0
    outcome: Outcome | None = None
    filing: str = ""
    duties: tuple[DutyRow, ...] = ()
    tests: tuple[RuleTestRow, ...] = ()


class DeadlineTestRow(msgspec.Struct, forbid_unknown_fields=True):
    """A case of a deadline."""

    facts: dict[str, _Value]
    runs: bool


class DeadlineRow(ProvisionRow, kw_only=True):
    """``[[deadlines]]``."""

    unit: Unit
    to: Text
    starts: str = "aware"
    length: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    form: str = ""
    tests: tuple[DeadlineTestRow, ...] = ()


class GradingRow(ProvisionRow, kw_only=True):
    """``[[gradings]]``."""

    fact: str
    value: str


class FieldRow(msgspec.Struct, forbid_unknown_fields=True):
    """One thing that a report must say."""

    id: Id
    ask: Text
    first: bool = False


class FormRow(msgspec.Struct, forbid_unknown_fields=True):
    """``[[forms]]``: what a report must say."""

    id: Id
    fields: tuple[FieldRow, ...]


class File(msgspec.Struct, forbid_unknown_fields=True):
    """A whole file: one instrument."""

    id: Id
    regime: Id
    name: Text
    source: str
    first: date
    confidence: Confidence
    rules: tuple[RuleRow, ...] = ()
    deadlines: tuple[DeadlineRow, ...] = ()
    gradings: tuple[GradingRow, ...] = ()
    forms: tuple[FormRow, ...] = ()
    known_on: date | None = None
    verified_on: date | None = None
    review_on: date | None = None
    events: tuple[EventRow, ...] = ()
    zone: str = "UTC"
    country: str = ""

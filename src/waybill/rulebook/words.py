"""The words of the rulebook: outcomes by strictness, confidence in a rule, moments of an incident."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What a rule makes of a transfer, the mildest first."""

    OUTSIDE = "outside"
    """The regime has nothing to say about it."""
    PERMITTED = "permitted"
    DUTIES = "permitted-with-duties"
    FILE = "file"
    """Not before something was filed, or a licence was had."""
    PROHIBITED = "prohibited"


STRICTNESS = {outcome: number for number, outcome in enumerate(Outcome)}
"""How strict an outcome is; larger is stricter."""


class Confidence(StrEnum):
    """How sure it is that a rule says what its source says."""

    TEXT = "text"
    """Written with the source's text at hand."""
    SECONDARY = "secondary"
    """From what others wrote about it."""
    MEMORY = "memory"
    """From memory."""


class Moment(StrEnum):
    """From when deadlines run after an incident."""

    AWARE = "aware"
    """Somebody of the organisation found or learned of it."""
    CLASSIFIED = "classified"
    """How grave it is was determined."""
    FIXED = "fixed"
    """A remedy for the flaw was to be had."""
    HANDLED = "handled"
    """Its handling ended."""

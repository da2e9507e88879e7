"""The words of what is kept of trends, as the strings that are stored."""

from __future__ import annotations

from enum import StrEnum


class SpendState(StrEnum):
    """How far a release to the public has come."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    """Two people have signed; the budget is spent from here on, whatever becomes of the release."""
    PUBLISHED = "published"
    REFUSED = "refused"


class Format(StrEnum):
    """Whose form a file is in."""

    VERIS = "veris"
    HHS = "hhs"
    HIBP = "hibp"

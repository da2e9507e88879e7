"""What a simulated world holds: records that decide leaks, records that only look alike, records nobody may read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

import msgspec

from waybill.model.findings import Text


class Size(StrEnum):
    """How large a world is."""

    SMALL = "small"
    """120 days from 3 March 2025, some 70 people, some 120,000 records."""
    YEAR = "year"
    """The calendar year 2025, more than 300 people, more than a million records."""


class Means(StrEnum):
    """By what a leak can be told from its twin."""

    RULES = "rules"
    PERMITS = "permits"
    BEHAVIOUR = "behaviour"
    MATERIALS = "materials"
    CONTENT = "content"
    DISCLOSURE = "disclosure"


class Mark(msgspec.Struct, frozen=True, order=True):
    """Where one record stands, and a text that occurs in no other record of the world."""

    file: str
    """Relative to the folder of logs."""
    position: int
    """Line, or number of the record in a document, from 1."""
    marker: str


class Exposed(msgspec.Struct, frozen=True, kw_only=True):
    """A way out that stands open and that surveys can see, before anything goes through it or beside it."""

    by: str
    """By what it can be seen: ``code``, ``page`` or ``storage``."""
    family: str
    """Which surveys look at it."""
    target: str
    """What they look at, below the world's folder."""
    approved: str = ""
    """What was approved of it, below the world's folder; empty where nothing was."""
    marker: str
    """A text that stands in what is said of the leak's way out."""
    twin: str
    """A text that must stand in nothing that is said."""
    since: datetime


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A leak and its benign twin: the same deed with something that makes it allowed."""

    name: str
    number: int
    """1 to 9, in the order of the documentation."""
    title: Text
    organisation: str
    """What the organisation is, for example ``clinic``; it has no name."""
    leak: tuple[Mark, ...]
    """The decisive records: a leak counts as found only by a finding that rests on at least one of them."""
    twin: tuple[Mark, ...]
    """No finding may rest on one of these."""
    leak_events: tuple[str, ...] = ()
    """Ids of the custody events that decide it too."""
    twin_events: tuple[str, ...] = ()
    """Ids of the custody events of the twin."""
    exposures: tuple[Exposed, ...] = ()
    """Ways out that stand open for it."""
    why_allowed: Text
    """Why the twin is no leak."""
    means: tuple[Means, ...]
    """By which a detector can decide it."""


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What a generator knows of the world that it wrote; ``truth.json`` keeps it beside the folder of logs."""

    seed: int
    size: Size
    first: date
    last: date
    """The first and the last day, in China."""
    people: int
    counts: Mapping[str, int]
    """Records written by each source, broken and protected ones included; by the names of sources in Waybill."""
    cases: tuple[Case, ...]
    broken: tuple[Mark, ...]
    """Records that cannot be read and belong in the quarantine."""
    protected: tuple[Mark, ...]
    """Records that touch a protected channel; their markers must never be met again, not even in the quarantine."""
    logs: str = "logs"
    """Folder of the sources' files, relative to the world's folder."""
    mappings: tuple[str, ...] = ("mappings/endpoint-agent.toml",)
    """Mapping files for sources that no built-in mapping reads."""
    register: str = "register"
    """Folder of the register's CSV files and of the list of protected channels."""
    custody: str = "custody"
    """Folder of the documents of custody events (EPCIS 2.0), to be captured."""
    places: str = "places"
    """Folder of what stands somewhere, to be surveyed: a platform, its page, a portal."""
    documents: str = "documents"
    """Folder of the documents that some records speak of, for detectors that look inside."""

    @property
    def days(self) -> int:
        """How many days the world lasts."""
        return (self.last - self.first).days + 1

    @property
    def records(self) -> int:
        """How many records were written in all."""
        return sum(self.counts.values())

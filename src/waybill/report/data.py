"""What a report is about, as plain records."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from waybill.model.findings import Finding
from waybill.model.words import Intent, Severity
from waybill.report.lanes import Lane

SET_ASIDE = frozenset({"false_positive", "excepted"})
"""States of findings that are listed but count in no figure: they were false, or somebody answers for them."""


class Source(msgspec.Struct, frozen=True):
    """How many transfers came from one source."""

    name: str
    transfers: int


class Rejection(msgspec.Struct, frozen=True):
    """How many records of a source could not be read, and why."""

    source: str
    reason: str
    records: int


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """How one detector fared."""

    name: str
    ran: bool = True
    """False if it has not looked at anything yet."""
    behind: bool = False
    """True if there are transfers that it has not looked at yet."""
    rules: int = 0
    """Rules that were asked; 0 for a detector without rules."""
    unfed: int = 0
    """Of those, rules whose log source nothing was read from: they could not find anything."""
    remarks: tuple[str, ...] = ()
    """What it could not do, each rule or record in its own words."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at. None stands for what nobody knows any more."""

    first: datetime | None
    last: datetime | None
    """Times of the first and the last transfer."""
    sources: tuple[Source, ...]
    files: int | None
    rejected: int
    """Records and whole files that could not be read."""
    rejections: tuple[Rejection, ...]
    protected: str | None
    """Records left out because they touch a protected channel, blurred; empty for none."""
    detectors: tuple[Ran, ...]
    controlled: bool
    """Whether the register names an asset that needs permits; without one nothing can be called unauthorised."""
    marks_old: bool
    """Whether the register marks any system as old."""
    least: Severity = Severity.INFORMATIONAL
    """The least severity that was asked for."""
    less: int = 0
    """Findings of less severity, which are not among the rows."""

    @property
    def transfers(self) -> int:
        """How many transfers were looked at."""
        return sum(source.transfers for source in self.sources)


class End(msgspec.Struct, frozen=True):
    """One end of a transfer; all fields are empty where it is not known, or withheld."""

    name: str = ""
    """As the log has it: a host, a domain, a device, a party."""
    place: str = ""
    """The registered place that it lies in."""
    jurisdiction: str = ""
    """ISO 3166-1 alpha-2 code."""

    @property
    def short(self) -> str:
        """The place it lies in, else its own name."""
        return self.place or self.name or self.jurisdiction


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One finding and what the report tells beside it."""

    finding: Finding
    lane: Lane
    asset: str
    """Name of the asset."""
    origin: End = End()
    destination: End = End()
    more_destinations: int = 0
    """How many other destinations its transfers had."""
    intent: Intent = Intent.UNKNOWN
    old_system: bool | None = None
    """Whether it came through a system that is marked as old; None where that is not known."""
    state: str = "new"
    """How it is handled, a word of ``findings.states``."""
    withheld: bool = False
    """Whether who acted is withheld, since the public has an interest in the asset."""

    @property
    def has_way(self) -> bool:
        """Whether anything is known, or withheld, of where it came from or went; many findings tell of no transfer."""
        return self.withheld or any((self.origin.short, self.destination.short))

    @property
    def counts(self) -> bool:
        """Whether it counts in the figures."""
        return self.state not in SET_ASIDE


class Flow(msgspec.Struct, frozen=True):
    """Transfers that went the same way, permitted or not."""

    channel: str
    place: str
    """Where they went; empty where the source does not say."""
    transfers: int
    bytes: int


class Day(msgspec.Struct, frozen=True):
    """How many transfers were read of one day (UTC)."""

    day: date
    transfers: int


class Control(msgspec.Struct, frozen=True, order=True):
    """A measure that was put in place at the beginning of a day (UTC)."""

    day: date
    name: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a report tells."""

    made_at: datetime
    version: str
    scope: Scope
    rows: tuple[Row, ...]
    """The gravest first; those that are set aside last."""
    flows: tuple[Flow, ...] = ()
    """The largest flows, whether permitted or not."""
    days: tuple[Day, ...] = ()
    """Days of which anything was read, in order."""
    controls: tuple[Control, ...] = ()

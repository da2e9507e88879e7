"""What the lake tells after work, and of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from waybill.lake.entry import HEADER_BYTES
from waybill.lake.rewriting import is_small
from waybill.lake.segment import Located
from waybill.lake.table import View


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did."""

    rows: int
    """Transfers that came into the table."""
    duplicates: int
    """Transfers that were there already and were dropped."""
    sequence: int
    """Number of the last log entry the table now holds."""
    version: int
    """The table's version."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did: so many files became so many others, with so many rows."""

    files_before: int
    files_after: int
    rows: int


@dataclass(frozen=True, slots=True)
class Retained:
    """What a retention did: transfers removed, and how many files there are fewer."""

    rows: int
    files: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did."""

    rows: int
    """Transfers removed."""
    mentions: int
    """Transfers of others in which a pseudonym was replaced."""
    files: int
    """Files of the table that held some of them."""
    damaged: int
    """Files of damaged bytes that were removed, because nobody can tell whose they are."""


@dataclass(frozen=True, slots=True)
class Status:
    """How much the lake holds, and what waits."""

    rows: int
    """Transfers in the table; those that wait in the log are counted in ``waiting_rows``."""
    months: int
    files: int
    small_files: int
    """Files that a compaction would join."""
    bytes: int
    """Size of the table's files."""
    first_time: datetime | None
    last_time: datetime | None
    version: int
    sequence: int
    """Last log entry the table holds."""
    last_sequence: int
    """Last log entry there is."""
    waiting_entries: int
    waiting_rows: int
    """Before duplicates are dropped."""
    waiting_bytes: int
    oldest_waiting: datetime | None
    """When the oldest entry that is not in the table was recorded."""
    damaged: int
    """Files of damaged bytes that are kept aside."""


def status_of(view: View, waiting: Sequence[Located], damaged: Path) -> Status:
    """Sum up a version of the table and the entries that wait behind it."""
    return Status(
        rows=sum(file.rows for file in view.files),
        months=len({file.month for file in view.files}),
        files=len(view.files),
        small_files=sum(map(is_small, view.files)),
        bytes=sum(file.size for file in view.files),
        first_time=_moment(min((file.first_time for file in view.files), default=None)),
        last_time=_moment(max((file.last_time for file in view.files), default=None)),
        version=view.version,
        sequence=view.sequence,
        last_sequence=waiting[-1].header.sequence if waiting else view.sequence,
        waiting_entries=len(waiting),
        waiting_rows=sum(entry.header.rows for entry in waiting),
        waiting_bytes=sum(HEADER_BYTES + entry.header.length for entry in waiting),
        oldest_waiting=_moment(waiting[0].header.recorded_at if waiting else None),
        damaged=len(list(damaged.glob("*.bin"))),
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else datetime.fromtimestamp(micros / 1_000_000, UTC)

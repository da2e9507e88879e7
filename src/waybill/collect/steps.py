"""What is to be done for a file, in order, on the way from its bytes to batches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from waybill.collect.occurrences import Occurrences
from waybill.collect.plan import NOTHING, Inspected, Plan
from waybill.collect.records import Chunk, Unread
from waybill.collect.sniff import Recognised
from waybill.model.words import PartyKind


@dataclass(frozen=True, slots=True)
class File:
    """The file that a step belongs to."""

    name: str
    """As it may be shown."""
    plan: Plan
    occurrences: Occurrences
    identities: dict[str, tuple[str, PartyKind]]
    """Whom its name and others name, until a batch has told so."""
    folder: Path | None = None
    """Where it lies, if that is known: what it names relative to itself lies there or below."""


@dataclass(slots=True)
class Step:
    """One thing to do for a file, in order: transform a chunk, or tell what could not be read."""

    file: File
    recognised: Recognised | None = None
    chunk: Chunk | None = None
    unread: Unread | None = None
    read_bytes: int = 0
    files: tuple[str, ...] = ()
    """Names of the files that the records are from, where these are several."""
    protected: int = 0
    """Records that were dropped before, because they touch a protected channel."""
    inspected: Inspected = NOTHING
    """Content at hand that was looked into."""


def unrecognised(plan: Plan) -> Unread:
    """Return what to tell of a file that no mapping recognises."""
    names = ", ".join(sorted({mapping.name for mapping in plan.mappings}))
    advice = "Write a mapping for this source, see docs/mappings.md."
    return Unread(0, b"", "no mapping recognises this file", f"a source of: {names}", advice)

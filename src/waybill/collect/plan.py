"""What collection is asked to do and what it hands over: plan and limits in, batches and rejected records out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

import msgspec
import pyarrow as pa

from waybill.collect.mapping import Mapping
from waybill.model.carried import Carried
from waybill.model.protocols import ChannelFilter, DecoyFilter, Pseudonymiser
from waybill.model.words import PartyKind

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a hostile or damaged input may cost. All sizes are in bytes."""

    record_bytes: int = 16 * MEBIBYTE
    """Largest single record of a text format; a larger one is rejected and the next one read."""
    document_bytes: int = 512 * MEBIBYTE
    """Largest JSON document or EVTX file, which are parsed whole."""
    message_bytes: int = 64 * MEBIBYTE + 1
    """How much of a message is read; what of it is read is looked into, and the rest is told."""
    chunk_bytes: int = 4 * MEBIBYTE
    """How much of a text format one worker parses at a time."""
    unpack_ratio: int = 250
    """How many times its packed size an input may unpack to."""
    unpack_free: int = 16 * MEBIBYTE
    """What any packed input may unpack to, whatever its ratio: small logs of equal lines pack very well."""
    worker_memory: int = 4096 * MEBIBYTE
    """Address space of one worker."""
    worker_seconds: float = 120.0
    """How long one chunk or document may take before its worker is stopped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that collection needs; pickles."""

    id_key: bytes
    """The installation's key of transfer ids, ``model.ids.KEY_BYTES`` long."""
    pseudonymiser: Pseudonymiser
    channels: ChannelFilter
    mappings: tuple[Mapping, ...]
    """The user's own first, then the built-in ones: the first that recognises a file reads it."""
    source: str | None = None
    """Name to give to the source instead of the mapping's own."""
    limits: Limits = field(default_factory=Limits)
    decoys: DecoyFilter | None = None
    """What knows values that are in no real record; None where there are none."""


class Rejected(msgspec.Struct, frozen=True):
    """A record, or a whole file, that could not be read. Only ``raw`` may name people; the rest never does."""

    source: str
    file: str
    position: int
    """Line or record number, from 1; 0 for the file as a whole."""
    field: str
    """The column or field at fault; empty for the record as a whole."""
    reason: str
    """What is wrong, in words that are equal for equal faults, so that faults can be counted."""
    expected: str
    advice: str
    raw: bytes
    """The record as it was read, to be read again when the mapping is mended; empty if it could not be kept."""

    def __repr__(self) -> str:
        """Show all but the record, so that no log or exception names anybody by accident."""
        place = f"{self.file}:{self.position}"
        return f"Rejected({self.source!r}, {place!r}, {self.field!r}, {self.reason!r}, {len(self.raw)} bytes)"


@dataclass(frozen=True, slots=True)
class Inspected:
    """How much content at hand was looked into, and what was found in it."""

    things: int = 0
    """Messages, attachments, files."""
    partly: int = 0
    """Of these, those of which something was left unread."""
    recognised: int = 0
    """Of these, those in which something registered was found."""
    grades: Counter[str] = field(default_factory=Counter)
    """Of these, how many of each suggested grade."""
    kinds: Counter[str] = field(default_factory=Counter)
    """In how many each kind of sensitive data was found."""

    @classmethod
    def of(cls, carried: Iterable[Carried]) -> Self:
        """Return the count of what was looked into."""
        every = list(carried)
        return cls(
            len(every),
            sum(bool(one.unread) for one in every),
            sum(bool(one.held) for one in every),
            Counter(str(one.grade) for one in every),
            Counter(kind for one in every for kind in one.kinds),
        )

    def __add__(self, other: Inspected) -> Inspected:
        return Inspected(
            self.things + other.things,
            self.partly + other.partly,
            self.recognised + other.recognised,
            self.grades + other.grades,
            self.kinds + other.kinds,
        )


NOTHING = Inspected()


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of one file, in order."""

    source: str
    """Empty for a file that holds nothing."""
    file: str
    """Relative to what was named."""
    transfers: pa.Table
    """In the schema ``model.transfers.COLLECTED``, with final ids."""
    rejected: list[Rejected] = field(default_factory=list)
    protected: int = 0
    """Records dropped because they touch a protected channel."""
    identities: dict[str, tuple[str, PartyKind]] = field(default_factory=dict)
    """Identity and kind behind each pseudonym that no earlier batch told of; one may be told of again."""
    read_bytes: int = 0
    """Bytes of the input as stored, for progress."""
    inspected: Inspected = NOTHING
    """Content at hand that was looked into."""
    others: tuple[str, ...] = ()
    """Further files that some of the records are from."""

"""What the rooms ask of each other: the seams at which an implementation can be exchanged or added by a plugin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, runtime_checkable

import pyarrow as pa

from waybill.model.custody import Custody
from waybill.model.findings import Finding
from waybill.model.register import RegisterSnapshot
from waybill.model.words import PartyKind, Scope

State = Mapping[str, Any]
"""What a detector remembers from run to run, as JSON values by key (``""`` for a detector of scope ``whole``)."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What a detector reads: transfers in the model's schema (at least the columns it asked for), and the register."""

    transfers: pa.Table
    register: RegisterSnapshot = field(default_factory=RegisterSnapshot)
    now: datetime | None = None
    """Up to when the sources have been watched, where somebody watches them; detectors never read a clock.

    None where files are just read: what is missing can then only be judged by the newest time in the data."""
    custody: Custody | None = None
    """What is known of lots and devices; handed to detectors of scope ``fold``, in the last call of a run."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a detector returns: findings, the state to hand to its next run, and remarks on what it could not do."""

    findings: list[Finding]
    state: State = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    """Ids of earlier findings whose cause is gone by itself: a source that was silent sends again."""


@runtime_checkable
class Detector(Protocol):
    """Reads tables and returns findings; writes nowhere and does not know who runs it.

    The object must pickle, so that it can run in another process, and two runs over the same rows and state give
    the same findings. Found as a plugin by the entry point group ``waybill.detectors``.
    """

    name: ClassVar[str]
    scope: ClassVar[Scope]
    history: ClassVar[timedelta]
    """How far back before the newest transfers it must see; zero if its state is enough."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of transfers that it reads; a plain class attribute will do where they are always the same."""

    def keys(self, tables: Tables) -> pa.Array:
        """Return the partition key of each row as strings; null rows are not needed. Asked only for scope ``key``."""

    def run(self, tables: Tables, state: State) -> Result:
        """Return what the rows say. For scope ``key``, ``state`` and the returned state are by partition key.

        For scope ``fold``, ``state`` is what the call before returned; the last call of a run has no rows.
        """


class Pseudonymiser(Protocol):
    """Turns identities into pseudonyms before anything is written. Must pickle."""

    def pseudonym(self, identity: str, kind: PartyKind) -> str:
        """Return the stable internal pseudonym of a person, or the identity itself for a service or organisation."""

    def known(self) -> Mapping[str, str]:
        """Return pseudonyms by case-folded identity, for identities to be replaced wherever they appear."""


class ChannelFilter(Protocol):
    """Knows the protected channels: whistle-blower line, works council, union, doctor, lawyer, journalist, regulator.

    A record that touches one is dropped before the write-ahead log, the quarantine, the raw column and any buffer.
    Must pickle.
    """

    def protects(self, value: str) -> bool:
        """Return whether this value of a record names a protected channel."""

    def protects_bytes(self, raw: bytes) -> bool:
        """Return whether these bytes, which could not be parsed, name a protected channel."""


class DecoyFilter(Protocol):
    """Knows the decoys of an installation without knowing a value of them. Must pickle."""

    def seen(self, records: Sequence[bytes]) -> Mapping[int, tuple[str, ...]]:
        """Return by the number of a record, as it was read, the ids of the deliveries whose decoys stand in it."""


class FindingStore(Protocol):
    """Keeps findings together with how far a detector has read and what it remembers."""

    def cursor(self, detector: str) -> int:
        """Return the number of the last log entry whose transfers this detector has seen; 0 at first."""

    def state(self, detector: str) -> State:
        """Return what this detector remembered."""

    def commit(
        self, detector: str, findings: Iterable[Finding], state: State, cursor: int, over: Iterable[str] = ()
    ) -> None:
        """Store findings, state and cursor and close findings that are over, in one transaction: all or nothing."""

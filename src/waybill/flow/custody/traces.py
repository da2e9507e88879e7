"""What is told of one lot: its standing, what happened to it, its relatives, papers and gaps, and what to recall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from waybill.model.custody import MarkKind
from waybill.model.findings import Text


class Standing(StrEnum):
    """May it be used and passed on?"""

    CLEAN = "clean"
    HELD = "held"
    """Recalled, stolen, not as it should be, or its records contradict each other."""
    UNKNOWN = "unknown"
    """Nobody said how it came into being."""


class Happening(NamedTuple):
    """One event of the lot itself."""

    time: datetime
    id: str
    kind: str
    step: str
    disposition: str
    place: str
    sender: str
    receiver: str
    role: str
    quantity: float | None
    unit: str
    submitter: str
    in_error: bool


@dataclass(frozen=True, slots=True)
class Relative:
    """An item upstream or downstream, how much of it there was, and how much of that is of the lot (or in it)."""

    item: str
    label: str
    time: datetime
    quantity: float | None
    unit: str
    share: float | None
    """Of its quantity, how much is of the lot, 0 to 1; None where quantities do not tell."""
    holders: tuple[str, ...]
    """Who had it last: the receivers of its last shipment, else where it was seen last."""

    @property
    def affected(self) -> float | None:
        """How much of it is of the lot, in its unit."""
        return None if self.share is None or self.quantity is None else self.share * self.quantity


@dataclass(frozen=True, slots=True)
class Edge:
    """A step between two items of the picture."""

    source: str
    target: str
    time: datetime
    step: str
    event: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate, licence or transaction, with the event that refers to it."""

    kind: str
    type: str
    document: str
    event: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that ought to be on record and is not, or contradicts what is."""

    kind: str
    item: str
    event: str
    other: str

    @property
    def told(self) -> Text:
        """What it is, in words."""
        return GAPS.get(self.kind) or Text(self.kind, self.kind)


GAPS: dict[str, Text] = {
    "shipped-never-received": Text("shipped and never received", "已发出但从未收到"),
    "received-never-shipped": Text("received and never shipped", "已收到但从未发出"),
    "no-beginning": Text("nothing says how it came into being", "无产生记录"),
    MarkKind.COMMISSIONED_AGAIN: Text("said to be made, and exists already", "重复产生"),
    MarkKind.AFTER_DECOMMISSION: Text("seen after it ceased to exist", "注销后再次出现"),
    MarkKind.SECOND_PARENT: Text("put into one thing while in another", "同时位于两个容器或整机"),
    MarkKind.NOT_IN_PARENT: Text("taken out of what it is not in", "从未装入的容器中取出"),
    MarkKind.CYCLE: Text("inside of itself", "自我包含"),
}
"""How gaps and contradictions are told."""


@dataclass(frozen=True, slots=True)
class Trace:
    """All of it."""

    item: str
    label: str
    standing: Standing
    reasons: tuple[str, ...]
    """Why it is held, in the words of the standard."""
    quantity: float | None
    unit: str
    happenings: tuple[Happening, ...]
    upstream: tuple[Relative, ...]
    downstream: tuple[Relative, ...]
    edges: tuple[Edge, ...]
    suppliers: tuple[str, ...]
    customers: tuple[str, ...]
    papers: tuple[Paper, ...]
    gaps: tuple[Gap, ...]
    cut: bool
    """Whether there is more than was followed."""


RECALL_COLUMNS = ("item", "quantity", "unit", "share", "affected", "holder", "time")
"""Columns of the list of what has to be recalled."""


def recall_rows(found: Trace) -> Iterator[tuple[str, ...]]:
    """Yield what has to be recalled, a row an item: how much there is, how much of that is of the lot, who has it."""
    for one in found.downstream:
        numbers = ("" if value is None else f"{value:.6g}" for value in (one.quantity, one.share, one.affected))
        quantity, share, affected = numbers
        yield one.item, quantity, one.unit, share, affected, "; ".join(one.holders), one.time.isoformat()

"""Everything known of one lot on one page: where it came from and went, who had it, papers, gaps, standing, recall."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from waybill.epcis.identifiers import element_string, human
from waybill.epcis.lineage import Walk, find, number_of, shares, the_item, walk
from waybill.epcis.store import to_time
from waybill.flow.installation import Installation
from waybill.model.custody import MarkKind
from waybill.model.errors import UsageError
from waybill.model.findings import Text

SENT = frozenset(["shipping", "departing", "consigning"])
RECEIVED = frozenset(["receiving", "arriving", "accepting"])
_HELD = frozenset(["recalled", "stolen", "non_conformant", "damaged", "expired", "needs_replacement"])


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


def trace(installation: Installation, text: str) -> Trace:
    """Return everything known of the one lot that a text names. Raises UsageError if there is none, or several."""
    store = installation.custody_store
    if not store.exists:
        raise UsageError("no custody event was ever captured", advice="`waybill epcis capture FILE…` takes them in")
    with store.reading() as database:
        database.row_factory = None
        item = the_item(database, text)
        start = number_of(database, item)
        assert start is not None  # noqa: S101  # the_item found it
        return _Tracing(database, start, item).trace()


RECALL_COLUMNS = ("item", "quantity", "unit", "share", "affected", "holder", "time")
"""Columns of the list of what has to be recalled."""


def recall_rows(found: Trace) -> Iterator[tuple[str, ...]]:
    """Yield what has to be recalled, a row an item: how much there is, how much of that is of the lot, who has it."""
    for one in found.downstream:
        numbers = ("" if value is None else f"{value:.6g}" for value in (one.quantity, one.share, one.affected))
        quantity, share, affected = numbers
        yield one.item, quantity, one.unit, share, affected, "; ".join(one.holders), one.time.isoformat()


@dataclass(frozen=True, slots=True)
class Listed:
    """A lot or thing as it stands in a list."""

    item: str
    label: str
    last: datetime
    step: str
    place: str


def listed(installation: Installation, text: str, most: int) -> list[Listed]:
    """Return lots and things whose name holds a text, or all, those seen last first."""
    if not installation.custody_store.exists:
        return []
    with installation.custody_store.reading() as database:
        names = find(database, element_string(text) or text, most)
        found = []
        for name in names:
            row = database.execute(
                "SELECT time, coalesce(biz_step, kind), coalesce(biz_location, read_point, '') FROM event_item "
                "JOIN event ON event.number = event_item.event JOIN item ON item.number = event_item.item "
                "WHERE item.item = ? ORDER BY time DESC LIMIT 1",
                (name,),
            ).fetchone()
            if row:
                found.append(Listed(name, human(name), to_time(row[0]), row[1], row[2]))
    return found


class _Tracing:
    """Puts together one trace."""

    def __init__(self, database: sqlite3.Connection, start: int, item: str) -> None:
        self._database = database
        self._start = start
        self._item = item
        self._down = walk(database, start, down=True)
        self._up = walk(database, start, down=False)
        numbers = {start, *self._down.items, *self._up.items}
        self._names = self._named(numbers)

    def trace(self) -> Trace:
        happenings = self._happenings()
        share = shares(self._database, self._down)
        standing, reasons = self._standing(happenings)
        quantity, unit = self._quantity(self._start)
        gaps = (*self._gaps(happenings), *self._marks())
        return Trace(
            item=self._item,
            label=human(self._item),
            standing=standing,
            reasons=reasons,
            quantity=quantity,
            unit=unit,
            happenings=happenings,
            upstream=self._relatives(self._up, {}),
            downstream=self._relatives(self._down, share),
            edges=self._edges(),
            suppliers=_distinct(one.sender for one in happenings if one.step in RECEIVED),
            customers=_distinct(one.receiver for one in happenings if one.step in SENT),
            papers=self._papers(),
            gaps=gaps,
            cut=self._down.cut or self._up.cut,
        )

    def _named(self, numbers: set[int]) -> dict[int, str]:
        """Return the names of items, leaving out transformations that only join others."""
        found = {}
        for number in numbers:
            row = self._database.execute(
                "SELECT item FROM item WHERE number = ? AND is_class < 2", (number,)
            ).fetchone()
            if row:
                found[number] = row[0]
        return found

    def _happenings(self) -> tuple[Happening, ...]:
        rows = self._database.execute(
            """
            SELECT event.time, event.id, kind, coalesce(biz_step, ''), coalesce(disposition, ''),
                coalesce(read_point, biz_location, ''),
                coalesce(source_possessor, source_owner, source_location, ''),
                coalesce(destination_possessor, destination_owner, destination_location, ''),
                role, quantity, coalesce(unit, ''), submitter,
                EXISTS (SELECT 1 FROM event AS other WHERE other.id = event.id AND other.declares)
            FROM event_item JOIN event ON event.number = event_item.event
            WHERE event_item.item = ? AND NOT event.declares ORDER BY event.time, event.number
            """,
            (self._start,),
        )
        return tuple(Happening._make((to_time(row[0]), *row[1:12], bool(row[12]))) for row in rows)

    def _quantity(self, item: int) -> tuple[float | None, str]:
        """Return how much of an item there was when it came into being, or when it was first seen."""
        row = self._database.execute(
            """
            SELECT sum(quantity), coalesce(unit, '') FROM event_item JOIN event ON event.number = event_item.event
            WHERE item = ?1 AND role != 'parent' AND NOT declares AND quantity IS NOT NULL
            GROUP BY event, unit ORDER BY role = 'output' DESC, action = 'ADD' DESC, time, event LIMIT 1
            """,
            (item,),
        ).fetchone()
        return (row[0], row[1]) if row else (None, "")

    def _relatives(self, found: Walk, share: dict[int, float | None]) -> tuple[Relative, ...]:
        relatives = []
        for number, time in found.items.items():
            if number == self._start or number not in self._names:
                continue
            quantity, unit = self._quantity(number)
            name = self._names[number]
            relatives.append(
                Relative(name, human(name), to_time(time), quantity, unit, share.get(number), self._holders(number))
            )
        return tuple(sorted(relatives, key=lambda one: (one.time, one.item)))

    def _holders(self, item: int) -> tuple[str, ...]:
        rows = self._database.execute(
            """
            SELECT coalesce(destination_possessor, destination_owner, destination_location, biz_location, read_point)
            FROM event_item JOIN event ON event.number = event_item.event
            WHERE item = ? AND NOT declares ORDER BY time DESC, event DESC LIMIT 3
            """,
            (item,),
        )
        return _distinct(row[0] or "" for row in rows)[:1]

    def _edges(self) -> tuple[Edge, ...]:
        """Return the steps of the picture; a transformation that joins many stands between them by its name."""
        edges = []
        for step in sorted({*self._up.steps, *self._down.steps}, key=lambda one: (one.time, one.source, one.target)):
            row = self._database.execute(
                "SELECT coalesce(biz_step, kind), id FROM event WHERE number = ?", (step.event,)
            ).fetchone()
            source, target = self._name(step.source), self._name(step.target)
            edges.append(Edge(source, target, to_time(step.time), row[0], row[1]))
        return tuple(edges)

    def _name(self, number: int) -> str:
        known = self._names.get(number)
        if known is None:
            known = self._names[number] = self._database.execute(
                "SELECT item FROM item WHERE number = ?", (number,)
            ).fetchone()[0]
        return known

    def _papers(self) -> tuple[Paper, ...]:
        """Return the papers of the lot and of all it was made of."""
        numbers = [self._start, *self._up.items]
        found: dict[Paper, None] = {}
        for number in numbers:
            rows = self._database.execute(
                "SELECT paper.kind, coalesce(type, ''), document, event.id FROM event_item "
                "JOIN paper ON paper.event = event_item.event JOIN event ON event.number = paper.event "
                "WHERE event_item.item = ? AND NOT declares ORDER BY event.time",
                (number,),
            )
            found.update(dict.fromkeys(Paper(*row) for row in rows))
        return tuple(found)

    def _gaps(self, happenings: tuple[Happening, ...]) -> list[Gap]:
        """Return shipments nobody received and receipts nobody shipped, and a lot whose beginning is not on record."""
        true = [one for one in happenings if not one.in_error]
        sent = [one for one in true if one.step in SENT]
        received = [one for one in true if one.step in RECEIVED]
        gaps = [
            Gap("shipped-never-received", self._item, one.id, one.receiver)
            for one in sent
            if not any(other.time >= one.time for other in received)
        ]
        gaps += [
            Gap("received-never-shipped", self._item, one.id, one.sender)
            for one in received
            if not any(other.time <= one.time for other in sent)
        ]
        if not _begins(true):
            gaps.append(Gap("no-beginning", self._item, true[0].id if true else "", ""))
        return gaps

    def _marks(self) -> list[Gap]:
        rows = self._database.execute(
            "SELECT mark.kind, event.id, coalesce(other, '') FROM mark JOIN event ON event.number = mark.event "
            "WHERE mark.item = ?",
            (self._start,),
        )
        return [Gap(kind, self._item, event, other) for kind, event, other in rows]

    def _standing(self, happenings: tuple[Happening, ...]) -> tuple[Standing, tuple[str, ...]]:
        """Return whether it may be used: by its last disposition, by what was set for good, by contradictions."""
        true = [one for one in happenings if not one.in_error]
        reasons = [one.disposition for one in true[-1:] if one.disposition in _HELD]
        reasons += [word for word in self._for_good() if word in _HELD]
        reasons += [gap.kind for gap in self._marks()]
        if reasons:
            return Standing.HELD, _distinct(reasons)
        return (Standing.CLEAN if _begins(true) else Standing.UNKNOWN), ()

    def _for_good(self) -> list[str]:
        """Return the persistent dispositions that hold now."""
        held: dict[str, None] = {}
        for set_, unset in self._database.execute(
            "SELECT set_dispositions, unset_dispositions FROM event_item JOIN event ON event.number = event_item.event "
            "WHERE item = ? AND NOT declares ORDER BY time, event.number",
            (self._start,),
        ):
            for word in _words(unset):
                held.pop(word, None)
            held.update(dict.fromkeys(_words(set_)))
        return list(held)


def _begins(happenings: list[Happening]) -> bool:
    """Return whether it is on record how a thing came into being."""
    return any(one.role == "output" or one.step in ("commissioning", "creating_class_instance") for one in happenings)


def _words(text: str | None) -> list[str]:
    return msgspec.json.decode(text, type=list[str]) if text else []


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))

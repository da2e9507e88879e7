"""Puts together what is known of one lot: where it came from and went, who had it, papers, gaps, standing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from waybill.epcis.history.history import PARTS_OF_RECEIVING, PARTS_OF_SHIPPING, RECEIVING, SHIPPING
from waybill.epcis.identifiers import element_string, human
from waybill.epcis.lineage import Walk, find, number_of, shares, the_item, walk
from waybill.epcis.store import to_time
from waybill.flow.custody.traces import Edge, Gap, Happening, Paper, Relative, Standing, Trace
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError

SENT = frozenset(SHIPPING + PARTS_OF_SHIPPING)
RECEIVED = frozenset(RECEIVING + PARTS_OF_RECEIVING)
_HELD = frozenset(["recalled", "stolen", "non_conformant", "damaged", "expired", "needs_replacement", "unavailable"])


def trace(installation: Installation, text: str) -> Trace:
    """Return everything known of the one lot that a text names. Raises UsageError if there is none, or several."""
    store = installation.custody_store
    if not store.exists:
        raise UsageError("no custody event was ever captured", advice="`waybill epcis capture FILE…` takes them in")
    with store.reading() as database:
        item = the_item(database, text)
        start = number_of(database, item)
        assert start is not None  # noqa: S101  # the_item found it
        return _Tracing(database, start, item).trace()


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
        marks = self._marks()
        standing, reasons = _standing(happenings, for_good(self._database, self._start), marks)
        quantity, unit = self._quantity(self._start)
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
            gaps=(*self._gaps(happenings), *marks),
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


def for_good(database: sqlite3.Connection, item: int) -> list[str]:
    """Return the persistent dispositions of an item that hold now."""
    held: dict[str, None] = {}
    for set_, unset in database.execute(
        "SELECT set_dispositions, unset_dispositions FROM event_item JOIN event ON event.number = event_item.event "
        "WHERE item = ? AND NOT declares ORDER BY time, event.number",
        (item,),
    ):
        for word in _words(unset):
            held.pop(word, None)
        held.update(dict.fromkeys(_words(set_)))
    return list(held)


def _standing(
    happenings: tuple[Happening, ...], for_good: list[str], marks: list[Gap]
) -> tuple[Standing, tuple[str, ...]]:
    """Return whether it may be used: by its last disposition, by what was set for good, by contradictions."""
    true = [one for one in happenings if not one.in_error]
    reasons = [one.disposition for one in true[-1:] if one.disposition in _HELD]
    reasons += [word for word in for_good if word in _HELD]
    reasons += [mark.kind for mark in marks]
    if reasons:
        return Standing.HELD, _distinct(reasons)
    return (Standing.CLEAN if _begins(true) else Standing.UNKNOWN), ()


def _begins(happenings: list[Happening]) -> bool:
    """Return whether it is on record how a thing came into being."""
    return any(one.role == "output" or one.step in ("commissioning", "creating_class_instance") for one in happenings)


def _words(text: str | None) -> list[str]:
    return msgspec.json.decode(text, type=list[str]) if text else []


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))

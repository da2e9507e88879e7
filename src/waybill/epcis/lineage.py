"""Where one lot came from and where it went: a walk through the file, both ways, in the order of time.

What went into a thing counts only if it went in before the thing was used: a silo that is filled again taints nothing
that was drawn before. SQLite walks by a recursive query over an index that holds all it needs; ``CROSS JOIN`` pins the
order in which it is joined.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from waybill.epcis.store import literal
from waybill.epcis.units import in_base
from waybill.model.errors import UsageError

MOST = 20_000
"""Items that one lineage may have; a walk that meets more is cut, and says so."""

_FOREVER = 1 << 62

_DOWN = """
    WITH RECURSIVE reached (item, since) AS (
        SELECT ?1, ?2
        UNION
        SELECT edge.target, edge.time FROM reached CROSS JOIN edge
        WHERE edge.source = reached.item AND edge.time >= reached.since
        LIMIT ?3
    )
"""
_UP = """
    WITH RECURSIVE reached (item, until) AS (
        SELECT ?1, ?2
        UNION
        SELECT edge.source, edge.time FROM reached CROSS JOIN edge
        WHERE edge.target = reached.item AND edge.time <= reached.until
        LIMIT ?3
    )
"""


@dataclass(frozen=True, slots=True)
class Step:
    """What was made of, put into or taken apart from what, in one event."""

    source: int
    target: int
    time: int
    event: int


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk met: items with the moment that counts for each, and the steps between them."""

    start: int
    items: dict[int, int]
    steps: tuple[Step, ...]
    cut: bool


def number_of(database: sqlite3.Connection, item: str) -> int | None:
    """Return the number of an item, or None if there is none of this name."""
    row = database.execute("SELECT number FROM item WHERE item = ? AND is_class < 2", (item,)).fetchone()
    return row[0] if row else None


def walk(database: sqlite3.Connection, start: int, *, down: bool, most: int = MOST) -> Walk:
    """Return all that was made of an item (``down``), or all that it was made of."""
    query, edge, best = (_DOWN, -_FOREVER, "min(since)") if down else (_UP, _FOREVER, "max(until)")
    query += f"SELECT item, {best} FROM reached GROUP BY item"  # noqa: S608  # one of two words
    items = dict(database.execute(query, (start, edge, most + 1)).fetchall())
    return Walk(start, items, tuple(_steps(database, items, down=down)), len(items) > most)


def reached(database: sqlite3.Connection, start: int, *, down: bool, most: int = MOST) -> list[int]:
    """Return the items of a lineage alone, without the steps between them."""
    query, edge = (_DOWN, -_FOREVER) if down else (_UP, _FOREVER)
    query += "SELECT item FROM reached"
    found = database.execute(query, (start, edge, most + 1))
    return list({row[0] for row in found})  # one that is reached at several moments counts once


def _steps(database: sqlite3.Connection, items: dict[int, int], *, down: bool) -> list[Step]:
    steps = []
    end = "source" if down else "target"
    query = f"SELECT source, target, time, event FROM edge WHERE {end} = ?"  # noqa: S608  # one of two words
    for item, bound in items.items():
        for row in database.execute(query, (item,)):
            step = Step(*row)
            if (step.time >= bound if down else step.time <= bound) and (step.target if down else step.source) in items:
                steps.append(step)
    return sorted(steps, key=lambda step: (step.time, step.event, step.source, step.target))


def shares(database: sqlite3.Connection, found: Walk) -> dict[int, float | None]:
    """Return how much of each item downstream is of the start, from 0 to 1; None where quantities do not tell.

    What goes into a transformation is taken to be mixed evenly (rolling average of ISO 22095-2): each output holds the
    share that the start has in all inputs, by amount in one base unit. A part counts wholly as what it is.
    """
    share: dict[int, float | None] = {found.start: 1.0}
    by_event: dict[int, list[Step]] = {}
    for step in found.steps:
        by_event.setdefault(step.event, []).append(step)
    for event in sorted(by_event, key=lambda number: (by_event[number][0].time, number)):
        mixed = _mixed(database, event, share)
        for step in by_event[event]:
            share[step.target] = _largest(share.get(step.target), mixed) if step.target in share else mixed
    return share


def _mixed(database: sqlite3.Connection, event: int, share: dict[int, float | None]) -> float | None:
    """Return the share of the start in all that went into an event."""
    rows = database.execute(
        "SELECT item, sum(quantity), unit FROM event_item WHERE event = ? AND role IN ('input', 'child') "
        "GROUP BY item, unit",
        (event,),
    ).fetchall()
    total = of_start = 0.0
    bases = set()
    for item, quantity, unit in rows:
        amount, base = in_base(quantity, unit)
        held = share.get(item, 0.0)
        if amount is None or held is None:
            return None
        bases.add(base)
        total += amount
        of_start += amount * held
    return of_start / total if total and len(bases) == 1 else None


def _largest(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one, other)


def find(database: sqlite3.Connection, text: str, most: int = 50) -> list[str]:
    """Return items whose name holds a text, lots and things that were seen last first."""
    pattern = f"%{literal(text)}%"
    rows = database.execute(
        "SELECT item FROM item WHERE item LIKE ? ESCAPE '\\' AND is_class < 2 ORDER BY number DESC LIMIT ?",
        (pattern, most),
    )
    return [row[0] for row in rows]


def _ending(database: sqlite3.Connection, text: str, most: int = 6) -> list[str]:
    """Return items whose last part is a text: what people call a lot by."""
    wheres = " OR ".join("substr(item, -length(?1) - 1) = ? || ?1" for _ in "/:.")
    rows = database.execute(
        f"SELECT item FROM item WHERE is_class < 2 AND item LIKE '%' || ?1 AND ({wheres}) LIMIT ?",  # noqa: S608
        (text, *"/:.", most),
    )
    return [row[0] for row in rows]


def the_item(database: sqlite3.Connection, text: str) -> str:
    """Return the one item that a text names: as it is, or as the end of its name.

    Raises UsageError if none or several do.
    """
    from waybill.epcis.identifiers import canonical, element_string

    exact = element_string(text) or canonical(text)
    if number_of(database, exact) is not None:
        return exact
    found = _ending(database, text)
    if len(found) == 1:
        return found[0]
    near = found or find(database, text, 6)
    if len(near) == 1:
        return near[0]
    raise UsageError(
        "there is no such lot" if not near else "several lots are called so",
        where=text,
        expected=", ".join(near[:5]) or "a lot number, a Digital Link, an EPC URN or an element string",
        advice="" if near else "`waybill epcis capture FILE…` takes events in",
    )

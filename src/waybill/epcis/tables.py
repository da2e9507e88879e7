"""What detectors read of the file of events: ``model.custody``, made of columns without a loop over rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.epcis.store import Store
from waybill.epcis.units import UNITS
from waybill.model.custody import ATTRIBUTES, DOCUMENTS, EVENTS, ITEMS, MARKS, MASTER_DATA, READINGS, Custody

_ROWS = 1 << 16

_EVENTS = """
    SELECT number AS row, id, transfer, kind, time, recorded_at, action, biz_step, disposition, read_point,
        biz_location, source_owner, source_possessor, source_location, destination_owner, destination_possessor,
        destination_location, transformation, set_dispositions, unset_dispositions, submitter
    FROM event WHERE NOT declares ORDER BY time, number
"""
_DECLARATIONS = "SELECT id, declared_at, reason, corrective FROM event WHERE declares ORDER BY number"
_ITEMS = """
    SELECT event, role, item.item AS item, event_item.is_class AS is_class, quantity, unit, transfer
    FROM event_item JOIN item ON item.number = event_item.item ORDER BY event_item.rowid
"""
_READINGS = """
    SELECT event, time, type, substance, component, value, min, max, mean, deviation, percent, unit, amount, base, text,
        device, exception
    FROM reading ORDER BY rowid
"""
_MARKS = (
    "SELECT event, item.item AS item, kind, other FROM mark JOIN item ON item.number = mark.item ORDER BY mark.rowid"
)


def custody(store: Store) -> Custody:
    """Return every custody event known now."""
    with store.reading() as database:
        events = _fetched(database, _EVENTS)
        last = database.execute("SELECT coalesce(max(number), 0) FROM event").fetchone()[0]
        numbers = np.full(last + 1, -1, np.int64)
        numbers[events["row"].cast(pa.int64()).to_numpy()] = np.arange(events.num_rows)
        items = _items(_numbered(_fetched(database, _ITEMS), numbers))
        readings = _readings(_numbered(_fetched(database, _READINGS), numbers), items)
        papers = _numbered(_fetched(database, "SELECT event, kind, type, document FROM paper"), numbers)
        said = "SELECT event, NULL AS item, name, namespace, value FROM attribute"
        attributes = _numbered(_fetched(database, said), numbers)
        master = _fetched(database, "SELECT vocabulary, id, name, value FROM statement")
        marks = _numbered(_fetched(database, _MARKS), numbers)
        declared = database.execute(_DECLARATIONS).fetchall()
    return Custody(
        _as(_declared(_events(events), declared), EVENTS),
        _as(items, ITEMS),
        _as(readings, READINGS),
        _as(papers, DOCUMENTS),
        _as(attributes, ATTRIBUTES),
        _as(master, MASTER_DATA),
        _as(marks, MARKS),
    )


def _fetched(database: sqlite3.Connection, query: str) -> pa.Table:
    """Return the rows of a query as a table, column by column."""
    cursor = database.execute(query)
    names = [column[0] for column in cursor.description]
    columns: list[list[Any]] = [[] for _ in names]
    while rows := cursor.fetchmany(_ROWS):
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    return pa.table({name: pa.array(column) for name, column in zip(names, columns, strict=True)})


def _numbered(table: pa.Table, numbers: np.ndarray) -> pa.Table:
    """Return the table with dense numbers of events in place of those of the file, in their order.

    What belongs to a declaration goes: it repeats what the event said.
    """
    if table.num_rows == 0:
        return table.rename_columns(["number", *table.column_names[1:]])
    number = pa.array(numbers[table["event"].to_numpy()])
    table = table.drop_columns("event").add_column(0, "number", number).filter(pc.greater_equal(number, 0))
    return table.take(pa.array(np.argsort(table["number"].to_numpy(), kind="stable")))


def _events(events: pa.Table) -> pa.Table:
    numbers = pa.array(np.arange(events.num_rows))
    events = events.drop_columns("row").add_column(0, "number", numbers)
    for name in ("set_dispositions", "unset_dispositions"):
        lists = pa.array([msgspec.json.decode(text) if text else [] for text in events[name].to_pylist()], _LIST)
        events = events.set_column(events.column_names.index(name), name, lists)
    return events


_LIST = pa.list_(pa.string())


def _declared(events: pa.Table, declared: list[tuple[str, int, str | None, str | None]]) -> pa.Table:
    """Add what declarations say of the events; the latest one counts."""
    by_id = {id: (at, reason, msgspec.json.decode(corrective or "[]")) for id, at, reason, corrective in declared}
    found = [by_id.get(id) for id in events["id"].to_pylist()]
    columns: dict[str, Iterable[Any]] = {
        "declared_in_error": [one is not None for one in found],
        "declared_at": [one and one[0] for one in found],
        "reason": [one and one[1] for one in found],
        "corrective": [one[2] if one else [] for one in found],
    }
    for name, values in columns.items():
        type = pa.int64() if name == "declared_at" else EVENTS.field(name).type
        plain = pa.string() if pa.types.is_dictionary(type) else type
        events = events.append_column(name, pa.array(values, plain))
    return events


def _items(items: pa.Table) -> pa.Table:
    """Add amounts in base units; each unit is looked up once."""
    units = items["unit"].cast(pa.string()).fill_null("EA").combine_chunks().dictionary_encode()
    known = [UNITS.get(code) for code in units.dictionary.to_pylist()]
    # Units with an offset are of temperatures, of which nothing is moved.
    factors = pa.array([float(unit.factor) if unit and not unit.offset else None for unit in known], pa.float64())
    bases = pa.array([unit.base if unit and not unit.offset else None for unit in known], pa.string())
    quantity = items["quantity"].cast(pa.float64()).combine_chunks()
    amount = pc.multiply(quantity, factors.take(units.indices))
    base = pc.if_else(pc.is_valid(amount), bases.take(units.indices), pa.scalar(None, pa.string()))
    is_class = pc.not_equal(items["is_class"].cast(pa.int64()), 0)
    items = items.set_column(items.column_names.index("is_class"), "is_class", is_class)
    return items.append_column("amount", amount).append_column("base", base)


def _readings(readings: pa.Table, items: pa.Table) -> pa.Table:
    """Say of which item a reading is, where the event is about one alone."""
    alone = items.group_by("number").aggregate([("item", "count_distinct"), ("item", "min")])
    alone = alone.filter(pc.equal(alone["item_count_distinct"], 1))
    by_event = dict(zip(alone["number"].to_pylist(), alone["item_min"].to_pylist(), strict=True))
    found = pa.array([by_event.get(number) for number in readings["number"].to_pylist()], pa.string())
    return readings.add_column(1, "item", found)


def _as(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the columns of a schema in its types, each in one piece with one dictionary."""
    columns = []
    for field in schema:
        column = table[field.name].combine_chunks()
        if pa.types.is_dictionary(field.type):
            column = column.cast(pa.string()).dictionary_encode()
        columns.append(column.cast(field.type))
    return pa.table(columns, schema=schema)

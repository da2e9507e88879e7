"""Clean rows to a table of transfers, column by column; rows that do not fit are told apart with their fault."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa

from waybill.collect.cells import Numbers
from waybill.collect.cleaning import CleanRows
from waybill.collect.expression_reader import MAPPABLE, WORDS
from waybill.collect.expressions import or_else
from waybill.collect.mapping import Mapping
from waybill.collect.time_patterns import AHEAD
from waybill.collect.times import EARLIEST, out_of_range, timestamps
from waybill.collect.typed import Fault, number_column, text_column, unknown_words
from waybill.model import transfers
from waybill.model.words import Channel, Outcome

_IF_MISSING = {"outcome": Outcome.UNKNOWN, "channel": Channel.OTHER}
"""What a required column holds where its source says nothing."""

_NUMBERS = ("bytes", "records", "quantity")


def columns_of(rows: CleanRows, mapping: Mapping, now: datetime) -> tuple[dict[str, pa.Array], dict[int, Fault]]:
    """Return the columns that the mapping sets, and the first fault of each row that has one.

    Rows with a fault are in no column, and ``rows`` forgets them: what is wide is never put together for them.
    """
    columns: dict[str, pa.Array] = {}
    faults: dict[int, Fault] = {}
    for name in MAPPABLE:
        column, found = _column(name, rows, now)
        columns[name] = column
        for fault in found:
            faults.setdefault(fault.row, fault)
    if faults:
        fit = np.array([row for row in range(len(rows.index)) if row not in faults], np.int64)
        columns = {name: column.take(pa.array(fit)) for name, column in columns.items()}
        rows.keep(fit)
    columns["fields"] = rows.cells.as_map(frozenset() if mapping.keep_all_fields else _taken(mapping))
    return columns, faults


def _column(name: str, rows: CleanRows, now: datetime) -> tuple[pa.Array, list[Fault]]:
    if name == "time":
        return _times(rows, now)
    if name in _NUMBERS:
        return _numbers(name, rows)
    cells = rows.cells
    if name == "actor":
        return text_column(cells, rows.actors), []
    codes = rows.kinds if name == "actor_kind" else rows.variants.codes(name, cells)
    if name in _IF_MISSING:
        codes = or_else(codes, cells, cells.dictionary[str(_IF_MISSING[name])])
    column = text_column(cells, codes)
    faults = unknown_words(name, cells, codes, WORDS[name]) if name in WORDS else []
    if name == "action":
        expected = "one of " + ", ".join(sorted(WORDS[name]))
        faults += [Fault(row, name, f"no {name!r}", expected) for row in _nulls(column)]
    return column, faults


def _times(rows: CleanRows, now: datetime) -> tuple[pa.Array, list[Fault]]:
    cells = rows.cells
    faults: list[Fault] = []
    parts, order = [], []
    for expression, found in rows.variants.groups("time"):
        if expression is None:
            continue
        values = cells.values(expression.codes(cells, found))
        part, unread = timestamps(values, expression.format, expression.zone, now)
        expected = expression.format or "ISO 8601, or a count since 1970"
        faults += [Fault(int(found[row]), "time", "the time cannot be read", expected) for row in unread]
        parts.append(part)
        order.append(found)
    column = _rejoin(parts, order)
    unreadable = {fault.row for fault in faults}
    faults += [Fault(row, "time", "no 'time'", "when it happened") for row in _nulls(column) if row not in unreadable]
    expected = f"{EARLIEST:%Y} to {AHEAD.days} days from now"
    faults += [
        Fault(row, "time", "the time is out of range", expected, "Check the clock, the unit and the zone.")
        for row in out_of_range(column, now)
    ]
    return column, faults


def _numbers(name: str, rows: CleanRows) -> tuple[pa.Array, list[Fault]]:
    cells = rows.cells
    faults: list[Fault] = []
    parts, order = [], []
    for expression, found in rows.variants.groups(name):
        codes = expression.codes(cells, found) if expression else None
        if expression is None or codes is None or not codes.any():
            part = pa.nulls(len(found), transfers.COLLECTED.field(name).type)
        else:
            part, wrong = number_column(name, cells.values(codes), expression.scale)
            faults += [Fault(int(found[fault.row]), fault.field, fault.reason, fault.expected) for fault in wrong]
        parts.append(part)
        order.append(found)
    return _rejoin(parts, order), faults


def _rejoin(parts: list[pa.Array], order: list[Numbers]) -> pa.Array:
    """Return parts of a column as one, in the order of the rows they stand for."""
    if len(parts) == 1:
        return parts[0]
    return pa.concat_arrays(parts).take(pa.array(np.argsort(np.concatenate(order))))


def _nulls(column: pa.Array) -> list[int]:
    if not column.null_count:
        return []
    rows: list[int] = np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist()
    return rows


def _taken(mapping: Mapping) -> frozenset[str]:
    """Return the fields that a column holds as they are."""
    return frozenset(
        expression.paths[0] for _, expression in mapping.columns if expression.is_plain and len(expression.paths) == 1
    )

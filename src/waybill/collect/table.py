"""Clean rows to a table of transfers, column by column; rows that do not fit are told apart with their fault."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from operator import itemgetter
from types import NoneType

import numpy as np
import pyarrow as pa

from waybill.collect.cleaning import CleanRows
from waybill.collect.expression_reader import MAPPABLE, WORDS
from waybill.collect.expressions import Expression, Row, Scalar, text
from waybill.collect.mapping import Mapping
from waybill.collect.time_patterns import AHEAD
from waybill.collect.times import EARLIEST, out_of_range, timestamps
from waybill.collect.typed import Fault, number_column, text_column, word_column
from waybill.model import transfers
from waybill.model.words import Channel, Outcome

_IF_MISSING = {"outcome": Outcome.UNKNOWN, "channel": Channel.OTHER}
"""What a required column holds where its source says nothing."""

_NUMBERS = ("bytes", "records", "quantity")


def columns_of(rows: CleanRows, mapping: Mapping, now: datetime) -> tuple[dict[str, pa.Array], dict[int, Fault]]:
    """Return the columns that the mapping sets, and the first fault of each row that has one."""
    columns: dict[str, pa.Array] = {}
    faults: dict[int, Fault] = {}
    for name in MAPPABLE:
        column, found = _column(name, rows, now)
        columns[name] = column
        for fault in found:
            faults.setdefault(fault.row, fault)
    columns["fields"] = _fields(rows, frozenset() if mapping.keep_all_fields else _taken(mapping))
    return columns, faults


def _column(name: str, rows: CleanRows, now: datetime) -> tuple[pa.Array, list[Fault]]:
    if name == "time":
        return _times(rows, now)
    if name in _NUMBERS:
        return _numbers(name, rows)
    if name == "actor":
        return text_column(rows.actors), []
    values = rows.kinds if name == "actor_kind" else _texts(name, rows)
    if values is None:
        values = [_IF_MISSING[name]] * len(rows.rows) if name in _IF_MISSING else None
    if values is None:
        column = pa.nulls(len(rows.rows), transfers.TEXT)
        return column, _missing(name, column) if name == "action" else []
    if name not in WORDS:
        return text_column(values), []
    column, faults = word_column(name, values, WORDS[name])
    if name in _IF_MISSING and column.null_count:
        column, faults = word_column(name, [value or _IF_MISSING[name] for value in values], WORDS[name])
    if name == "action":
        faults += _missing(name, column)
    return column, faults


def _missing(name: str, column: pa.Array) -> list[Fault]:
    return [Fault(row, name, f"no {name!r}", "one of " + ", ".join(sorted(WORDS[name]))) for row in _nulls(column)]


def _texts(name: str, rows: CleanRows) -> list[Scalar] | None:
    """Return the values of a column, or None if no row has any."""
    groups = rows.variants.groups(name)
    if not any(expression is not None and _gives(expression, rows.present) for expression, _ in groups):
        return None
    return rows.variants.values(name, rows.rows)


def _gives(expression: Expression, present: frozenset[str]) -> bool:
    """Return whether an expression can give any value from rows with these fields."""
    return expression.default is not None or not expression.fields or not present.isdisjoint(expression.fields)


def _times(rows: CleanRows, now: datetime) -> tuple[pa.Array, list[Fault]]:
    faults: list[Fault] = []
    parts, order = [], []
    for expression, found in rows.variants.groups("time"):
        if expression is None:
            continue
        chosen = rows.rows if found is None else [rows.rows[row] for row in found]
        part, unread = timestamps(expression.values(chosen), expression.format, expression.zone, now)
        index = range(len(chosen)) if found is None else found
        expected = expression.format or "ISO 8601, or a count since 1970"
        faults += [Fault(index[row], "time", "the time cannot be read", expected) for row in unread]
        parts.append(part)
        order.append(np.asarray(index, np.int64))
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
    faults: list[Fault] = []
    parts, order = [], []
    for expression, found in rows.variants.groups(name):
        chosen = rows.rows if found is None else [rows.rows[row] for row in found]
        index = range(len(chosen)) if found is None else found
        if expression is None or not _gives(expression, rows.present):
            part = pa.nulls(len(chosen), transfers.COLLECTED.field(name).type)
        else:
            part, wrong = number_column(name, expression.values(chosen), expression.scale)
            faults += [Fault(index[fault.row], fault.field, fault.reason, fault.expected) for fault in wrong]
        parts.append(part)
        order.append(np.asarray(index, np.int64))
    return _rejoin(parts, order), faults


def _rejoin(parts: list[pa.Array], order: list[np.ndarray]) -> pa.Array:
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


def _fields(rows: CleanRows, taken: frozenset[str]) -> pa.Array:
    """Return the source's own fields as a map column."""
    count = len(rows.rows)
    if rows.present <= taken:
        return pa.MapArray.from_arrays(
            np.zeros(count + 1, np.int32), pa.array([], pa.string()), pa.array([], pa.string())
        )
    if len(set(map(tuple, rows.rows))) == 1:
        fields = _equal_fields(rows.rows, taken)
        if fields is not None:
            return fields
    clean: Sequence[Row] = rows.rows
    if not rows.present.isdisjoint(taken):
        clean = [{name: value for name, value in row.items() if name not in taken} for row in clean]
    values = list(chain.from_iterable(map(dict.values, clean)))
    kinds = set(map(type, values))
    if NoneType in kinds:
        clean = [_without_nulls(row) if None in row.values() else row for row in clean]
        values = list(chain.from_iterable(map(dict.values, clean)))
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(np.fromiter(map(len, clean), np.int32, count), out=offsets[1:])
    names = pa.array(list(chain.from_iterable(clean)), pa.string())
    if kinds != {str}:
        values = [
            value if (kind := type(value)) is str else str(value) if kind is int else text(value) for value in values
        ]
    return pa.MapArray.from_arrays(offsets, names, pa.array(values, pa.string()))


def _equal_fields(rows: Sequence[Row], taken: frozenset[str]) -> pa.Array | None:
    """Return the map column of rows that all have the same fields in the same order.

    Such rows are what most sources write, and picking the same places of each is four times as fast. None if a value
    is null, or columns took all fields.
    """
    rest = [name for name in rows[0] if name not in taken]
    if not rest:
        return None
    picked = map(itemgetter(*rest), rows)
    values = list(chain.from_iterable(picked)) if len(rest) > 1 else list(picked)
    kinds = set(map(type, values))
    if NoneType in kinds:
        return None
    texts = values if kinds == {str} else [text(value) for value in values]
    offsets = np.arange(0, len(values) + 1, len(rest), dtype=np.int32)
    names = pa.array(rest, pa.string()).take(pa.array(np.tile(np.arange(len(rest)), len(rows))))
    return pa.MapArray.from_arrays(offsets, names, pa.array(texts, pa.string()))


def _without_nulls(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}

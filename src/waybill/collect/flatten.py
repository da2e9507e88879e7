"""Nested records to flat rows: scalars by dotted path."""

from __future__ import annotations

from typing import Any

import orjson

from waybill.collect.expressions import Row, Scalar, text
from waybill.model.transfers import SEPARATOR

DEEPEST = 64
"""Levels of nesting that get paths of their own; what lies deeper is kept as JSON text."""


def flatten(record: dict[str, Any]) -> Row:
    """Return the record as a flat row.

    A list of scalars is one field, joined by ``SEPARATOR``; the objects of a list share one path for each member,
    its values joined likewise. A record that is flat already is returned itself.
    """
    nested = [item for item in record.items() if type(item[1]) is dict or type(item[1]) is list]
    if not nested:
        return record
    row: Row = {name: value for name, value in record.items() if type(value) is not dict and type(value) is not list}
    for name, value in nested:
        _add(row, name, value, 0)
    return row


def _add_members(row: Row, prefix: str, members: dict[str, Any], depth: int) -> None:
    for name, value in members.items():
        _add(row, prefix + name, value, depth)


def _add(row: Row, path: str, value: Any, depth: int) -> None:
    if type(value) is dict or type(value) is list:
        if depth >= DEEPEST:
            _put(row, path, orjson.dumps(value, default=str).decode())
        elif type(value) is dict:
            _add_members(row, path + ".", value, depth + 1)
        else:
            for item in value:
                _add(row, path, item, depth + 1)
    elif value is not None:
        _put(row, path, value)


def _put(row: Row, path: str, value: Scalar) -> None:
    known = row.get(path)
    row[path] = value if known is None else f"{text(known)}{SEPARATOR}{text(value)}"

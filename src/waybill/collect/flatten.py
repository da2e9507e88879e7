"""Nested records to flat rows: scalars by dotted path."""

from __future__ import annotations

from typing import Any

from waybill.collect.scalars import Row, Scalar, text
from waybill.model.transfers import SEPARATOR

DEEPEST = 64
"""Levels of nesting in a record."""

LONGEST_PATH = 1000
"""Letters in a dotted path: long names above many members would multiply into far more than the record itself."""

NESTED = frozenset({dict, list})
"""Types of values that are not scalars."""


def flatten(record: dict[str, Any]) -> Row | None:
    """Return the record as a flat row, or None if it is nested too deeply or its paths are too long.

    A list of scalars is one field, joined by ``SEPARATOR``; the objects of a list share one path for each member,
    its values joined likewise. A record that is flat already is returned itself.
    """
    if NESTED.isdisjoint(map(type, record.values())):
        return record
    row: Row = record.copy()
    gathered: dict[str, list[Scalar]] = {}
    for name, value in record.items():
        if type(value) in NESTED:
            del row[name]
            if not _gather(gathered, name, value, 1):
                return None
    for path, values in gathered.items():
        if path in row and row[path] is not None:
            values.insert(0, row[path])
        row[path] = values[0] if len(values) == 1 else SEPARATOR.join([text(value) or "" for value in values])
    return row


def _gather(gathered: dict[str, list[Scalar]], path: str, value: Any, depth: int) -> bool:
    """Add the scalars below an object or list by path; return False where there is no end of depth or path."""
    if depth >= DEEPEST:
        return False
    if type(value) is dict:
        if len(path) > LONGEST_PATH:
            return False
        members = [(f"{path}.{name}", member) for name, member in value.items()]
    else:
        members = [(path, member) for member in value]
    for inner, member in members:
        if type(member) in NESTED:
            if not _gather(gathered, inner, member, depth + 1):
                return False
        elif inner in gathered:
            if member is not None:
                gathered[inner].append(member)
        elif member is not None:
            gathered[inner] = [member]
    return True

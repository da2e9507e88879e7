"""Divides records that tell of several things at once: each member of a list inside makes a record of its own.

Everything around the list stays with each member, and the list keeps that one member, so that a divided record has
the shape it had before and is not divided again when it is read anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from waybill.collect.records import Parsed

Record = dict[str, Any]


def divided(parsed: Parsed, paths: Sequence[str]) -> Parsed:
    """Return the records with those divided that hold more than one member in the lists at ``paths`` together.

    The parts of a record share its position; the canonical bytes of each are its JSON with sorted keys.
    """
    steps = [tuple(path.split(".")) for path in paths]
    result = Parsed(unread=parsed.unread)
    for line, record, position in zip(parsed.lines, parsed.records, parsed.positions, strict=True):
        parts = list(_parts(record, steps))
        if len(parts) < 2:
            result.add(line, record, position)
        else:
            for part in parts:
                result.add(orjson.dumps(part, option=orjson.OPT_SORT_KEYS), part, position)
    return result


def _parts(record: Record, paths: Sequence[tuple[str, ...]]) -> Iterator[Record]:
    for path in paths:
        members = _at(record, path)
        if isinstance(members, list):
            rest = record
            for other in paths:
                if other != path:
                    rest = _with(rest, other, None)
            for member in members:
                yield _with(rest, path, [member])


def _at(record: Record, path: tuple[str, ...]) -> Any:
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _with(record: Record, path: tuple[str, ...], members: list[Any] | None) -> Record:
    """Return a copy of ``record`` with ``members`` at ``path``, or nothing there."""
    name, *below = path
    inner = record.get(name)
    if below:
        members = _with(inner, tuple(below), members) if isinstance(inner, dict) else inner  # type: ignore[assignment]
    rest = {key: value for key, value in record.items() if key != name}
    return rest if members is None else {**rest, name: members}

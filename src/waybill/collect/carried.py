"""Records whose content was at hand, on their way to a worker and to columns: each with what was found in it.

What was found is no part of a record. It changes with what is registered, and an id must not; and no name that a
record gives may replace what was recognised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from waybill.collect.privacy import ProtectedTraffic
from waybill.collect.records import Parsed
from waybill.model.carried import Carried
from waybill.model.transfers import COLLECTED, FIELDS
from waybill.model.words import Grade

FORMAT = "carried"
"""The format of chunks that hold entries."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A record, and what was found in what it tells of."""

    position: int
    canonical: bytes
    """See ``model.ids``; holds nothing of the content."""
    record: dict[str, Any]
    carried: Carried | None = None


def encoded(entries: Iterable[Entry]) -> bytes:
    """Return entries as the data of a chunk."""
    return msgspec.msgpack.encode(list(entries))


def entries_in(data: bytes) -> Parsed:
    """Return the records of a chunk of entries."""
    parsed = Parsed()
    for entry in msgspec.msgpack.decode(data, type=list[Entry]):
        parsed.add(entry.canonical, entry.record, entry.position)
        parsed.carried.append(entry.carried)
    return parsed


def with_contents(
    columns: dict[str, pa.Array], found: Sequence[Carried | None], clean: Callable[[str], str]
) -> dict[str, pa.Array]:
    """Return columns with what was found: as fields, and asset, grade and size where it says more than the source.

    ``clean`` replaces the people whom a text names.
    """
    given = {name: columns[name].to_pylist() for name in ("asset", "asset_kind", "grade", "bytes", "fields")}
    for row, one in enumerate(found):
        if one is None:
            continue
        held = tuple(msgspec.structs.replace(held, document=_cleaned(held.document, clean)) for held in one.held)
        told = msgspec.structs.replace(one, name=given["asset"][row] or "", held=held)
        given["fields"][row] = [*given["fields"][row], *told.fields().items()]
        if one.asset:
            given["asset"][row], given["asset_kind"][row] = one.asset, None  # which the register knows
        if given["grade"][row] is None and one.grade is not Grade.GENERAL:
            given["grade"][row] = str(one.grade)
        if given["bytes"][row] is None and one.size:
            given["bytes"][row] = one.size
    types = {name: FIELDS if name == "fields" else COLLECTED.field(name).type for name in given}
    return columns | {name: pa.array(values, types[name]) for name, values in given.items()}


def _cleaned(text: str, clean: Callable[[str], str]) -> str:
    """Return a text without the people whom it names; nothing of one that names a protected channel."""
    try:
        return clean(text)
    except ProtectedTraffic:
        return ""

"""Parsed records to clean cells: protected traffic dropped, names replaced, the record itself kept as ``raw``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import orjson

from waybill.collect.cells import Cells, Numbers
from waybill.collect.dictionary import Codes
from waybill.collect.flatten import NESTED, flatten
from waybill.collect.mapping import Mapping
from waybill.collect.people import People
from waybill.collect.privacy import Guard
from waybill.collect.readers import READERS, Reader
from waybill.collect.records import NESTED_TOO_DEEPLY, Chunk, Parsed
from waybill.collect.replacing import Replacing
from waybill.collect.scalars import Row
from waybill.collect.variants import Variants
from waybill.model.words import PartyKind

TOGETHER = 256
"""Records that are read and taken apart together: so few that they stay in the processor's cache meanwhile."""


@dataclass(slots=True)
class CleanRows:
    """Records of one chunk that may be kept."""

    cells: Cells
    """Their fields, without names."""
    raw: list[bytes]
    """Each record as JSON, without names."""
    index: list[int]
    """Where each row stood among the parsed records."""
    actors: Codes
    """Pseudonyms of persons, names of others."""
    kinds: Codes
    variants: Variants


def clean_records(parsed: Parsed, mapping: Mapping, guard: Guard, chunk: Chunk) -> CleanRows:
    """Return the rows that may be kept of the records parsed from a chunk."""
    reader = READERS.get(mapping.reader)
    rows: list[Row] = []
    records: list[Any] = []
    written: list[bytes] | None = [] if chunk.format == "ndjson" else None
    cells = Cells(_flattened(parsed, reader, rows, records, written))
    replacing = Replacing(guard, mapping, chunk, cells)
    variants = Variants(mapping, cells)
    people = People(mapping, cells, variants)
    raw = replacing.run(people, rows, records, parsed.lines if written is None else written)
    index = [place for place, line in enumerate(raw) if line is not None]
    kept = np.array(index, np.int64)
    if len(index) < len(rows):
        cells.keep(kept)
        variants.keep(kept)
    actors, kinds_of_actors = _named(guard, people, cells, kept)
    return CleanRows(cells, [line for line in raw if line is not None], index, actors, kinds_of_actors, variants)


def _flattened(
    parsed: Parsed, reader: Reader | None, rows: list[Row], records: list[Any], written: list[bytes] | None
) -> Iterator[tuple[list[Row], set[type]]]:
    """Yield flat rows, some after others, with the types of their values; add them to ``rows``.

    What is to be kept of each row is added to ``records``, and to ``written`` the record as it was understood: a line
    may hold a key twice, and nobody would look for names in the value that does not count. Records that cannot be
    flattened leave ``parsed``.
    """
    unfit: list[int] = []
    for start in range(0, len(parsed.records), TOGETHER):
        part = parsed.records[start : start + TOGETHER]
        if written is not None:
            written += _as_understood(part)  # before a reader changes them
        if reader is not None:
            part = [reader(record) for record in part]
        flat, kinds = part, _kinds(part)
        if not kinds.isdisjoint(NESTED):
            all_flat = [flatten(record) for record in part]
            unfit += [place for place, row in enumerate(all_flat, start) if row is None]
            part = [record for record, row in zip(part, all_flat, strict=True) if row is not None]
            flat = [row for row in all_flat if row is not None]
            kinds = _kinds(flat)
        rows += flat
        records += part if reader is None else flat
        yield flat, kinds
    if unfit:
        parsed.leave_out(unfit, *NESTED_TOO_DEEPLY)
        if written is not None:
            for place in reversed(unfit):
                del written[place]


def _as_understood(records: list[Any]) -> list[bytes]:
    """Return records as JSON; empty where one is nested too deeply to be written, which ``flatten`` will refuse."""
    try:
        return list(map(orjson.dumps, records))
    except TypeError:
        return [_as_understood([record])[0] for record in records] if len(records) > 1 else [b""]


def _kinds(records: list[Any]) -> set[type]:
    return set(map(type, chain.from_iterable(map(dict.values, records))))


def _named(guard: Guard, people: People, cells: Cells, kept: Numbers) -> tuple[Codes, Codes]:
    """Return actor and kind of each row as they are stored."""
    columns = (people.persons[kept], people.actors[kept], people.kinds[kept])
    who = list(zip(*(column.tolist() for column in columns), strict=True))
    stored = {one: _name(guard, cells, *one) for one in {*who}}
    pairs = np.array([stored[one] for one in who], np.int32).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _name(guard: Guard, cells: Cells, person: int, actor: int, kind: int) -> tuple[int, int]:
    identity = cells.texts[person]
    if identity is None:
        return actor, kind
    pseudonym = guard.person(identity)
    told = PartyKind.SERVICE if pseudonym == identity else PartyKind.PERSON
    return cells.dictionary[pseudonym], kind if cells.texts[kind] else cells.dictionary[str(told)]

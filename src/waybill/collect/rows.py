"""The records of a chunk as flat rows in cells: many at a time where they are flat, else one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import orjson

from waybill.collect.arranging import arranged
from waybill.collect.cells import Cells
from waybill.collect.dividing import divided
from waybill.collect.flatten import NESTED, flatten
from waybill.collect.mapping import Mapping
from waybill.collect.parsing import parse
from waybill.collect.readers import LOOKS, READERS, Reader
from waybill.collect.records import NESTED_TOO_DEEPLY, UTF8, Chunk, Originals, Parsed, Unread
from waybill.collect.scalars import Row
from waybill.collect.scanning import Scanning
from waybill.model.carried import Carried

TOGETHER = 256
"""Records that are read and taken apart together: so few that they stay in the processor's cache meanwhile."""


SAMPLE_BYTES = 1 << 15
"""Bytes of a chunk that show whether records are nested."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Records, still with names in them."""

    cells: Cells
    originals: Originals
    lines: list[bytes]
    """Canonical bytes, see ``model.ids``."""
    positions: list[int]
    written: list[bytes]
    """Each record as it is kept if nothing in it is to be replaced."""
    carried: Sequence[Carried | None] = ()
    """What was found in what each tells of, where content was at hand."""


class _Taken:
    """Records that were parsed."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.records: list[Any] = []

    def row(self, number: int) -> Row:
        return self.rows[number]

    def record(self, number: int) -> Any:
        return self.records[number]


class _Reread:
    """Lines, parsed when they are asked for."""

    def __init__(self, lines: list[bytes], reader: Reader | None) -> None:
        self._lines = lines
        self._reader = reader
        self._parsed: dict[int, tuple[Row, Any]] = {}

    def row(self, number: int) -> Row:
        return self._of(number)[0]

    def record(self, number: int) -> Any:
        return self._of(number)[1]

    def _of(self, number: int) -> tuple[Row, Any]:
        if number not in self._parsed:
            record = orjson.loads(self._lines[number])
            row = flatten(self._reader(record) if self._reader else record) or {}
            self._parsed[number] = row, row if self._reader else record
        return self._parsed[number]


def read_rows(chunk: Chunk, mapping: Mapping, record_bytes: int, scanning: Scanning) -> tuple[list[Rows], list[Unread]]:
    """Return the rows of a chunk in one part or two, each in order, and what could not be parsed."""
    rows: list[Rows] = []
    rest: Chunk | None = chunk
    if can_be_flat(chunk, mapping):
        flat, rest = flat_rows(chunk, mapping, record_bytes, scanning)
        rows += [flat] if flat else []
    if rest is None:
        return rows, []
    parsed = parse(rest, mapping, record_bytes)
    if mapping.each:
        parsed = divided(parsed, mapping.each)
    if parsed.lines or not rows:
        rows.append(rows_of(parsed, mapping, rest))
    return rows, parsed.unread


def can_be_flat(chunk: Chunk, mapping: Mapping) -> bool:
    """Return whether it is worth while to read records of a chunk many at a time: most are flat as it seems."""
    if mapping.secrets or mapping.each or mapping.reader not in LOOKS:
        return False
    if chunk.format != "ndjson" or chunk.encoding != UTF8:
        return False
    sample = chunk.data[:SAMPLE_BYTES]
    return sample.count(b'":{') + sample.count(b'": {') <= sample.count(b"\n")


def flat_rows(
    chunk: Chunk, mapping: Mapping, record_bytes: int, scanning: Scanning
) -> tuple[Rows | None, Chunk | None]:
    """Return the rows of records that are flat, and the chunk with the other lines in their places, if any."""
    flat = scanning.read_flat(chunk.data)
    if flat is None:
        return None, chunk
    reader = READERS.get(mapping.reader)
    cells, records = arranged(flat, reader, LOOKS[mapping.reader])
    ended = chunk.data.split(b"\n")
    places = flat.lines[records].tolist()
    lines = [ended[place] for place in places]
    if not lines or max(map(len, lines)) > record_bytes:
        return None, chunk
    if b"\r" in chunk.data:
        lines = [line.removesuffix(b"\r") for line in lines]
    for place in places:
        ended[place] = b""
    rest = replace(chunk, data=b"\n".join(ended)) if any(ended) else None
    written = lines.copy()
    for record in np.flatnonzero(flat.hides[records]).tolist():
        written[record] = orjson.dumps(orjson.loads(lines[record]))
    positions = [chunk.first + place for place in places]
    return Rows(cells, _Reread(lines, reader), lines, positions, written), rest


def rows_of(parsed: Parsed, mapping: Mapping, chunk: Chunk) -> Rows:
    """Return the rows of parsed records. Records that cannot be flattened leave ``parsed``."""
    taken = _Taken()
    written: list[bytes] | None = [] if chunk.format == "ndjson" else None
    cells = Cells.from_rows(_flattened(parsed, READERS.get(mapping.reader), taken, written))
    kept = parsed.lines if written is None else written
    return Rows(cells, taken, parsed.lines, parsed.positions, kept, parsed.carried)


def _flattened(
    parsed: Parsed, reader: Reader | None, taken: _Taken, written: list[bytes] | None
) -> Iterator[tuple[list[Row], set[type]]]:
    """Yield flat rows, some after others, with the types of their values; add them to ``taken``.

    What is to be kept of each row is added too, and to ``written`` the record as it was understood: a line may hold a
    key twice, and nobody would look for names in the value that does not count.
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
        taken.rows += flat
        taken.records += part if reader is None else flat
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

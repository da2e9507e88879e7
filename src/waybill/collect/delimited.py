"""Records whose cells are divided by a delimiter: CSV (RFC 4180)."""

from __future__ import annotations

import csv
import re
from typing import Any

import orjson

from waybill.collect.mapping import Mapping
from waybill.collect.records import Chunk, Parsed, Unread, not_decoded

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


def csv_records(chunk: Chunk, mapping: Mapping) -> Parsed:
    """Return the records of a chunk of CSV; a cell that holds nothing gives no field."""
    parsed = Parsed()
    csv.field_size_limit(max(len(chunk.data), csv.field_size_limit()))  # for the process: raise it, never lower it
    lines = _LINE.findall(chunk.data)
    texts = (line.decode(chunk.encoding, "surrogateescape") for line in lines)
    reader = csv.reader(texts, delimiter=mapping.delimiter)
    start = 0
    while start < len(lines):
        try:
            cells = next(reader)
        except csv.Error:
            cells = None
        position, end = chunk.first + start, reader.line_num
        line = b"".join(lines[start:end]).removesuffix(b"\n").removesuffix(b"\r")
        start = end
        if cells is None:
            parsed.unread.append(Unread(position, line, "the line is not CSV", "line ends only between records"))
        elif cells:
            _add(parsed, _record(cells, line, chunk, mapping), line, position)
    return parsed


_Fault = tuple[str, str, str]
"""Reason, expectation and advice."""


def _add(parsed: Parsed, record: dict[str, Any] | _Fault, line: bytes, position: int) -> None:
    if isinstance(record, tuple):
        parsed.unread.append(Unread(position, line, *record))
    else:
        parsed.add(line, record, position)


def _record(cells: list[str], line: bytes, chunk: Chunk, mapping: Mapping) -> dict[str, Any] | _Fault:
    broken = None if line.isascii() else not_decoded(line, chunk.encoding)
    if broken:
        return broken
    if not (mapping.shortest or len(chunk.header)) <= len(cells) <= len(chunk.header):
        advice = "A quote may be missing: the record covers several lines." if b"\n" in line else ""
        return f"the record has {len(cells)} cells", f"{len(chunk.header)} cells", advice
    record: dict[str, Any] = {name: cell for name, cell in zip(chunk.header, cells, strict=False) if cell}
    return _opened(record, mapping.json_cell) if mapping.json_cell in record else record


def _opened(record: dict[str, Any], name: str) -> dict[str, Any] | _Fault:
    """Return the record that a cell holds as JSON, with the other cells beside its fields."""
    try:
        inner = orjson.loads(record.pop(name))
    except ValueError:
        inner = None
    if isinstance(inner, dict):
        return record | inner
    return "the cell is not a JSON object", '{"name": …}', f"It stands in the column {name!r}."

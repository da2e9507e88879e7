"""The bytes of a chunk or document to parsed records, each with its canonical bytes and its position.

What cannot be parsed is told in its place, and parsing goes on behind it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from waybill.collect import evtx
from waybill.collect.carried import FORMAT, entries_in
from waybill.collect.delimited import csv_records
from waybill.collect.lines import line_records
from waybill.collect.mapping import Mapping
from waybill.collect.masking import mask
from waybill.collect.records import NESTED_TOO_DEEPLY, UTF8, Chunk, Parsed, Unread, not_decoded, too_large
from waybill.collect.zeek import zeek_records


def parse(chunk: Chunk, mapping: Mapping, record_bytes: int, *, masked: bool = True) -> Parsed:
    """Return the records of a chunk, secrets masked; records longer than ``record_bytes`` are not parsed."""
    parsed = entries_in(chunk.data) if chunk.format == FORMAT else _parsed(chunk, mapping, record_bytes)
    if mapping.secrets and masked:
        mask(parsed.records, mapping.secrets)
    return parsed


def _parsed(chunk: Chunk, mapping: Mapping, record_bytes: int) -> Parsed:
    match chunk.format:
        case "ndjson":
            return _ndjson(chunk, record_bytes)
        case "csv":
            return csv_records(chunk, mapping)
        case "lines":
            return line_records(chunk, mapping.lines, record_bytes)
        case "zeek":
            return zeek_records(chunk, record_bytes)
        case "evtx":
            return _evtx(chunk.data)
        case _:
            return _document(chunk, mapping.records)


def _ndjson(chunk: Chunk, record_bytes: int) -> Parsed:
    parsed = Parsed()
    loads, records, canonical, positions = orjson.loads, parsed.records, parsed.lines, parsed.positions
    decode = None if chunk.encoding == UTF8 else chunk.encoding
    lines = chunk.data.split(b"\n")
    carriage = b"\r" in chunk.data
    for position, ended in enumerate(lines, chunk.first):
        if not ended:
            continue
        line = ended.removesuffix(b"\r") if carriage else ended
        if len(line) > record_bytes:
            parsed.unread.append(too_large(position, record_bytes))
            continue
        try:
            record = loads(line if decode is None else line.decode(decode))
        except ValueError as error:
            if line.strip():
                parsed.unread.append(_unparsed(position, line, error, chunk.encoding))
        else:
            if type(record) is not dict:
                parsed.add(line, record, position)
                continue
            # As ``add`` does; a call for each line would cost a tenth of parsing it.
            records.append(record)
            canonical.append(line)
            positions.append(position)
    return parsed


def _unparsed(position: int, line: bytes, error: ValueError, encoding: str) -> Unread:
    broken = not_decoded(line, encoding)
    if broken:
        return Unread(position, line, *broken)
    if b"\0" in line:
        return Unread(position, line, "the line holds NUL bytes", "text", "Was the file cut off, or is it UTF-16?")
    place = f", character {error.pos + 1}" if isinstance(error, orjson.JSONDecodeError) else ""
    # The parser's message never quotes the record.
    what = str(error).partition(":")[0] if isinstance(error, orjson.JSONDecodeError) else "not readable"
    return Unread(position, line, "the line is not JSON", "one JSON object a line", f"{what}{place}")


def _evtx(data: bytes) -> Parsed:
    parsed = Parsed()
    for entry in evtx.read(data):
        if isinstance(entry, evtx.Damage):
            parsed.unread.append(Unread(entry.number, entry.json, entry.reason, entry.expected, entry.advice))
        else:
            _add_document_record(parsed, orjson.loads(entry.json), entry.number)
    return parsed


def _add_document_record(parsed: Parsed, record: Any, position: int) -> None:
    try:
        canonical = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # it is nested more deeply than can be written
        parsed.unread.append(Unread(position, b"", *NESTED_TOO_DEEPLY))
    else:
        parsed.add(canonical, record, position)


def _document(chunk: Chunk, path: str) -> Parsed:
    parsed = Parsed()
    documents: list[Any] = []
    try:
        text = chunk.data if chunk.encoding == UTF8 else chunk.data.decode(chunk.encoding)
        documents.append(orjson.loads(text))
    except ValueError as error:
        rest = _one_after_another(chunk, documents)
        if rest:
            unread = _unparsed(0, rest, error, chunk.encoding)
            reason = unread.reason.replace("the line is not JSON", "the document is not JSON")
            parsed.unread.append(Unread(0, rest, reason, "one JSON document", unread.advice))
    records = (record for document in documents for record in records_in(document, path))
    for position, record in enumerate(records, chunk.first):
        _add_document_record(parsed, record, position)
    return parsed


def _one_after_another(chunk: Chunk, documents: list[Any]) -> bytes:
    """Add documents that follow each other, as pretty printers write them, and return the bytes behind the last."""
    try:
        text = chunk.data.decode(chunk.encoding).strip()
    except UnicodeDecodeError:
        return chunk.data
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    place = 0
    while place < len(text):
        try:
            document, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        documents.append(document)
        while place < len(text) and text[place].isspace():
            place += 1
    return text[place:].encode(chunk.encoding) if documents else chunk.data


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def records_in(document: Any, path: str) -> Iterator[Any]:
    """Yield the records of a document: of the array at ``path``, of a bare array, or the document itself."""
    inner = document
    for name in path.split(".") if path else ():
        inner = inner.get(name) if isinstance(inner, dict) else None
    if isinstance(inner, list):
        yield from inner
    elif isinstance(document, list):
        yield from document
    else:
        yield document

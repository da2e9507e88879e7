"""The bytes of a chunk or document to parsed records, each with its canonical bytes and its position.

What cannot be parsed is told in its place, and parsing goes on behind it.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from waybill.collect import evtx
from waybill.collect.flatten import DEEPEST, LONGEST_PATH
from waybill.collect.mapping import Mapping
from waybill.collect.plan import Rejected

UTF8 = "utf-8"

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a file that can be parsed by itself."""

    format: str
    """One of ``mapping.FORMATS``."""
    data: bytes
    encoding: str = UTF8
    first: int = 1
    """Position of its first record: line number of a text format, else record number."""
    header: tuple[str, ...] = ()
    """Names of CSV columns."""
    preamble: bytes = b""
    """What must stand before a record of this chunk so that it can be read by itself: the header line of a CSV."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that could not be parsed."""

    position: int
    raw: bytes
    reason: str
    expected: str
    advice: str = ""
    field: str = ""


def rejected_of(record: Unread, source: str, file: str, preamble: bytes = b"") -> Rejected:
    """Return what is handed over for a record that could not be read."""
    what = record.field, record.reason, record.expected, record.advice
    return Rejected(source, file, record.position, *what, preamble + record.raw if record.raw else b"")


@dataclass(slots=True)
class Parsed:
    """Parsed records, as three lists of one length, and what could not be parsed."""

    lines: list[bytes] = field(default_factory=list)
    """Canonical bytes, see ``model.ids``."""
    records: list[dict[str, Any]] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    flat: bool = False
    """Whether it is certain that no record holds an object or a list."""

    def add(self, line: bytes, record: Any, position: int) -> None:
        """Take a record, or tell that it is none."""
        if type(record) is not dict:
            reason = "the JSON value is not an object"
            self.unread.append(Unread(position, line, reason, 'an object, like {"time": …}'))
            return
        self.lines.append(line)
        self.records.append(record)
        self.positions.append(position)

    def leave_out(self, places: list[int], reason: str, expected: str) -> None:
        """Tell that some of the records cannot be used after all."""
        self.unread += [Unread(self.positions[place], self.lines[place], reason, expected) for place in places]
        for values in (self.lines, self.records, self.positions):
            for place in reversed(places):
                del values[place]


NESTED_TOO_DEEPLY = (
    "the record is nested too deeply",
    f"{DEEPEST} levels, and paths of {LONGEST_PATH:,} letters, at most",
)


def parse(chunk: Chunk, mapping: Mapping, record_bytes: int) -> Parsed:
    """Return the records of a chunk; lines longer than ``record_bytes`` are not parsed."""
    if chunk.format == "ndjson":
        return _ndjson(chunk, record_bytes)
    if chunk.format == "csv":
        return _csv(chunk, mapping.delimiter)
    if chunk.format == "evtx":
        return _evtx(chunk.data)
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
    # As many braces as records: every record has its own pair and no other.
    parsed.flat = b"[" not in chunk.data and chunk.data.count(b"{") == len(parsed.records)
    return parsed


def too_large(position: int, record_bytes: int) -> Unread:
    """Return what to tell of a record that is larger than allowed; its bytes are not kept."""
    expected = f"at most {record_bytes:,} bytes"
    return Unread(position, b"", "the record is too large", expected, "Raise max_record_bytes and read it again.")


def _unparsed(position: int, line: bytes, error: ValueError, encoding: str) -> Unread:
    broken = _not_decoded(line, encoding)
    if broken:
        return Unread(position, line, *broken)
    if b"\0" in line:
        return Unread(position, line, "the line holds NUL bytes", "text", "Was the file cut off, or is it UTF-16?")
    place = f", character {error.pos + 1}" if isinstance(error, orjson.JSONDecodeError) else ""
    # The parser's message never quotes the record.
    what = str(error).partition(":")[0] if isinstance(error, orjson.JSONDecodeError) else "not readable"
    return Unread(position, line, "the line is not JSON", "one JSON object a line", f"{what}{place}")


def _not_decoded(line: bytes, encoding: str) -> tuple[str, str, str] | None:
    """Return reason, expectation and advice if bytes are not in the encoding they should be in."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        pass
    else:
        return None
    reason, expected = f"the bytes are not {encoding.upper()}", f"text in {encoding.upper()}"
    if encoding == UTF8 and _looks_like_gb18030(line):
        return f"{reason} and look like GB 18030", expected, 'Write encoding = "gb18030" into the mapping.'
    return reason, expected, "Write the encoding of the file into the mapping, or mend the bytes."


def _looks_like_gb18030(line: bytes) -> bool:
    """Return whether bytes read as GB 18030 give common Chinese characters and nothing strange."""
    try:
        characters = [character for character in line.decode("gb18030") if not character.isascii()]
    except UnicodeDecodeError:
        return False
    common = sum("\u4e00" <= character <= "\u9fff" or "\u3000" <= character <= "\u303f" for character in characters)
    return bool(characters) and common >= 0.8 * len(characters)


def _csv(chunk: Chunk, delimiter: str) -> Parsed:
    parsed = Parsed()
    csv.field_size_limit(max(len(chunk.data), csv.field_size_limit()))  # for the process: raise it, never lower it
    lines = _LINE.findall(chunk.data)
    texts = (line.decode(chunk.encoding, "surrogateescape") for line in lines)
    reader = csv.reader(texts, delimiter=delimiter)
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
            _add_cells(parsed, chunk, cells, line, position)
    return parsed


def _add_cells(parsed: Parsed, chunk: Chunk, cells: list[str], line: bytes, position: int) -> None:
    broken = None if line.isascii() else _not_decoded(line, chunk.encoding)
    if broken:
        parsed.unread.append(Unread(position, line, *broken))
    elif len(cells) != len(chunk.header):
        advice = "A quote may be missing: the record covers several lines." if b"\n" in line else ""
        expected = f"{len(chunk.header)} cells"
        parsed.unread.append(Unread(position, line, f"the record has {len(cells)} cells", expected, advice))
    else:
        record = {name: cell for name, cell in zip(chunk.header, cells, strict=True) if cell}
        parsed.add(line, record, position)


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

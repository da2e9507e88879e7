"""Recognises what a file is by its content: encoding, format, and the mapping whose source it comes from."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from waybill.collect import evtx
from waybill.collect.flatten import flatten
from waybill.collect.lines import fields_of
from waybill.collect.mapping import Mapping
from waybill.collect.parsing import records_in
from waybill.collect.readers import READERS
from waybill.collect.records import UTF8
from waybill.collect.zeek import Header
from waybill.content.parsing.sniffing import archive_format, mail_format

_ENOUGH = 64 * 1024
"""Bytes that hold enough lines to recognise them."""

SAMPLE = 20
"""Records that are looked at; one is enough to recognise a source."""

UTF16 = ("utf-16-le", "utf-16-be", "utf-16")

_MARKS = ((codecs.BOM_UTF8, UTF8), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is."""

    mapping: Mapping
    format: str


def mark_of(head: bytes) -> tuple[str, int]:
    """Return the encoding that a byte order mark says and the length of the mark; empty and 0 without one."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    return "", 0


def text_encoding(mapping: Mapping, *, marked: bool) -> str:
    """Return what text of a mapping's files is decoded with; UTF-16 has been turned into UTF-8 before."""
    return UTF8 if marked or mapping.encoding in UTF16 else mapping.encoding


def recognise(
    head: bytes, mappings: Iterable[Mapping], *, whole: bool, marked: bool, at_hand: bool = False
) -> Recognised | None:
    """Return the first mapping that recognises a file by its beginning, or None.

    ``whole``: the beginning is all there is. ``marked``: a byte order mark said the encoding; it is UTF-8 now.
    ``at_hand``: whether messages and archives can be looked into; else they are nothing that is known.
    """
    if certain := _certain(head, at_hand=at_hand):
        return next((Recognised(mapping, certain) for mapping in mappings if certain in mapping.formats), None)
    samples: dict[str, tuple[tuple[str, ...], list[dict[str, Any]]]] = {}
    for mapping in mappings:
        encoding = text_encoding(mapping, marked=marked)
        if "zeek" in mapping.formats and _is_its_zeek(mapping, head):
            return Recognised(mapping, "zeek")
        if "lines" in mapping.formats and _are_its_lines(mapping, head, encoding):
            return Recognised(mapping, "lines")
        if head.lstrip()[:1] in (b"{", b"["):
            key = f"{encoding}/{mapping.records}"
            if key not in samples:
                samples[key] = _json_sample(head, encoding, mapping.records, whole=whole)
            formats, records = samples[key]
            fitting = [name for name in formats if name in mapping.formats]
            if fitting and _has_required(mapping, records):
                return Recognised(mapping, fitting[0])
        elif "csv" in mapping.formats and head and _is_its_csv(mapping, head, encoding):
            return Recognised(mapping, "csv")
    return None


def _certain(head: bytes, *, at_hand: bool) -> str:
    """Return the format that first bytes alone tell; empty where records have to be looked at."""
    if evtx.is_evtx(head):
        return "evtx"
    return (mail_format(head) or ("archive" if archive_format(head) else "")) if at_hand else ""


def _has_required(mapping: Mapping, records: list[dict[str, Any]]) -> bool:
    reader = READERS.get(mapping.reader)
    tests = [(condition.path, condition.test()) for condition in mapping.match]
    for record in records:
        row = record | (flatten(reader(dict(record)) if reader else record) or {})
        required = all(any(name in row for name in names) for names in mapping.require)
        if required and all(holds(row.get(path)) for path, holds in tests):
            return True
    return not (mapping.require or mapping.match)


def _json_sample(head: bytes, encoding: str, path: str, *, whole: bool) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """Return the formats that JSON text may be in, the likeliest first, and its first records."""
    text = head.decode(encoding, "ignore")
    lines = [line for line in text.split("\n", SAMPLE + 1) if line.strip()]
    objects = [record for line in lines[:SAMPLE] if isinstance(record := _loads(line), dict)]
    if not text.lstrip().startswith("{") or not objects:
        document = _loads(text) if whole else None
        return ("json",), list(_first(_objects_in(text) if document is None else records_in(document, path)))
    if len(lines) > 1:
        return ("ndjson",), objects
    records = list(_first(records_in(objects[0], path)))
    return (("ndjson", "json") if records == objects[:1] else ("json",)), records


def _loads(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return None


def _first(records: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for number, record in enumerate(records):
        if number == SAMPLE:
            return
        if isinstance(record, dict):
            yield record


def _objects_in(text: str) -> Iterator[Any]:
    """Yield the first objects of a text that cannot be parsed whole: one after another, or else those of an array."""
    import json

    decoder = json.JSONDecoder()
    for begin in (0, text.find("[")):
        place, found = text.find("{", begin) if begin >= 0 else -1, False
        while place >= 0:
            try:
                record, place = decoder.raw_decode(text, place)
            except (ValueError, RecursionError):
                break
            yield record
            place, found = text.find("{", place), True
        if found:
            return


def _is_its_csv(mapping: Mapping, head: bytes, encoding: str) -> bool:
    if head.count(b"\0", 0, 1024) > len(head[:1024]) // 8:
        return False  # UTF-16 that does not say so
    lines = head.decode(encoding, "ignore").splitlines(keepends=True)
    try:
        cells = next(csv.reader(lines if mapping.header else lines[:1], delimiter=mapping.delimiter), [])
    except csv.Error:
        return False
    if mapping.header:
        fits = (mapping.shortest or len(mapping.header)) <= len(cells) <= len(mapping.header)
        return fits and _has_required(mapping, [dict(zip(mapping.header, cells, strict=False))])
    if mapping.json_cell:
        return mapping.json_cell in cells
    return bool(mapping.require) and all(not set(cells).isdisjoint(names) for names in mapping.require)


def _is_its_zeek(mapping: Mapping, head: bytes) -> bool:
    """Return whether the first directives of a log of Zeek name the required fields."""
    if not head.startswith(b"#"):
        return False
    header = Header(head[: head.find(b"\n#types") + 1 or len(head)])
    return bool(header.fields) and all(any(name in header.fields for name in names) for names in mapping.require)


def _are_its_lines(mapping: Mapping, head: bytes, encoding: str) -> bool:
    """Return whether most of the first lines match a pattern, and one of them has what is required."""
    # Not ``splitlines``: what else it ends a line at, like the group separator, stands inside lines of Linux audit.
    lines = [line.removesuffix("\r") for line in head[:_ENOUGH].decode(encoding, "ignore").split("\n")]
    texts = [line for line in lines if line.strip() and not line.startswith(mapping.lines.skip or ("\0",))][:SAMPLE]
    records = [record for record in fields_of(texts, mapping.lines) if record is not None]
    return 2 * len(records) > len(texts) and _has_required(mapping, records)

"""Takes records of protected channels out of a chunk that is passed on as it is, before anything keeps it.

The same question as when a record becomes a transfer, asked of what the record says and of what its reader makes of
it. What a later look might still find, the service drops: it asks again, of everything.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from waybill.collect import zeek
from waybill.collect.cutting import CsvLines
from waybill.collect.lines import key_of
from waybill.collect.mapping import Mapping
from waybill.collect.parsing import parse
from waybill.collect.plan import Limits
from waybill.collect.readers import READERS
from waybill.collect.records import Chunk, Unread
from waybill.model.protocols import ChannelFilter

_ESCAPED = re.compile(rb"\\u00([2-7][0-9a-f])", re.IGNORECASE)


class Sieve:
    """Sifts chunks."""

    def __init__(self, channels: ChannelFilter, limits: Limits) -> None:
        self._channels = channels
        self._limits = limits

    def kept(self, chunk: Chunk, mapping: Mapping) -> bytes:
        """Return the records of a text that may be passed on, as they were."""
        return b"".join(self._kept(chunk, mapping)) if self._is_protected(chunk.data, chunk, mapping) else chunk.data

    def records(self, chunk: Chunk, mapping: Mapping) -> tuple[bytes, list[Unread]]:
        """Return the records of a document that may be passed on, one a line, and what of it is none."""
        parsed = parse(chunk, mapping, self._limits.record_bytes)
        records = zip(parsed.lines, parsed.records, strict=True)
        lines = [line for line, record in records if not self._is_of_channel(record, mapping)]
        return b"".join(line + b"\n" for line in lines), parsed.unread

    def _kept(self, chunk: Chunk, mapping: Mapping) -> Iterator[bytes]:
        """Yield what may be kept, unit by unit: a line, a row of a table, the lines of a record that several make."""
        units = list(_units(chunk, mapping, self._limits))
        together: dict[Hashable, list[bytes]] = {}
        for key, unit in units:
            together.setdefault(key, []).append(unit)
        if chunk.format == "zeek":  # its directives may stand in the chunk itself
            chunk = replace(chunk, preamble=zeek.Header(chunk.preamble + chunk.data).preamble)
        doomed = {key for key, parts in together.items() if self._is_protected(b"".join(parts), chunk, mapping)}
        yield from (unit for key, unit in units if key not in doomed)

    def _is_protected(self, data: bytes, chunk: Chunk, mapping: Mapping) -> bool:
        if not (mapping.reader or self._may_protect(data)):
            return False
        parsed = parse(replace(chunk, data=data), mapping, self._limits.record_bytes)
        if any(self._channels.protects_bytes(one.raw) for one in parsed.unread):
            return True
        return any(self._is_of_channel(record, mapping) for record in parsed.records)

    def _is_of_channel(self, record: dict[str, Any], mapping: Mapping) -> bool:
        """Return whether a record is one of a protected channel."""
        reader = READERS.get(mapping.reader)
        said = [*_texts(record), *(_texts(reader(record)) if reader else ())]  # a reader may change what it is given
        return any(map(self._channels.protects, said))

    def _may_protect(self, data: bytes) -> bool:
        """Return whether bytes may name a protected channel; no is certain, but for what only a reader decodes."""
        plain = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), data) if b"\\u" in data.lower() else data
        return self._channels.protects_bytes(plain)


def _units(chunk: Chunk, mapping: Mapping, limits: Limits) -> Iterator[tuple[Hashable, bytes]]:
    """Yield the parts of a chunk that are kept or dropped as a whole; parts of one record have the same key."""
    lines = chunk.data.splitlines(keepends=True) if chunk.format == "csv" else _ended(chunk.data)
    open_row = b""
    for number, line in enumerate(lines):
        if chunk.format == "csv":
            open_row += line
            if CsvLines(iter([open_row]), limits, 1, mapping.delimiter).whole() == len(open_row):
                yield number, open_row
                open_row = b""
        elif mapping.lines.join:
            yield key_of(line.strip(b"\r\n"), mapping.lines) or number, line
        else:
            yield number, line
    if open_row:
        yield -1, open_row


def _ended(data: bytes) -> Iterable[bytes]:
    *lines, rest = data.split(b"\n")
    return [*(line + b"\n" for line in lines), *([rest] if rest else [])]


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in a record, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield str(name)
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)

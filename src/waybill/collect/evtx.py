"""Windows event logs as the system keeps them (EVTX), read chunk by chunk so that damage stays where it is.

An EVTX file is a header and chunks of 64 KiB; each chunk holds whole records, the templates they refer to, and two
CRC32 checksums ([MS-EVEN6] 2.2, and the description that the libevtx project gives). The ``evtx`` package decodes
records but checks no sums and passes over a missing end in silence. Here each chunk is checked and decoded by itself:
what cannot be read is told, with the number of the record, and everything around it is read.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from evtx import PyEvtxParser

MAGIC = b"ElfFile\0"
"""How an EVTX file starts."""

_CHUNK_MAGIC = b"ElfChnk\0"
_RECORD_MAGIC = b"**\0\0"
_FILE_HEADER_BYTES = 4096
_CHUNK_BYTES = 65_536
_CHUNK_HEADER_BYTES = 512
_MOST_RECORDS = (_CHUNK_BYTES - _CHUNK_HEADER_BYTES) // 28
"""No chunk holds more: a record has 28 bytes besides its content."""
_LARGEST_NUMBER = 2**63 - 1
_DIRTY = 1
"""Flag of a log that was copied while Windows wrote it: its last checksums were not yet settled."""

_NAMED_RECORD = re.compile(r"record (?:number|IDs) (\d+)")


@dataclass(frozen=True, slots=True)
class Record:
    """One event, as JSON in the form of ``evtx_dump``, with the number that the log gave to it."""

    number: int
    json: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that could not be read, or not be trusted: from which record on, why, and what to do.

    ``number`` is 0 for the file as a whole. ``json`` is the record where one came out although its chunk's checksum
    is wrong, else empty: the bytes of a record that cannot be decoded could hide what must not be kept.
    """

    number: int
    reason: str
    expected: str
    advice: str
    json: bytes = b""


def is_evtx(head: bytes) -> bool:
    """Return whether a file that begins so is an EVTX file, even if its header was overwritten."""
    return head.startswith(MAGIC) or head.startswith(_CHUNK_MAGIC, _FILE_HEADER_BYTES)


def read(data: bytes | memoryview) -> Iterator[Record | Damage]:
    """Yield the records of an EVTX file in its order, and in their place what is damaged; never raises."""
    view = memoryview(data)
    yield from _header_damage(view)
    flags = struct.unpack_from("<I", view, 120)[0] if len(view) >= _FILE_HEADER_BYTES else 0
    last = 0
    for start in range(_FILE_HEADER_BYTES, len(view), _CHUNK_BYTES):
        chunk = bytes(view[start : start + _CHUNK_BYTES])
        if not any(chunk[:_CHUNK_HEADER_BYTES]):
            continue  # room that Windows set aside and has not used
        for entry in _read_chunk(chunk, last, settled=not flags & _DIRTY):
            last = entry.number
            yield entry


def _header_damage(view: memoryview) -> Iterator[Damage]:
    """Yield what the file's header shows to be wrong with the file as a whole."""
    advice = "Copy the log again, or export it with `wevtutil epl`."
    if len(view) < _FILE_HEADER_BYTES:
        yield Damage(0, "the file is shorter than its header", f"4,096 bytes or more, not {len(view)}", advice)
        return
    if bytes(view[:8]) != MAGIC or zlib.crc32(view[:120]) != struct.unpack_from("<I", view, 124)[0]:
        yield Damage(0, "the header of the file is damaged", "ElfFile and a matching checksum", advice)
        return
    promised = struct.unpack_from("<H", view, 42)[0]
    found = -(-(len(view) - _FILE_HEADER_BYTES) // _CHUNK_BYTES)
    if found < promised:
        yield Damage(0, "the file ends too early", f"{promised} chunks of 64 KiB, not {found}", advice)


def _read_chunk(chunk: bytes, last: int, *, settled: bool) -> Iterator[Record | Damage]:
    """Yield the records of one chunk; ``last`` is the number of the record before it."""
    advice = "Copy the log again; judge what was read in the quarantine, and replay it if it is sound."
    if len(chunk) < _CHUNK_HEADER_BYTES or not chunk.startswith(_CHUNK_MAGIC):
        yield Damage(last + 1, "a chunk has no header of its own", "ElfChnk at each 64 KiB", advice)
        return
    intact = _sums_match(chunk.ljust(_CHUNK_BYTES, b"\0"))
    cut = len(chunk) < _CHUNK_BYTES and not intact
    trusted = intact or cut or not settled
    seen = 0
    for entry in _decode(_whole_records(chunk) if cut else chunk, last):
        last = entry.number
        seen += 1
        if isinstance(entry, Record) and not trusted:
            yield Damage(last, "the checksum of its chunk is wrong", "bytes as Windows wrote them", advice, entry.json)
        else:
            yield entry
    missing = _promised(chunk) - seen
    if missing > 0 and not intact:
        yield Damage(last + 1, "records of a damaged chunk are lost", f"{missing} more records", advice)


def _whole_records(chunk: bytes) -> bytes:
    """Return a chunk that the end of the file cut, without the record that was cut in two."""
    end = _CHUNK_HEADER_BYTES
    while chunk.startswith(_RECORD_MAGIC, end) and end + 8 <= len(chunk):
        size = struct.unpack_from("<I", chunk, end + 4)[0]
        if size < 28 or end + size > len(chunk):
            break
        end += size
    return chunk[:end]


def _decode(chunk: bytes, last: int) -> Iterator[Record | Damage]:
    """Decode a chunk inside a file of its own, made for it; a faulty record costs only itself."""
    records = PyEvtxParser(io.BytesIO(_HEADER + chunk.ljust(_CHUNK_BYTES, b"\0")), 1).records_json()
    for _ in range(_MOST_RECORDS):
        try:
            record: Any = next(records)
        except StopIteration:
            return
        except (RuntimeError, OSError, ValueError) as error:
            named = _NAMED_RECORD.search(str(error))
            last = _number(int(named[1]) if named else 0, last)
            advice = "Copy the log again; the record may be damaged on its disk too."
            yield Damage(last, "the record cannot be decoded", "binary XML of an event", advice)
        else:
            last = _number(record["event_record_id"], last)
            yield Record(last, record["data"].encode())


def _number(given: int, last: int) -> int:
    """Return the number a record bears, or the next one where damage made it impossible."""
    return given if 0 < given <= _LARGEST_NUMBER else min(last + 1, _LARGEST_NUMBER)


def _sums_match(chunk: bytes) -> bool:
    """Return whether both checksums of a chunk are right: of its header and of its records."""
    free, records_sum = struct.unpack_from("<II", chunk, 48)
    (header_sum,) = struct.unpack_from("<I", chunk, 124)
    header = zlib.crc32(chunk[128:_CHUNK_HEADER_BYTES], zlib.crc32(chunk[:120]))
    return bool(header == header_sum and zlib.crc32(chunk[_CHUNK_HEADER_BYTES:free]) == records_sum)


def _promised(chunk: bytes) -> int:
    """Return how many records the header of a chunk says it holds; 0 where it cannot be right."""
    first, last = struct.unpack_from("<QQ", chunk, 8)
    count: int = last - first + 1
    return count if 0 < count <= _MOST_RECORDS else 0


def _file_header() -> bytes:
    """Return the header of a file with one chunk."""
    header = bytearray(_FILE_HEADER_BYTES)
    struct.pack_into("<8sQQQIHHHH", header, 0, MAGIC, 0, 0, 1, 128, 1, 3, _FILE_HEADER_BYTES, 1)
    struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
    return bytes(header)


_HEADER = _file_header()

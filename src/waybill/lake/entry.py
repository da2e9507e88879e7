"""One entry of the write-ahead log, byte for byte.

::

    offset  bytes  what (little-endian)
         0      4  magic ``WBL1``
         4      4  length of the payload
         8      8  sequence number of the entry
        16      8  sequence number of the entry before it (0 for the first)
        24      8  recorded_at, microseconds since 1970 UTC
        32      4  rows in the payload
        36      4  length of the payload when unpacked
        40      4  CRC-32 of the payload
        44      4  CRC-32 of the 44 bytes above
        48         payload: an Arrow IPC stream of collected transfers, packed as one LZ4 or zstd frame

The number of the entry before makes a missing entry visible even where numbers were skipped. One frame, not Arrow's
own packing of each buffer: that costs 2 ms and half as much space again on a batch of 100, and saves nothing on one
of 100,000. LZ4, because an entry lives until the next commit: it packs and unpacks in about half of zstd's time, to
one and a half times its size. Earlier versions wrote zstd.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from waybill.lake.words import only_used, without_neighbours
from waybill.model.errors import DamagedError, UsageError
from waybill.model.ids import ID_BYTES
from waybill.model.transfers import COLLECTED, SCHEMA, TIME

MAGIC = b"WBL1"
_FIELDS = struct.Struct("<4sIQQqIII")
_CHECK = struct.Struct("<I")
HEADER_BYTES = _FIELDS.size + _CHECK.size
_PACKING = "lz4"
_ZSTD = b"\x28\xb5\x2f\xfd"
"""How a zstd frame begins."""

MAX_PAYLOAD = (1 << 31) - 1
"""An entry may not be larger, packed or unpacked; batches are cut well below it."""

PART_ROWS = 200_000
PART_BYTES = 64 << 20
"""A larger batch becomes several entries, so that reading one back takes bounded memory."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an entry says of itself."""

    length: int
    sequence: int
    previous: int
    recorded_at: int
    rows: int
    unpacked: int
    checksum: int

    def encode(self) -> bytes:
        """Return the header as bytes."""
        values = (self.length, self.sequence, self.previous, self.recorded_at, self.rows, self.unpacked, self.checksum)
        fields = _FIELDS.pack(MAGIC, *values)
        return fields + _CHECK.pack(zlib.crc32(fields))

    @classmethod
    def decode(cls, data: bytes) -> Header | None:
        """Return the header these bytes are, or ``None`` if they are none."""
        if len(data) < HEADER_BYTES or not data.startswith(MAGIC):
            return None
        (check,) = _CHECK.unpack_from(data, _FIELDS.size)
        if zlib.crc32(data[: _FIELDS.size]) != check:
            return None
        _, *values = _FIELDS.unpack_from(data)
        return cls(*values)


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """An encoded batch that waits for its number, and the transfers it was made of."""

    data: memoryview
    unpacked: int
    checksum: int
    transfers: pa.Table

    def header(self, sequence: int, previous: int, recorded_at: int) -> Header:
        """Return the header of the entry it becomes."""
        rows = self.transfers.num_rows
        return Header(len(self.data), sequence, previous, recorded_at, rows, self.unpacked, self.checksum)


def parts(transfers: pa.Table) -> list[pa.Table]:
    """Check a batch against ``COLLECTED`` and cut it into tables small enough for one entry each."""
    table = _checked(transfers)
    if table.num_rows == 0:
        return []
    bytes_a_row = max(1, table.nbytes // table.num_rows)
    rows = max(1, min(PART_ROWS, PART_BYTES // bytes_a_row))
    return [table.slice(start, rows) for start in range(0, table.num_rows, rows)]


def encode(part: pa.Table) -> Payload:
    """Return the payload of an entry."""
    transfers = without_neighbours(only_used(part))
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, _PACKING) as packing:
        with pa.ipc.new_stream(packing, transfers.schema) as writer:
            writer.write_table(transfers)
        unpacked = packing.tell()
    packed = memoryview(sink.getvalue())
    if max(unpacked, len(packed)) > MAX_PAYLOAD:
        raise UsageError(
            "a batch of transfers is too large",
            expected=f"at most {MAX_PAYLOAD} bytes",
            advice="append smaller batches",
        )
    return Payload(packed, unpacked, zlib.crc32(packed), transfers)


def decode(header: Header, payload: bytes, where: str) -> pa.Table:
    """Return the transfers of an entry whose checksum was found right."""
    try:
        return _as(COLLECTED, pa.ipc.open_stream(unpack(header, payload)).read_all())
    except (pa.ArrowException, KeyError, OSError) as error:
        raise DamagedError(
            f"log entry {header.sequence} cannot be decoded: {error}",
            where=where,
            advice="it was written by another version of this program; open the folder with that version",
        ) from error


def unpack(header: Header, payload: bytes) -> pa.Buffer:
    """Return the Arrow stream in a payload."""
    codec = pa.Codec("zstd" if payload.startswith(_ZSTD) else _PACKING)
    return codec.decompress(payload, decompressed_size=header.unpacked)


def stored(header: Header, table: pa.Table) -> pa.Table:
    """Return the transfers of an entry as they are stored: with the entry's number and time."""
    moment = pa.repeat(pa.scalar(header.recorded_at, TIME), table.num_rows)
    number = pa.repeat(pa.scalar(header.sequence, pa.int64()), table.num_rows)
    assigned = {"recorded_at": moment, "sequence": number}
    return pa.table([assigned[name] if name in assigned else table[name] for name in SCHEMA.names], schema=SCHEMA)


def _checked(transfers: pa.Table) -> pa.Table:
    try:
        table = _as(COLLECTED, transfers)
    except (pa.ArrowException, KeyError) as error:
        raise UsageError(
            f"the batch is not a table of transfers: {error}", expected="the columns of model.transfers.COLLECTED"
        ) from error
    for field in COLLECTED:
        if not field.nullable and table[field.name].null_count:
            raise UsageError(f"column {field.name} has empty values", expected="a value in each row")
    lengths = pc.binary_length(table["id"])
    if table.num_rows and pc.min_max(lengths).as_py() != {"min": ID_BYTES, "max": ID_BYTES}:
        raise UsageError("column id has values of another length", expected=f"{ID_BYTES} bytes")
    return table


def _as(schema: pa.Schema, table: pa.Table) -> pa.Table:
    """Return ``table`` with the columns of ``schema``; nullable columns it lacks are empty."""
    if table.schema.equals(schema):
        return table
    columns = []
    for field in schema:
        if field.name not in table.column_names and field.nullable:
            columns.append(pa.chunked_array([_nulls(field.type, table.num_rows)], field.type))
        else:
            columns.append(table[field.name].cast(field.type))
    return pa.table(columns, schema=schema)


def _nulls(kind: pa.DataType, rows: int) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(pa.nulls(rows, kind.index_type), pa.array([], kind.value_type))
    return pa.nulls(rows, kind)

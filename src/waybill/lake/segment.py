"""Reading one segment file of the write-ahead log: its entries, and what is wrong between them."""

from __future__ import annotations

import os
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from waybill.durable import storage_faults
from waybill.lake.entry import HEADER_BYTES, MAGIC, Header

_SEARCH_BYTES = 1 << 20
SUFFIX = ".wal"


@dataclass(frozen=True, slots=True)
class Located:
    """An entry and where it is."""

    path: Path
    offset: int
    header: Header

    @property
    def end(self) -> int:
        """Offset after its last byte."""
        return self.offset + HEADER_BYTES + self.header.length


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes of a segment that are no entry."""

    path: Path
    offset: int
    end: int
    torn: bool
    """True where a write was cut off: the last bytes of the segment, of which nothing was acknowledged."""
    header: Header | None
    """What the entry says of itself, if only its payload is damaged."""


def segment_name(sequence: int) -> str:
    """Return the name of a segment none of whose entries is below ``sequence``."""
    return f"{sequence:020d}{SUFFIX}"


def segments(folder: Path) -> list[Path]:
    """Return the segment files, oldest first."""
    return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX and path.stem.isdigit())


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Yield a descriptor to read ``path``."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def entries(
    path: Path, *, start: int = 0, end: int | None = None, known: Collection[Header] = ()
) -> Iterator[tuple[Located, bytes] | Broken]:
    """Yield the entries from offset ``start`` on with their payloads, and damaged stretches between them.

    Every checksum is checked. After damage, reading goes on at the next header that is valid. Whose header is in
    ``known`` has its payload elsewhere: it is not read, and empty.
    """
    with storage_faults("cannot read the write-ahead log", path), opened(path) as descriptor:
        size = os.fstat(descriptor).st_size if end is None else end
        offset = start
        while offset < size:
            header = Header.decode(os.pread(descriptor, HEADER_BYTES, offset))
            if header is not None and offset + HEADER_BYTES + header.length <= size:
                located = Located(path, offset, header)
                payload = b"" if header in known else _read(descriptor, offset + HEADER_BYTES, header.length)
                if header in known or zlib.crc32(payload) == header.checksum:
                    yield located, payload
                else:
                    yield Broken(path, offset, located.end, torn=False, header=header)
                offset = located.end
                continue
            following = _next_header(descriptor, offset + 1, size)
            torn = following == size and _is_torn(descriptor, offset, size, header)
            yield Broken(path, offset, following, torn, None if torn else header)
            offset = following


def headers(path: Path) -> Iterator[Located]:
    """Yield the entries without reading their payloads; damaged stretches and an unfinished end are passed over."""
    with storage_faults("cannot read the write-ahead log", path), opened(path) as descriptor:
        size = os.fstat(descriptor).st_size
        offset = 0
        while offset < size:
            header = Header.decode(os.pread(descriptor, HEADER_BYTES, offset))
            if header is None or offset + HEADER_BYTES + header.length > size:
                offset = _next_header(descriptor, offset + 1, size)
                continue
            located = Located(path, offset, header)
            yield located
            offset = located.end


def read_bytes(path: Path, offset: int, end: int) -> bytes:
    """Return a stretch of a segment."""
    with storage_faults("cannot read the write-ahead log", path), opened(path) as descriptor:
        return _read(descriptor, offset, end - offset)


def _read(descriptor: int, offset: int, length: int) -> bytes:
    data = os.pread(descriptor, length, offset)
    while len(data) < length and (more := os.pread(descriptor, length - len(data), offset + len(data))):
        data += more
    return data


def _is_torn(descriptor: int, offset: int, size: int, header: Header | None) -> bool:
    """Return whether the last bytes are a write that was cut off, not one that was damaged afterwards.

    A crash leaves the beginning of an entry, or zeros where the file had grown before its bytes arrived.
    """
    if header is not None:
        return True
    if size - offset < HEADER_BYTES:
        beginning = _read(descriptor, offset, size - offset)
        return MAGIC.startswith(beginning[: len(MAGIC)]) or not beginning.strip(b"\0")
    return all(
        not _read(descriptor, start, min(_SEARCH_BYTES, size - start)).strip(b"\0")
        for start in range(offset, size, _SEARCH_BYTES)
    )


def _next_header(descriptor: int, offset: int, size: int) -> int:
    """Return the offset of the next valid header, or ``size``."""
    while offset < size:
        window = _read(descriptor, offset, min(_SEARCH_BYTES, size - offset))
        at = window.find(MAGIC)
        while at >= 0:
            if Header.decode(os.pread(descriptor, HEADER_BYTES, offset + at)) is not None:
                return offset + at
            at = window.find(MAGIC, at + 1)
        offset += max(1, len(window) - len(MAGIC) + 1)
    return size

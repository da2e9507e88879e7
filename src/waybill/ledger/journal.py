"""Entries that are not yet in durable bundles: they are here, on disk, before anybody hears that they are in the log.

A segment is named by the number of its first entry and holds records, each written and synced at once: a header
(mark, first entry, entries, bytes, CRC-32) and the entries as they stand in a bundle. The writer begins a new segment
at every checkpoint and whenever it is opened, so that whatever a crash left unfinished is at the end of a segment.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from waybill.durable import FILE_MODE, storage_faults, sync_folder, write_at
from waybill.ledger import tiles
from waybill.model.errors import DamagedError, StorageError

_HEADER = struct.Struct(">4sQIII")
_MARK = b"wbl1"


@dataclass(frozen=True, slots=True)
class Record:
    """Entries that were written together, and the number of the first."""

    first: int
    entries: list[bytes]

    @property
    def end(self) -> int:
        """The number after the last."""
        return self.first + len(self.entries)


class Journal:
    """The segments in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = -1
        self._end = 0
        self._before = 0
        self._refusal: StorageError | None = None

    def append(self, first: int, entries: int, payload: Sequence[bytes]) -> None:
        """Write a record; it is durable on return. If that fails, nothing of it stays."""
        if self._refusal is not None:
            raise self._refusal
        with storage_faults("cannot write to the ledger's journal", self._folder):
            if self._file < 0:
                self._begin(first)
            try:
                end = write_at(self._file, self._end, [_header(first, entries, payload), *payload])
                os.fdatasync(self._file)
            except OSError:
                self._cut(self._end)
                raise
            self._before, self._end = self._end, end

    def take_back(self) -> None:
        """Remove the last record, since what follows from it could not be done."""
        self._cut(self._before)
        self._end = self._before

    def roll(self) -> None:
        """Let the next record begin a new segment."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def trim(self, size: int) -> None:
        """Remove the segments that begin before entry ``size``; call it only where one was made to end there."""
        for first, path in self._segments():
            if first < size:
                path.unlink()

    def read(self, size: int) -> Iterator[Record]:
        """Yield the records after the first ``size`` entries; raise ``DamagedError`` if entries are missing."""
        for first, path in self._segments():
            if first > size:
                raise _missing(path, size, first)
            for record in _records(path):
                if record.first > size or record.first < size < record.end:
                    raise _missing(path, size, record.first)
                if record.end > size:
                    yield record
                    size = record.end

    def _segments(self) -> list[tuple[int, Path]]:
        return sorted((int(path.stem), path) for path in self._folder.glob("*.journal"))

    def _begin(self, first: int) -> None:
        path = self._folder / f"{first:020d}.journal"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
        self._end = self._before = 0
        sync_folder(self._folder)

    def _cut(self, end: int) -> None:
        """Remove what stands after ``end``; refuse all that follows if even that fails."""
        try:
            os.ftruncate(self._file, end)
            os.fdatasync(self._file)
        except OSError as error:
            self._refusal = StorageError(
                f"the ledger refuses further entries: a failed write could not be taken back: {error.strerror}",
                where=str(self._folder),
                advice="check the disk, then start the program anew",
            )


def _header(first: int, entries: int, payload: Sequence[bytes]) -> bytes:
    fields = _MARK, first, entries, sum(map(len, payload))
    check = zlib.crc32(repr(fields).encode())
    for content in payload:
        check = zlib.crc32(content, check)
    return _HEADER.pack(*fields, check)


def _records(path: Path) -> Iterator[Record]:
    """Yield the records of a segment up to what a crash left unfinished."""
    content = path.read_bytes()
    position = 0
    while (record := _record_at(content, position)) is not None:
        position += _HEADER.size + _HEADER.unpack_from(content, position)[3]
        yield record
    follower = content.find(_MARK, position + 1)
    while follower >= 0:
        if _record_at(content, follower) is not None:
            raise DamagedError(
                "an entry that was acknowledged is damaged in the ledger's journal",
                where=f"{path}, byte {position}",
                advice="restore the file from a backup, or fetch the entries from a mirror",
            )
        follower = content.find(_MARK, follower + 1)


def _record_at(content: bytes, position: int) -> Record | None:
    header = content[position : position + _HEADER.size]
    if len(header) < _HEADER.size:
        return None
    mark, first, entries, length, _ = _HEADER.unpack(header)
    payload = content[position + _HEADER.size : position + _HEADER.size + length]
    if mark != _MARK or len(payload) < length or _header(first, entries, [payload]) != header:
        return None
    return Record(first, tiles.decode(payload))


def _missing(path: Path, size: int, found: int) -> DamagedError:
    return DamagedError(
        f"entries from {size} to before {found} are missing from the ledger's journal",
        where=str(path),
        advice="restore the folder from a backup, or fetch the entries from a mirror",
    )

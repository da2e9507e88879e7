"""Files of one source: records added in any order within a month, written in order of time as the source keeps them."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar, cast

import pyarrow as pa

from waybill.simulate.sources.values import letters_of

Tag = TypeVar("Tag")

_AT_ONCE = 2000
"""Records that are packed in one go."""


def _nothing(_first: datetime) -> bytes:
    return b""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a source keeps its records in files."""

    path: str
    """Relative path; filled in are ``{owner}``, ``{month}`` (2026-03), ``{stamp}`` (of the first record:
    20260302T0115Z) and ``{part}`` (letters that no other document has). Its ending says how the file is packed:
    ``.gz``, ``.xz``, ``.zst`` or not at all."""
    opening: Callable[[datetime], bytes] = _nothing
    """What stands before the first record, given its time: a CSV header, the start of a document."""
    between: bytes = b"\n"
    closing: bytes = b"\n"
    records: int = 0
    """Records of a document, at most; 0 for files of lines, which hold the whole month.

    The position of a record is its number in a document, else the number of its first line; both count from 1.
    """


@dataclass(frozen=True, slots=True)
class Placed(Generic[Tag]):
    """Where a tagged record stands."""

    tag: Tag
    file: str
    """Relative to the folder."""
    position: int


class Log(Generic[Tag]):
    """The files of one source and owner below ``folder``; it holds the records that are not yet written."""

    def __init__(self, folder: Path, layout: Layout, owner: str = "") -> None:
        self._folder = folder
        self._layout = layout
        self._owner = owner
        self._entries: list[tuple[datetime, bytes, Tag | None]] = []

    def __len__(self) -> int:
        """Return how many records are not yet written."""
        return len(self._entries)

    def add(self, time: datetime, record: bytes, tag: Tag | None = None) -> None:
        """Take a record that the source wrote at ``time``; ``write`` tells where one with a tag stands."""
        self._entries.append((time, record, tag))

    def write(self, year: int, month: int) -> list[Placed[Tag]]:
        """Write what was added as that month's files, forget it, and return where tagged records stand.

        Records of one moment stand as they were added, equal records give equal bytes (of unpacked files), and what was
        written for that month before is replaced.
        """
        entries, self._entries = self._entries, []
        entries.sort(key=itemgetter(0))
        size = self._layout.records or len(entries) or 1
        placed: list[Placed[Tag]] = []
        for start in range(0, len(entries), size):
            name = f"{year:04d}-{month:02d}", letters_of(f"{year}/{month}/{start}", 16)
            placed += self._write(entries[start : start + size], *name)
        return placed

    def _write(self, entries: list[tuple[datetime, bytes, Tag | None]], month: str, part: str) -> Iterator[Placed[Tag]]:
        layout, first = self._layout, entries[0][0]
        file = layout.path.format(owner=self._owner, month=month, stamp=f"{first:%Y%m%dT%H%MZ}", part=part)
        opening = layout.opening(first)
        with _packed(self._folder / file) as out:
            out.write(opening)
            for start in range(0, len(entries), _AT_ONCE):
                out.write(layout.between if start else b"")
                out.write(layout.between.join(entry[1] for entry in entries[start : start + _AT_ONCE]))
            out.write(layout.closing)
        line = 1 + opening.count(b"\n")
        for number, (_, record, tag) in enumerate(entries, 1):
            if tag is not None:
                yield Placed(tag, file, number if layout.records else line)
            line += 1 + record.count(b"\n")


@contextmanager
def _packed(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write, packed as its ending says; quickly rather than tightly."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        match path.suffix:
            case ".gz":
                with gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as packed:
                    yield cast(BinaryIO, packed)
            case ".xz":
                with lzma.LZMAFile(file, "wb", preset=0) as squeezed:
                    yield cast(BinaryIO, squeezed)
            case ".zst":
                with pa.CompressedOutputStream(file, "zstd") as stream:
                    yield stream
            case _:
                yield file

"""Feeds: the records of one source in order of time, and how they become files of the source's own format."""

from __future__ import annotations

import csv
import gzip
import io
import lzma
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from waybill.simulate.day_truth import Mark

Record = dict[str, Any]


class Role(StrEnum):
    """What a marked record is in its case."""

    LEAK = "leak"
    TWIN = "twin"
    BROKEN = "broken"
    PROTECTED = "protected"


@dataclass(frozen=True, slots=True)
class Tag:
    """Marks a record as one that the truth must name; ``case`` is empty for broken and protected records."""

    role: Role
    marker: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, or bytes that stand where a record should."""

    time: datetime
    record: Record | bytes
    tag: Tag | None = None


Marks = list[tuple[Tag, Mark]]


@dataclass(slots=True)
class Feed:
    """The records of one source; they may be added in any order."""

    entries: list[Entry] = field(default_factory=list)

    def add(self, time: datetime, record: Record | bytes, tag: Tag | None = None) -> None:
        """Add one record that was written at ``time``."""
        self.entries.append(Entry(time, record, tag))

    def ordered(self) -> list[Entry]:
        """Return the records in order of time; those of one moment as they were added."""
        return sorted(self.entries, key=lambda entry: entry.time)


def write_lines(folder: Path, name: str, feed: Feed) -> Marks:
    """Write a JSON object a line, packed as the end of ``name`` says (``.gz``, ``.xz``, ``.zst`` or none)."""
    entries = feed.ordered()
    lines = [entry.record if isinstance(entry.record, bytes) else orjson.dumps(entry.record) for entry in entries]
    _write(folder / name, b"".join(line + b"\n" for line in lines))
    return _marks(name, entries, first=1)


def write_documents(folder: Path, name: Callable[[datetime], str], feed: Feed, *, size: int) -> Marks:
    """Write ``{"Records": [...]}`` documents of up to ``size`` records, each named by the time of its first one."""
    entries, marks = feed.ordered(), Marks()
    for start in range(0, len(entries), size):
        some = entries[start : start + size]
        file = name(some[0].time)
        _write(folder / file, orjson.dumps({"Records": [entry.record for entry in some]}))
        marks += _marks(file, some, first=1)
    return marks


def write_csv(folder: Path, name: str, header: Sequence[str], feed: Feed, *, encoding: str) -> Marks:
    """Write a CSV file with a header in line 1."""
    entries, text = feed.ordered(), io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(header)
    for entry in entries:
        if isinstance(entry.record, bytes):
            text.write(entry.record.decode() + "\r\n")
        else:
            table.writerow(entry.record[column] for column in header)
    _write(folder / name, text.getvalue().encode(encoding))
    return _marks(name, entries, first=2)


def _marks(file: str, entries: Sequence[Entry], *, first: int) -> Marks:
    return [
        (entry.tag, Mark(file, position, entry.tag.marker))
        for position, entry in enumerate(entries, first)
        if entry.tag is not None
    ]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zst":
        with pa.CompressedOutputStream(str(path), "zstd") as stream:
            stream.write(content)
        return
    match path.suffix:
        case ".gz":
            content = gzip.compress(content, mtime=0)
        case ".xz":
            content = lzma.compress(content)
    path.write_bytes(content)

"""Parquet files of the table: sorted by time as far as that is cheap, named after their content.

A file's name ends in the digest of its bytes, so that the bytes can be checked against the table's log, which is
itself checked against the manifest. Only the columns by which files and row groups are left out have statistics.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction, RemoveAction

from waybill.durable import make_folder, storage_faults, sync_folder, write_file
from waybill.lake.manifest import digest
from waybill.lake.words import only_used
from waybill.model.transfers import COLUMNS, SCHEMA, TEXT

GROUP_ROWS = 50_000
GROUP_BYTES = 256 << 20
"""A row group is written when it reaches either."""

FILE_ROWS = 1_000_000
FILE_BYTES = 256 << 20
"""A file is closed when it reaches either."""

STRETCH_BYTES = 64 << 10
"""Rows that lie together keep their order in a commit if they have so many bytes on average."""

UNSORTED = "-unsorted"
"""Part of the name of a file whose rows are not in order of time."""

PARTITION = "month"
STATISTICS = ("time", "recorded_at", "sequence")
_TEXTS = [column.name for column in COLUMNS if column.type == TEXT]
DICTIONARIES = [*_TEXTS, "fields.key_value.key", "fields.key_value.value"]
"""Columns, by their paths in Parquet, that are written and read as distinct texts and the numbers of these."""

PLAIN = pa.schema(
    [
        pa.field(field.name, pa.string() if field.type == TEXT else field.type, nullable=field.nullable)
        for field in SCHEMA
    ]
)
"""The schema of stored transfers as the table knows it: text is text, however it is encoded."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file of the table and what is known of it without opening it. Times in microseconds since 1970."""

    path: str
    """Relative to the table's folder."""
    month: str
    size: int
    rows: int
    first_time: int
    last_time: int
    first_recorded: int
    last_recorded: int
    first_sequence: int
    last_sequence: int

    @property
    def digest(self) -> str:
        """Digest its bytes must have."""
        return Path(self.path).stem.rpartition("-")[2]

    @property
    def is_sorted(self) -> bool:
        """Return whether its rows are in order of time."""
        return UNSORTED not in Path(self.path).stem

    def overlaps(self, first_time: int, last_time: int) -> bool:
        """Return whether a transfer of that stretch of time can be in it."""
        return self.first_time <= last_time and first_time <= self.last_time

    def added(self, *, new_data: bool) -> AddAction:
        """Return the log action that adds it; ``new_data`` is False where it replaces files with the same rows."""
        least = (_iso(self.first_time), _iso(self.first_recorded), self.first_sequence)
        most = (_iso(self.last_time), _iso(self.last_recorded), self.last_sequence)
        statistics = json.dumps(
            {
                "numRecords": self.rows,
                "minValues": dict(zip(STATISTICS, least, strict=True)),
                "maxValues": dict(zip(STATISTICS, most, strict=True)),
                "nullCount": dict.fromkeys(STATISTICS, 0),
            }
        )
        now = time.time_ns() // 1_000_000
        return AddAction(self.path, self.size, {PARTITION: self.month}, now, new_data, statistics)

    def removed(self, *, lost_data: bool) -> RemoveAction:
        """Return the log action that removes it; ``lost_data`` is False where other files have the same rows."""
        now = time.time_ns() // 1_000_000
        return RemoveAction(self.path, lost_data, now, self.size, {PARTITION: self.month})


def month_of(moment: int) -> str:
    """Return the month (UTC) of a time in microseconds, as the table is partitioned by it."""
    return datetime.fromtimestamp(moment // 1_000_000, UTC).strftime("%Y-%m")


def by_month(transfers: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Cut transfers at the months, each month roughly in order of time.

    To sort wide rows costs more than to write them. So stretches of one log entry and one month stay as they are, and
    only the stretches are put in order of their first moment; where those are short, all is sorted. Compaction sorts
    the rest.
    """
    bounds = _stretches(transfers)
    if transfers.nbytes < (len(bounds) - 1) * STRETCH_BYTES:
        transfers = transfers.unify_dictionaries().take(pc.sort_indices(transfers["time"]))
        bounds = _stretches(transfers, entries=False)
    times = _numbers(transfers["time"])
    stretches = sorted((int(times[start:end].min()), start, end) for start, end in pairwise(bounds))
    for month, of_month in groupby(stretches, key=lambda stretch: month_of(stretch[0])):
        yield month, pa.concat_tables([transfers.slice(start, end - start) for _, start, end in of_month])


def write(table: Path, month: str, ordered: Iterable[pa.Table]) -> list[DataFile]:
    """Write transfers of one month, already sorted by time, as one file or several; all are durable on return."""
    folder = table / f"{PARTITION}={month}"
    written: list[DataFile] = []
    with storage_faults("cannot write transfers", folder):
        make_folder(folder)
        draft: _Draft | None = None
        for part in ordered:
            draft = draft or _Draft(part.schema)
            draft.add(part)
            if draft.is_full:
                written.append(draft.finish(table, month))
                draft = None
        if draft is not None:
            written.append(draft.finish(table, month))
        sync_folder(folder)
    return written


class _Draft:
    """A Parquet file that is being put together in memory."""

    def __init__(self, schema: pa.Schema) -> None:
        self._sink = pa.BufferOutputStream()
        self._writer = pq.ParquetWriter(
            self._sink,
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=DICTIONARIES,
            dictionary_pagesize_limit=GROUP_BYTES,
            write_statistics=list(STATISTICS),
            store_schema=False,
        )
        self._rows = 0
        self._bounds: dict[str, tuple[int, int]] = {}
        self._is_sorted = True

    @property
    def is_full(self) -> bool:
        return self._rows >= FILE_ROWS or self._sink.tell() >= FILE_BYTES

    def add(self, part: pa.Table) -> None:
        part = only_used(part)
        rows = max(1, min(GROUP_ROWS, GROUP_BYTES // max(1, part.nbytes // max(1, part.num_rows))))
        self._writer.write_table(part, row_group_size=rows)
        self._rows += part.num_rows
        times = _numbers(part["time"])
        follows = not self._bounds or times[0] >= self._bounds["time"][1]
        self._is_sorted &= bool(follows and (times[1:] >= times[:-1]).all())
        for name in STATISTICS:
            low, high = _bounds(part[name])
            known = self._bounds.get(name, (low, high))
            self._bounds[name] = (min(low, known[0]), max(high, known[1]))

    def finish(self, table: Path, month: str) -> DataFile:
        self._writer.close()
        content = memoryview(self._sink.getvalue())
        bounds = [moment for column in STATISTICS for moment in self._bounds[column]]
        order = "" if self._is_sorted else UNSORTED
        name = f"{PARTITION}={month}/{self._bounds['sequence'][0]:020d}{order}-{digest(content)}.parquet"
        write_file(table / name, content)
        return DataFile(name, month, len(content), self._rows, *bounds)


def _stretches(transfers: pa.Table, *, entries: bool = True) -> list[int]:
    """Return where a month or an entry begins, and the number of rows."""
    if transfers.num_rows == 0:
        return []
    months = _numbers(pc.floor_temporal(transfers["time"], unit="month"))
    begins = months[1:] != months[:-1]
    if entries:
        numbers = _numbers(transfers["sequence"])
        begins |= numbers[1:] != numbers[:-1]
    return [0, *(np.flatnonzero(begins) + 1).tolist(), transfers.num_rows]


def _numbers(column: pa.ChunkedArray) -> Any:
    return column.cast(pa.int64()).to_numpy()


def _bounds(column: pa.ChunkedArray) -> tuple[int, int]:
    numbers: Any = pc.min_max(column.cast(pa.int64()))
    return numbers["min"].as_py(), numbers["max"].as_py()


def _iso(moment: int) -> str:
    """Return a time as Delta writes it in statistics."""
    seconds, micros = divmod(moment, 1_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{micros:06d}Z"

"""The end of the log that is not in the table yet, decoded: for commits in slices, for snapshots as one table."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from waybill.lake import duplicates, entry
from waybill.lake.engine import Engine
from waybill.lake.kept import Kept
from waybill.lake.table import View
from waybill.lake.wal import Mark, Wal
from waybill.model.transfers import empty

SLICE_ROWS = 500_000
SLICE_BYTES = 256 << 20
"""Log entries that are handled together: so many rows, or so many (unpacked) bytes."""


def slices(wal: Wal, kept: Kept, after: int) -> Iterator[tuple[pa.Table, Mark]]:
    """Yield what the log holds above entry ``after`` in tables of bounded size, each with its last entry's mark.

    The entries of a table are its chunks, each with the words of its own: nothing is copied.
    """
    in_memory = kept.entries()
    tables: list[pa.Table] = []
    mark = Mark()
    rows = size = 0
    for located, payload in wal.read(after, in_memory.keys()):
        header = located.header
        transfers = in_memory.get(header)
        if transfers is None:
            transfers = entry.decode(header, payload, f"{located.path} at {located.offset}")
        tables.append(entry.stored(header, transfers))
        mark = Mark(header.sequence, header.recorded_at)
        rows, size = rows + header.rows, size + header.unpacked
        if size >= SLICE_BYTES or rows >= SLICE_ROWS:
            yield pa.concat_tables(tables), mark
            tables, rows, size = [], 0, 0
    if tables:
        yield pa.concat_tables(tables), mark


class Tail:
    """What snapshots show beyond the table; each log entry is decoded and compared once in a process."""

    def __init__(self, wal: Wal, kept: Kept, folder: Path, engine: Engine) -> None:
        self._wal = wal
        self._kept = kept
        self._folder = folder
        self._engine = engine
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Drop what is kept in memory."""
        self._view = View()
        self._sequence = 0
        self._rows = empty()

    def beyond(self, view: View) -> tuple[pa.Table, int]:
        """Return the transfers logged after what ``view`` holds and not known to it, and the last entry's number."""
        with self._lock:
            self._move_to(view)
            for part, mark in slices(self._wal, self._kept, self._sequence):
                fresh = duplicates.without(part, self._folder, view, self._engine)
                self._rows = duplicates.first_of_each(_joined([self._rows, fresh]))
                self._sequence = mark.sequence
            return self._rows, self._sequence

    def _move_to(self, view: View) -> None:
        """Drop rows that the table has taken over.

        The rest needs no second look: what the table took over was compared with it before. Only where the table
        lost rows, or took over entries never seen here, all is read again.
        """
        lost = sum(file.rows for file in view.files) < sum(file.rows for file in self._view.files)
        if lost or view.sequence > self._sequence:
            self._rows, self._sequence = empty(), view.sequence
        elif view.sequence > self._view.sequence:
            self._rows = self._rows.filter(pc.field("sequence") > view.sequence)
        self._view = view


def _joined(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()

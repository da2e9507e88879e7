"""The tally of what was read: how much of which source, what could not be read and why, what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.collect import STDIN, Batch, Inspected, Rejected
from waybill.model.words import MOVING

Progress = Callable[[int], None]
"""Told how many more bytes of the input have been read."""

EXAMPLES = 100
"""Rejected records that are kept to be shown; all of them are counted."""

BATCHES = 100
"""Batches whose flows are kept apart before they are summed up."""

_MOVING = pa.array([str(action) for action in MOVING])

PROTECTED_STEP = 10
"""Counts of protected records are only told in steps, so that no single call to a help line shows."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Transfers that went the same way."""

    channel: str
    place: str
    """Where they went; empty where the source does not say."""
    transfers: int
    bytes: int


@dataclass(slots=True)
class Intake:
    """What was read so far."""

    files: set[str] = field(default_factory=set)
    bytes: int = 0
    transfers: int = 0
    by_source: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    """Records and whole files that could not be read."""
    refused: int = 0
    """Of those, whole files."""
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rejected records by source and reason."""
    examples: list[Rejected] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    inspected: Inspected = field(default_factory=Inspected)
    """Content at hand that was looked into."""
    _flows: list[pa.Table] = field(default_factory=list)
    """Of each batch, what moved by channel and place; summed up when somebody asks."""
    _protected: int = 0
    _ids: list[np.ndarray] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        """Count one batch."""
        self.files.update((batch.file, *batch.others))
        self.bytes += batch.read_bytes
        self._protected += batch.protected
        if batch.inspected.things:
            self.inspected += batch.inspected
        self.rejected += len(batch.rejected)
        self.refused += sum(1 for rejected in batch.rejected if rejected.position == 0)
        for rejected in batch.rejected:
            self.reasons[rejected.source, rejected.reason] += 1
        self.examples.extend(batch.rejected[: EXAMPLES - len(self.examples)])
        if batch.transfers.num_rows:
            self._count(batch)

    @property
    def protected(self) -> str:
        """How many records were left out because they touch a protected channel, blurred: ``""``, ``<10``, ``10+``…"""
        if self._protected == 0:
            return ""
        if self._protected < PROTECTED_STEP:
            return f"<{PROTECTED_STEP}"
        return f"{self._protected // PROTECTED_STEP * PROTECTED_STEP}+"

    @property
    def duplicates(self) -> int:
        """How many transfers were read more than once."""
        if not self._ids:
            return 0
        ids = np.concatenate(self._ids)
        return int(len(ids) - len(np.unique(ids)))

    def flows(self, most: int) -> list[Flow]:
        """Return what moved, by channel and place it went to: the largest flows first."""
        if not self._flows:
            return []
        summed = _summed(pa.concat_tables(self._flows))
        ordered = summed.sort_by(
            [("bytes", "descending"), ("transfers", "descending"), ("channel", "ascending"), ("place", "ascending")]
        )
        return [Flow(**row) for row in ordered.slice(0, most).to_pylist()]

    def _count(self, batch: Batch) -> None:
        rows = batch.transfers
        self.transfers += rows.num_rows
        self.by_source[batch.source] += rows.num_rows
        span = pc.min_max(rows["time"]).as_py()
        self.first = min(self.first or span["min"], span["min"])
        self.last = max(self.last or span["max"], span["max"])
        self._ids.append(id_prefixes(rows["id"]))
        self._flows.append(_moved(rows))
        if len(self._flows) > BATCHES:
            self._flows = [_summed(pa.concat_tables(self._flows))]


def input_bytes(paths: Sequence[Path]) -> int | None:
    """Return how many bytes the paths hold as stored, for progress; None if that cannot be known beforehand."""
    if STDIN in paths:
        return None
    return sum(
        file.stat().st_size
        for path in paths
        for file in (path.rglob("*") if path.is_dir() else [path])
        if file.is_file()
    )


def id_prefixes(ids: pa.ChunkedArray) -> np.ndarray:
    """Return the first 8 bytes of each id as an unsigned number: enough to tell ids of one run apart."""
    if ids.num_chunks == 0:
        return np.empty(0, np.uint64)
    fixed = ids.cast(pa.binary(16)).combine_chunks()
    return np.frombuffer(fixed.buffers()[1], np.uint64)[fixed.offset * 2 : (fixed.offset + len(fixed)) * 2 : 2].copy()


def _moved(rows: pa.Table) -> pa.Table:
    """Return how many transfers and bytes moved, by channel and place."""
    moved = rows.filter(pc.is_in(rows["action"].cast(pa.string()), _MOVING))
    return _summed(
        pa.table(
            {
                "channel": moved["channel"].cast(pa.string()),
                "place": moved["to_place"].cast(pa.string()).fill_null(""),
                "transfers": pa.repeat(pa.scalar(1, pa.int64()), moved.num_rows),
                "bytes": moved["bytes"].fill_null(0),
            }
        )
    )


def _summed(flows: pa.Table) -> pa.Table:
    # Threads cost more than they save on a batch.
    grouped = flows.group_by(["channel", "place"], use_threads=False).aggregate(
        [("transfers", "sum"), ("bytes", "sum")]
    )
    return grouped.rename_columns({"transfers_sum": "transfers", "bytes_sum": "bytes"})

"""Numbers equal records of one file, across its chunks, so that two equal lines stay two transfers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.model.ids import ID_BYTES, occurrence_id


@dataclass(frozen=True, slots=True)
class Seen:
    """What is kept of a chunk: the sorted first halves of its ids (8 bytes a record) and the span of its times."""

    prefixes: np.ndarray
    earliest: int
    latest: int


Earlier = Callable[[int, int], Iterable[Seen]]
"""Returns what is kept of earlier records of the same file with times from the first to the last given."""


class Occurrences:
    """Gives the records of one file their final ids, chunk after chunk, in order.

    Equal records have equal times, so only chunks whose spans of time overlap are compared. Half an id is compared:
    the hash is keyed and 64 bits of it coincide by chance once in 2^64 pairs, and then nothing is lost.

    A file that is read in parts goes on with what ``earlier`` gives; ``seen`` is what was added since.
    """

    def __init__(self, key: bytes, earlier: Earlier | None = None) -> None:
        self._key = key
        self._earlier = earlier
        self.seen: list[Seen] = []

    def resolve(self, table: pa.Table) -> pa.Table:
        """Return the table with the ids of repeated records replaced."""
        if table.num_rows == 0:
            return table
        prefixes = _prefixes(table["id"])
        ordered = np.sort(prefixes)
        span = pc.min_max(table["time"].cast(pa.int64()))
        seen = Seen(ordered, span["min"].as_py(), span["max"].as_py())
        rows = np.flatnonzero(self._repeated(prefixes, ordered, seen))
        if len(rows):
            table = self._renumbered(table, prefixes, rows, seen)
        self.seen.append(seen)
        return table

    def _repeated(self, prefixes: np.ndarray, ordered: np.ndarray, seen: Seen) -> np.ndarray:
        """Return which rows have an equal in this chunk or an earlier one."""
        repeated = np.zeros(len(prefixes), bool)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        if len(twice):
            repeated |= np.isin(prefixes, twice)
        for earlier in self._overlapping(seen):
            if _count(earlier.prefixes, ordered).any():  # cheaper to ask in order, and nearly always in vain
                repeated |= _count(earlier.prefixes, prefixes) > 0
        return repeated

    def _overlapping(self, seen: Seen) -> list[Seen]:
        here = [other for other in self.seen if other.earliest <= seen.latest and seen.earliest <= other.latest]
        return here if self._earlier is None else [*self._earlier(seen.earliest, seen.latest), *here]

    def _renumbered(self, table: pa.Table, prefixes: np.ndarray, rows: np.ndarray, seen: Seen) -> pa.Table:
        before = sum(_count(earlier.prefixes, prefixes[rows]) for earlier in self._overlapping(seen))
        counts = np.zeros(len(rows), np.int64) + before
        ids = table["id"].to_pylist()
        here: dict[int, int] = {}
        for row, earlier in zip(rows.tolist(), counts.tolist(), strict=True):
            prefix = int(prefixes[row])
            number = here.get(prefix, 0)
            here[prefix] = number + 1
            ids[row] = occurrence_id(ids[row], earlier + number, self._key)
        return table.set_column(
            table.schema.get_field_index("id"), table.schema.field("id"), pa.array(ids, pa.binary())
        )


def _prefixes(ids: pa.ChunkedArray) -> np.ndarray:
    fixed = ids.cast(pa.binary(ID_BYTES)).combine_chunks()
    halves = np.frombuffer(fixed.buffers()[1], np.uint64)[2 * fixed.offset : 2 * (fixed.offset + len(fixed))]
    return halves[::2].copy()


def _count(ordered: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return how often each wanted value is among the ordered ones."""
    count: np.ndarray = np.searchsorted(ordered, wanted, "right") - np.searchsorted(ordered, wanted, "left")
    return count

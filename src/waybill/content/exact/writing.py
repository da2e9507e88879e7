"""Registering a table: its values become hashes, and what is too short or too common to say anything is left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from waybill.content.compiled import compiled
from waybill.content.exact.layout import Arrays, write
from waybill.content.runs import Bytes, Places
from waybill.content.siphash import LONGEST_VALUE, Hashes, Key, folded, hash_spans, key_of
from waybill.model.errors import UsageError

SHORTEST, SHORTEST_OTHER = 6, 4
"""Bytes of a folded value of a searched column, and of another, that say anything."""

MOST_ROWS = 64
"""Rows that may share a value; what more rows share names none of them."""

_BITS_EACH = 16
_PER_BUCKET = 4


@dataclass(frozen=True, slots=True)
class Registration:
    """What became of a table."""

    rows: int
    values: int
    """Different values that are looked for."""
    short: int
    """Values too short to say anything."""
    common: int
    """Different values that too many rows share."""
    size: int
    """Bytes of the file."""


def register_table(
    table: pa.Table,
    path: Path,
    key: bytes,
    *,
    searched: Collection[str],
    about: Mapping[str, Any] = MappingProxyType({}),
) -> Registration:
    """Write the hashes of a table's values, rows numbered from 0; ``key`` has 16 bytes. Raises UsageError.

    ``searched`` names the columns of numbers, codes and e-mail addresses that are looked for everywhere; ``about`` is
    kept as it is (JSON) and holds no value of the table.
    """
    unknown = [name for name in searched if name not in table.column_names]
    if unknown or not searched:
        raise UsageError(
            "no such column to search for", where=", ".join(unknown), expected=", ".join(table.column_names)
        )
    if table.num_columns > 64 or table.num_rows >= 1 << 32:
        raise UsageError("a registered table has at most 64 columns and four thousand million rows")
    secret, short = key_of(key), 0
    lengths = np.zeros((2, LONGEST_VALUE + 1), np.bool_)
    hashes, rows, columns = [], [], []
    for number, name in enumerate(table.column_names):
        own, place, sizes = _hashes(table[name], secret)
        kept = sizes >= (SHORTEST if name in searched else SHORTEST_OTHER)
        short += int(np.count_nonzero(~kept & (sizes > 0)))
        lengths[int(name not in searched), sizes[kept]] = True
        hashes.append(own[kept])
        rows.append(place[kept])
        columns.append(np.full(int(kept.sum()), number, np.int8))
    arrays, common = _arranged(np.concatenate(hashes), np.concatenate(rows), np.concatenate(columns), lengths)
    header = {
        "version": 1,
        "rows": table.num_rows,
        "columns": table.column_names,
        "searched": [name for name in table.column_names if name in searched],
        "about": dict(about),
    }
    size = write(path, header, arrays, key)
    return Registration(table.num_rows, len(arrays.hashes), short, common, size)


def _hashes(column: pa.ChunkedArray, key: Key) -> tuple[Hashes, npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return the hash of each value of a column that is there, its row, and its folded size."""
    texts = pa.concat_arrays(column.cast(pa.large_string()).chunks or [pa.array([], pa.large_string())])
    _, offsets, content = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(content, np.uint8) if content is not None else np.zeros(0, np.uint8)
    spans = np.stack([ends[:-1], ends[1:]], axis=1)
    there = np.flatnonzero(np.asarray(texts.is_valid()) & (spans[:, 1] > spans[:, 0]))
    spans, sizes = np.ascontiguousarray(spans[there]), np.empty(len(there), np.int64)
    _sizes(data, spans, sizes)
    return hash_spans(data, spans, key), there.astype(np.uint32), sizes


@compiled
def _sizes(data: Bytes, spans: Places, sizes: npt.NDArray[np.int64]) -> None:
    text = np.empty(LONGEST_VALUE, np.uint8)
    for at in range(len(spans)):
        sizes[at] = folded(data, spans[at, 0], spans[at, 1], text)


def _arranged(
    hashes: Hashes, rows: npt.NDArray[np.uint32], columns: npt.NDArray[np.int8], lengths: npt.NDArray[np.bool_]
) -> tuple[Arrays, int]:
    """Return the arrays of all values, and how many different ones are left out as too common."""
    order = np.argsort(hashes, kind="stable")
    hashes, rows, columns = hashes[order], rows[order], columns[order]
    different, counts = np.unique(hashes, return_counts=True)
    kept = np.repeat(counts <= MOST_ROWS, counts)
    different, common, counts = (
        different[counts <= MOST_ROWS],
        int((counts > MOST_ROWS).sum()),
        counts[counts <= MOST_ROWS],
    )
    bits = max(6, int(np.ceil(np.log2(max(1, len(different)) * _BITS_EACH))))
    low = different & np.uint64((1 << bits) - 1)
    seen = np.packbits(np.bincount(low.astype(np.int64), minlength=1 << bits).astype(bool), bitorder="little").view(
        "<u8"
    )
    top = max(1, bits - int(np.log2(_BITS_EACH * _PER_BUCKET)))
    buckets = np.searchsorted(different >> np.uint64(64 - top), np.arange((1 << top) + 1, dtype=np.uint64))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Arrays(different, starts, rows[kept], columns[kept], buckets.astype(np.int64), seen, lengths), common

"""Batches of transfers for tests of the lake: made from a seed, equal for equal seeds."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.model.ids import ID_BYTES
from waybill.model.transfers import COLLECTED, FIELDS, TEXT, TIME

START = datetime(2026, 11, 1, tzinfo=UTC)
_WORDS = {
    "source": ["aws-cloudtrail", "windows"],
    "action": ["read", "download", "upload", "send"],
    "outcome": ["success", "failure", "blocked"],
    "channel": ["email", "usb", "cloud-storage"],
    "actor": [f"p-{number:08x}" for number in range(50)],
    "grade": ["core", "important", "sensitive", "general"],
    "asset": [f"/srv/drawings/part-{number:05d}.dwg" for number in range(500)],
    "from_place": [f"host{number}.plant.example" for number in range(20)],
    "to_place": [f"drop{number}.example.net" for number in range(30)],
    "to_party": [f"p-{number:08x}" for number in range(50, 80)],
}


def batch(rows: int, seed: int = 0, *, start: datetime = START, days: float = 20.0) -> pa.Table:
    """Return ``rows`` transfers spread over ``days`` from ``start`` on."""
    random = np.random.default_rng(seed)
    first = int(start.timestamp() * 1_000_000)
    numbers = pa.array(np.arange(rows)).cast(pa.string())
    columns: dict[str, pa.Array] = {
        "time": pa.array(first + random.integers(0, int(days * 86_400e6), rows)).cast(TIME),
        "id": _bytes(random.bytes(ID_BYTES * rows), rows),
        "bytes": pa.array(random.integers(0, 10_000_000, rows)),
        "position": pa.array(np.arange(1, rows + 1)),
        "fields": _fields(rows),
        "raw": pc.binary_join_element_wise('{"n":', numbers, f',"s":{seed}}}', "").cast(pa.binary()),
    }
    for name, words in _WORDS.items():
        indices = pa.array(random.integers(0, len(words), rows, dtype=np.int32))
        columns[name] = pa.DictionaryArray.from_arrays(indices, pa.array(words))
    return pa.table([columns.get(field.name, _nothing(field, rows)) for field in COLLECTED], schema=COLLECTED)


def ids(table: pa.Table) -> set[bytes]:
    """Return the ids in a table."""
    return set(table["id"].to_pylist())


def _bytes(content: bytes, rows: int) -> pa.Array:
    return pa.Array.from_buffers(pa.binary(ID_BYTES), rows, [None, pa.py_buffer(content)]).cast(pa.binary())


def _fields(rows: int) -> pa.Array:
    keys = pa.array(["EventID", "Image"] * rows, pa.string())
    values = pa.array(np.arange(2 * rows) % 7).cast(pa.string())
    starts = pa.array(np.arange(0, 2 * rows + 1, 2, dtype=np.int32))
    return pa.MapArray.from_arrays(starts, keys, values).cast(FIELDS)


def _nothing(field: pa.Field, rows: int) -> pa.Array:
    if field.type == TEXT:
        return pa.DictionaryArray.from_arrays(pa.nulls(rows, pa.int32()), pa.array([], pa.string()))
    return pa.nulls(rows, field.type)

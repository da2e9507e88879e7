"""Batches of transfers for tests of the lake: made from a seed, equal for equal seeds."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from waybill.model.ids import ID_BYTES
from waybill.model.transfers import COLLECTED, TEXT, TIME

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
    columns: dict[str, pa.Array] = {
        "time": pa.array(first + random.integers(0, int(days * 86_400e6), rows)).cast(TIME),
        "id": pa.array([random.bytes(ID_BYTES) for _ in range(rows)], pa.binary()),
        "bytes": pa.array(random.integers(0, 10_000_000, rows)),
        "position": pa.array(np.arange(1, rows + 1)),
        "fields": pa.array([[("EventID", str(number % 7)), ("k", "v")] for number in range(rows)], pa.map_(pa.string(), pa.string())),
        "raw": pa.array([b'{"n":%d,"s":%d}' % (number, seed) for number in range(rows)], pa.binary()),
    }
    for name, words in _WORDS.items():
        indices = pa.array(random.integers(0, len(words), rows, dtype=np.int32))
        columns[name] = pa.DictionaryArray.from_arrays(indices, pa.array(words))
    return pa.table([columns.get(field.name, _nothing(field, rows)) for field in COLLECTED], schema=COLLECTED)


def ids(table: pa.Table) -> set[bytes]:
    """Return the ids in a table."""
    return set(table["id"].to_pylist())


def _nothing(field: pa.Field, rows: int) -> pa.Array:
    if field.type == TEXT:
        return pa.DictionaryArray.from_arrays(pa.nulls(rows, pa.int32()), pa.array([], pa.string()))
    return pa.nulls(rows, field.type)

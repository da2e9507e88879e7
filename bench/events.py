"""Input for the benchmarks: a day of transfers as NDJSON, 333 bytes an event, and a table of millions of transfers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from waybill.model import transfers
from waybill.model.words import Action, Channel, Grade

EVENT_BYTES = 333
"""Bytes of one event, line end included."""

START = datetime(2026, 3, 1, tzinfo=UTC)
ACTIONS = [str(action) for action in Action]
CHANNELS = [str(channel) for channel in Channel]
GRADES = [str(grade) for grade in Grade]


def write_ndjson(path: Path, events: int, *, seed: int = 1) -> None:
    """Write events of one day, in order of time, with realistic repetition: 5,000 people, 20,000 assets, 500 places."""
    chance = np.random.default_rng(seed)
    actors = chance.integers(0, 5_000, events)
    assets = (chance.pareto(1.1, events) * 50).astype(np.int64) % 20_000
    places = chance.integers(0, 500, events)
    actions = chance.integers(0, len(ACTIONS), events)
    channels = chance.integers(0, len(CHANNELS), events)
    sizes = (chance.pareto(1.2, events) * 10_000).astype(np.int64) % 10**10
    steps = np.sort(chance.integers(0, 86_400_000_000, events))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for i in range(events):
            time = START + timedelta(microseconds=int(steps[i]))
            event = (
                f'{{"time":"{time:%Y-%m-%dT%H:%M:%S.%f}Z","actor":"user{actors[i]:05d}",'
                f'"action":"{ACTIONS[actions[i]]}","channel":"{CHANNELS[channels[i]]}",'
                f'"asset":"share/project/{assets[i]:06d}.dat","to_place":"host{places[i]:03d}.example",'
                f'"bytes":{sizes[i]},"outcome":"success","application":"sync","request":"{i:012d}","note":"'
            )
            file.write(event + "x" * (EVENT_BYTES - 3 - len(event)) + '"}\n')


def table(rows: int, *, months: int = 6, seed: int = 2) -> pa.Table:
    """Return transfers as a collector hands them over, spread evenly over some months, in order of time.

    Each of 5,000 people works on one of 500 hosts and mostly sends to a few of 3,000 destinations, to each in one
    way; half of the destinations are known from the start, the others come up one by one.
    """
    chance = np.random.default_rng(seed)
    span = months * 30 * 86_400_000_000
    base = int(START.timestamp() * 1_000_000)
    times = base + np.sort(chance.integers(0, span, rows))
    actors = chance.integers(0, 5_000, rows)
    known = 1_500 + (np.arange(rows) * 1_500) // rows
    usual = (actors * 7 + (chance.pareto(1.5, rows) * 3).astype(np.int64)) % 1_500
    places = np.where(chance.random(rows) < 0.01, known, usual)
    columns: dict[str, pa.Array] = {
        "time": pa.array(times, pa.timestamp("us", tz="UTC")),
        "id": _ids(chance, rows),
        "source": _constant("waybill", rows),
        "action": _words(chance, ACTIONS, rows),
        "outcome": _words(chance, ["success", "failure", "blocked"], rows),
        "channel": _chosen((places + actors) % len(CHANNELS), CHANNELS),
        "actor": _chosen(actors, [f"p-{i:016d}" for i in range(5_000)]),
        "actor_kind": _constant("person", rows),
        "asset": _words(chance, [f"share/project/{i:06d}.dat" for i in range(20_000)], rows),
        "grade": _words(chance, GRADES, rows),
        "from_place": _chosen(actors % 500, [f"host{i:03d}.example" for i in range(500)]),
        "to_place": _chosen(places, [f"out{i:05d}.example" for i in range(3_001)]),
        "to_jurisdiction": _words(chance, ["CN", "DE", "US", "JP", "SG", "NL", "KR"], rows),
        "bytes": pa.array((chance.pareto(1.2, rows) * 10_000).astype(np.int64) % 10**10),
        "records": pa.array(chance.integers(0, 1_000, rows)),
        "origin": _constant("day.ndjson", rows),
        "position": pa.array(np.arange(1, rows + 1)),
    }
    arrays = [columns.get(field.name, pa.nulls(rows, field.type)).cast(field.type) for field in transfers.COLLECTED]
    return pa.Table.from_arrays(arrays, schema=transfers.COLLECTED)


def _words(chance: np.random.Generator, words: list[str], rows: int) -> pa.Array:
    return _chosen(chance.integers(0, len(words), rows), words)


def _chosen(indices: np.ndarray, words: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(words))


def _constant(word: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows), pa.int32()), pa.array([word]))


def _ids(chance: np.random.Generator, rows: int) -> pa.Array:
    data = pa.py_buffer(chance.bytes(16 * rows))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), rows, [None, data]).cast(pa.binary())

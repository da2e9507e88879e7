"""Lots: capture beside QU4RTET, hash ids beside the reference, lineage beside networkx and DuckDB, the whole graph.

QU4RTET is under the GPL: like the other peers it runs in an environment of its own, which the benchmark makes below the
user's cache, and is left out, with a line that says so, where that cannot be made.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from bench import materials_detectors
from bench.environments import environment
from bench.scoreboard import Row, row
from waybill.epcis.capturing import capture
from waybill.epcis.document import read_document
from waybill.epcis.graph import Flows
from waybill.epcis.hashing import hash_id_20
from waybill.epcis.identifiers import canonical
from waybill.epcis.lineage import reached
from waybill.epcis.store import Store

EVENTS, REPEATS = 300, 5
SIZES = (1_000_000, 10_000_000)
PEER_EDGES = 1_000_000
"""networkx takes 25 s and half a gigabyte for a million edges: more is not asked of it."""
QUERIES = 200
ROUNDS = 3
"""Each question is asked so often, here and of networkx, and its quickest answer counts."""
DUCKDB = "DuckDB, recursive query"
_NOW = datetime(2026, 11, 1, tzinfo=UTC)


def measure() -> list[Row]:
    """Return all figures of this benchmark."""
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as folder:
        home = Path(folder)
        rows = [one for things in (1, 10) for one in _captures(home, things)]
        rows += _hashes()
        for edges in SIZES:
            rows += _lineages(home, edges)
        return [*rows, *materials_detectors.measure()]


def _document(tag: str, things: int) -> bytes:
    """Return what QU4RTET is given too, in JSON: things that come into being."""
    events = [
        {
            "type": "ObjectEvent",
            "eventTime": f"2026-01-01T00:00:{number % 60:02d}.{number % 1000:03d}Z",
            "eventTimeZoneOffset": "+00:00",
            "epcList": [f"urn:epc:id:sgtin:0614141.107346.{tag}{number}x{k}" for k in range(things)],
            "action": "ADD",
            "bizStep": "commissioning",
            "disposition": "active",
            "readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"},
            "bizLocation": {"id": "urn:epc:id:sgln:0614141.00888.0"},
        }
        for number in range(EVENTS)
    ]
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-01-01T00:00:00Z",
            "epcisBody": {"eventList": events},
        }
    ).encode()


def _captures(home: Path, things: int) -> list[Row]:
    store = Store(home / f"capture{things}" / "custody.sqlite3")
    rates, works = [], []
    for run in range(REPEATS):
        content = _document(f"{things}r{run}x", things)
        start, work = time.perf_counter(), time.process_time()
        document = read_document(content)
        done = capture(store, document, submitter="bench", now=_NOW, identify=_identify, clean=lambda event: event)
        rates.append(EVENTS / (time.perf_counter() - start))
        works.append(EVENTS / (time.process_time() - work))
        assert (done.events, done.marks) == (EVENTS, 0)
    what = f"capture, schema + hash id + state rules + durable rows, {things} things an event"
    peer = _peer("qu4rtet", ["quartet-epcis==4.1.5", "quartet-capture", "haikunator"], [EVENTS, things, 2, home])
    named = "QU4RTET (XML of EPCIS 1.2)" if peer else ""
    return [
        row(what, max(rates), "events/s", peer=named, peer_value=peer.get("rate"), ratio_at_least=20),
        row(f"{what}, by work", max(works), "events/s", peer=named, peer_value=peer.get("work"), ratio_at_least=20),
    ]


def _identify(about: bytes) -> bytes:
    return hashlib.blake2b(about, digest_size=16).digest()


def _hashes() -> list[Row]:
    contents = [_document(f"h{run}x", 3) for run in range(3)]
    documents = [read_document(content) for content in contents]
    rates = []
    for _ in range(REPEATS):  # the best of each side: what else the machine does only slows
        canonical.cache_clear()
        work = time.process_time()
        ours = [hash_id_20(event) for document in documents for event in document.events]
        rates.append(len(ours) / (time.process_time() - work))
    rate = max(rates)
    peer = _peer("event_hash", ["epcis-event-hash-generator==1.9.3"], [], b"\n".join(contents))
    assert not peer or peer["hashes"] == ours
    named = "epcis-event-hash-generator" if peer else ""
    return [
        row("hash ids, by processor time", rate, "events/s", peer=named, peer_value=peer.get("work"), ratio_at_least=20)
    ]


def _lineages(home: Path, count: int) -> list[Row]:
    """Measure the lineage of one lot by file, and the balance of all of them by arrays."""
    source, target, amounts, lots, first = _graph(count)
    store = Store(home / f"graph{count}" / "custody.sqlite3")
    with store.writing() as database:
        database.execute("DROP INDEX edge_down")
        database.execute("DROP INDEX edge_up")
        rows = zip(source.tolist(), target.tolist(), target.tolist(), target.tolist(), strict=True)
        database.executemany("INSERT INTO edge VALUES (?, ?, ?, ?)", rows)
        database.execute("CREATE INDEX edge_down ON edge (source, target, time, event)")
        database.execute("CREATE INDEX edge_up ON edge (target, source, time, event)")
    starts = np.random.default_rng(2).integers(0, first, QUERIES).tolist()
    took, found = [float("inf")] * QUERIES, [0] * QUERIES
    with store.reading() as database:
        for _ in range(ROUNDS):
            for place, start in enumerate(starts):
                work = time.process_time()
                found[place] = len(reached(database, start, down=True)) - 1
                took[place] = min(took[place], time.process_time() - work)
    ours = float(np.quantile(took, 0.95)) * 1e3
    what = f"lineage of one lot of {count:,} edges, p95 of {QUERIES}, {int(np.median(found))} lots"
    goal = 1.0 if count == SIZES[0] else 5.0
    rows_out = [row(what, ours, "ms", at_most=goal)]
    edges = pa.table({"source": source, "target": target})
    rows_out.append(row(what, ours, "ms", peer=DUCKDB, peer_value=_by_duckdb(edges, starts[:5], found[:5])))
    if count <= PEER_EDGES:
        np.savez(home / "edges.npz", source=source, target=target)
        peer = _peer("networkx", ["networkx", "numpy"], [home / "edges.npz", ",".join(map(str, starts))])
        assert not peer or peer["found"] == found
        slowest = float(np.quantile(peer["times"], 0.95)) * 1e3 if peer else None
        rows_out.append(row(what, ours, "ms", peer="networkx in memory" if peer else "", peer_value=slowest))
    flows = Flows(
        lots, target, source, amounts, np.arange(first, lots, dtype=np.int32), np.arange(first, lots, dtype=np.int32),
        np.bincount(target, amounts, lots)[first:].astype(np.float64),
    )  # fmt: skip
    start = time.perf_counter()
    over = len(flows.overdrawn())
    name = f"balance of all lots of {count:,} edges, {over:,} overdrawn"
    limit = 12.0 if count == SIZES[-1] else None
    rows_out.append(row(name, time.perf_counter() - start, "s", at_most=limit))
    return rows_out


def _by_duckdb(edges: pa.Table, starts: Sequence[int], found: list[int]) -> float:
    """Return the milliseconds of processor time that DuckDB takes for the slowest of some lineages."""
    database = duckdb.connect()
    database.register("given", edges)
    database.execute("CREATE TABLE edge AS SELECT * FROM given")
    query = (
        "WITH RECURSIVE reached(item) AS (SELECT ? UNION SELECT edge.target FROM edge JOIN reached "
        "ON edge.source = reached.item) SELECT count(*) - 1 FROM reached"
    )
    took = []
    for start, wanted in zip(starts, found, strict=True):
        work = time.process_time()
        assert database.execute(query, [start]).fetchall()[0][0] == wanted
        took.append(time.process_time() - work)
    return max(took) * 1e3


def _graph(count: int) -> tuple[Any, Any, Any, int, int]:
    """Return the edges of a chain of seven stages, lots numbered in the order of time, and where raw lots end."""
    chance = np.random.default_rng(1)
    shares = np.array([0.05, 0.10, 0.15, 0.15, 0.15, 0.20, 0.20])
    sizes = (shares * (count / 1.6)).astype(np.int64)
    begins = np.concatenate([[0], np.cumsum(sizes)])
    sources, targets = [], []
    for stage in range(1, len(sizes)):
        edges = int(count * sizes[stage] / sizes[1:].sum())
        more = chance.integers(0, sizes[stage], max(0, edges - sizes[stage]))
        target = np.concatenate([np.arange(sizes[stage]), more])
        near = target / sizes[stage] * sizes[stage - 1]
        off = chance.normal(0, max(50, sizes[stage - 1] * 0.0005), len(target))
        sources.append(begins[stage - 1] + np.clip((near + off).astype(np.int64), 0, sizes[stage - 1] - 1))
        targets.append(begins[stage] + target)
    pairs = np.unique(np.stack([np.concatenate(targets), np.concatenate(sources)], axis=1), axis=0)
    amounts = chance.uniform(1, 100, len(pairs))
    target, source = pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)
    return source, target, amounts, int(begins[-1]), int(begins[1])


def _peer(name: str, packages: Sequence[str], arguments: Sequence[object], given: bytes = b"") -> dict[str, Any]:
    """Return what a peer says of itself, or nothing where it cannot be had."""
    script = Path(__file__).with_name(f"{name}_peer.py")
    try:
        command = [str(environment(name, packages)), "-I", str(script), *map(str, arguments)]
        done = subprocess.run(command, check=True, capture_output=True, input=given)
        return dict(json.loads(done.stdout.splitlines()[-1]))
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", b"") or b""
        print(f"{name} cannot be run here: its figures are left out {told[-200:]!r}", file=sys.stderr)
        return {}

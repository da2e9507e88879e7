"""Every public Sigma rule over 104,237 Windows events: processor time on one core, stage by stage, beside two peers.

orjson only parses the lines: what Python cannot go below from raw JSON. pysigma-backend-sqlite is what engines of one
query per rule are made of; it is under the LGPL and runs in an environment of its own. It needs outside data, named by
WAYBILL_CORPORA; without them nothing is measured.
"""

from __future__ import annotations

import json
import lzma
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

import orjson
import pyarrow as pa

from bench.environments import environment
from bench.scoreboard import Row, row
from waybill.collect import Plan, built_in_mappings, collect
from waybill.detect.sigma import SigmaDetector
from waybill.detect.sigma.matching import views
from waybill.lake import Lake
from waybill.model.protocols import Tables
from waybill.register.channels import ProtectedChannels
from waybill.register.pseudonyms import KeyedPseudonymiser

WINDOW = 50_000
REPEATS = 3
PEER_EVENTS = 2_000
PEER = "pysigma-backend-sqlite"
FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting")
GROWTH = 4
"""Rounds over all events by which memory's growth is judged."""


def measure() -> list[Row]:
    """Return all figures of this benchmark."""
    corpora = os.environ.get("WAYBILL_CORPORA")
    if not corpora:
        return []
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as folder:
        return list(_measured(Path(corpora), Path(folder)))


def _measured(corpora: Path, folder: Path) -> Iterator[Row]:
    file = folder / "windows.jsonl"
    file.write_bytes(lzma.decompress((corpora / "logs" / "otrf-100k.jsonl.xz").read_bytes()))
    lines = [line for line in file.read_bytes().splitlines() if line.strip()]
    rules = [corpora / "sigma" / name for name in FOLDERS]
    detector = SigmaDetector(rules, own=False)
    compiled = _seconds(lambda: detector.rules)
    what = f"{len(detector.rules.rules):,} rules"
    yield row(f"{what}: read and translate, once", compiled, "s")
    plan = Plan(b"k" * 32, KeyedPseudonymiser(b"k" * 32), ProtectedChannels(), built_in_mappings())
    collected: list[pa.Table] = []
    collecting = _seconds(lambda: collected.extend(batch.transfers for batch in collect([file], plan, workers=0)))
    events = sum(table.num_rows for table in collected)
    with closing(Lake.open(folder / "lake")) as lake:
        for table in collected:
            lake.append(table)
        lake.commit()
        with lake.snapshot() as snapshot:
            tables = list(snapshot.scan(columns=detector.columns, batch_rows=WINDOW))
            _run(detector, tables)  # the first run builds automata, once for the life of a process
            reading = statistics.median(
                _seconds(lambda: list(snapshot.scan(columns=detector.columns, batch_rows=WINDOW)))
                for _ in range(REPEATS)
            )
    matching = statistics.median(_seconds(lambda: _run(detector, tables)) for _ in range(REPEATS))
    parse = len(lines) / statistics.median(_seconds(lambda: list(map(orjson.loads, lines))) for _ in range(REPEATS))
    alone = partial(row, peer="orjson, parse alone", peer_value=parse)
    yield alone(f"{what} from raw JSON", events / (collecting + matching), "events/s", ratio_at_least=0.4)
    yield alone(f"{what} from the store", events / (reading + matching), "events/s", ratio_at_least=1.0)
    yield alone(f"{what} on rows in memory", events / matching, "events/s")
    yield row(f"{what}: condition logic", 1e6 * _logic(detector, tables) / events, "us an event", at_most=2)
    yield from _memory(detector, tables, what)
    peer = _peer(lines, rules, folder)
    if peer:
        yield from _beside(peer, what, events, {"parse": collecting, "read": reading, "match": matching})


def _run(detector: SigmaDetector, tables: list[pa.Table]) -> int:
    return sum(len(detector.run(Tables(table), {}).findings) for table in tables)


def _logic(detector: SigmaDetector, tables: list[pa.Table]) -> float:
    """Return the seconds that the conditions of all rules take where each predicate has been answered."""
    seconds = 0.0
    for table in tables:
        for asked, view in views(table, detector.router):
            conditions = [rule.condition for rule in asked.rules if rule.condition is not None]
            for condition in conditions:
                condition.mask(view)
            begun = time.process_time()
            for condition in conditions:
                condition.mask(view)
            seconds += time.process_time() - begun
    return seconds


def _memory(detector: SigmaDetector, tables: list[pa.Table], what: str) -> Iterator[Row]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(GROWTH):
        _run(detector, tables)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = GROWTH * sum(table.num_rows for table in tables)
    grown = (after - before) * 1024 / seen
    yield row(f"{what}: memory that grows with events", grown, "bytes an event", at_most=16)
    yield row(f"{what}: most memory for 10,000,000 events, by that slope", (after + grown * 1e7 / 1024) / 1024, "MiB")


def _beside(peer: Mapping[str, float], what: str, events: int, ours: Mapping[str, float]) -> Iterator[Row]:
    """Yield our rates beside the peer's: parsing and loading beside collecting, and matching beside matching."""
    count = peer["events"]
    beside = partial(row, unit="events/s", peer=PEER)
    whole = peer["parse"] + peer["load"] + peer["match"]
    taken = count / (peer["parse"] + peer["load"])
    yield beside(f"{what}: parse and load", events / ours["parse"], peer_value=taken)
    yield beside(f"{what}: match", events / ours["match"], peer_value=count / peer["match"])
    raw = events / (ours["parse"] + ours["match"])
    stored = events / (ours["read"] + ours["match"])
    yield beside(f"{what} from raw JSON", raw, peer_value=count / whole, ratio_at_least=40)
    yield beside(f"{what} from the store", stored, peer_value=count / whole, ratio_at_least=100)


def _peer(lines: list[bytes], rules: list[Path], folder: Path) -> dict[str, float]:
    """Return what the peer does with every so many-th event, or nothing where it cannot be had."""
    sample = folder / "sample.jsonl"
    sample.write_bytes(b"\n".join(lines[:: len(lines) // PEER_EVENTS]))
    script = Path(__file__).with_name("sqlite_peer.py")
    try:
        python = environment("pysigma-sqlite", ["pysigma-backend-sqlite==2.0.0"])
        command: list[str | Path] = [python, "-I", script, sample, *rules]
        return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    except (OSError, subprocess.CalledProcessError):
        print(f"{PEER} cannot be installed here: its figures are left out", file=sys.stderr)
        return {}


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun

"""What the scanner of content, exact matching and document recognition do: speed beside peers, and how well.

The mix is 64 MB of prose in two languages, tables, JSON, logs and base64 with planted values (``content_mix``). Speeds
are bytes for each second of processor time on one core. Peers get a part of the same mix that grows with their speed,
cut into documents of 20,000 characters, in an environment of their own. Labelled text needs WAYBILL_CORPORA.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench import content_documents
from bench.content_mix import Mix
from bench.content_quality import agreement, precision_and_recall
from bench.environments import environment
from bench.scoreboard import Row, row
from waybill.content import ExactTable, register_table, scan, types

SIZE = 64 << 20
EXACT_VALUES = 4_000_000
REPEATS = 3
PEERS = ["presidio-analyzer==2.2.366", "datafog==4.9.0", "datafog-core==0.4.4", "presidio-rs==0.1.11"]
LEAST_RATIO = {"datafog-core": 5, "datafog": 40, "presidio-rs": 200, "presidio": 1_000}
_CUT = 20_000
_SENTENCES = ("data/synth_dataset_v2.json", "tests/data/generated_large.json")


def measure() -> list[Row]:
    """Return all figures of this benchmark."""
    corpora = os.environ.get("WAYBILL_CORPORA")
    folder = Path(corpora) / "content" if corpora else None
    sentences = [folder / "presidio-research" / name for name in _SENTENCES] if folder else []
    mix = Mix()
    data = mix.make(SIZE)
    peers = _peers(data, sentences)
    rows = [*_scanning(data, peers.get("speeds", {})), *_exact(data, mix)]
    if folder:
        rows += _quality(sentences, peers.get("quality", {}))
        agreed, cases = agreement(folder / "presidio-recognizer-cases" / "cases.jsonl")
        rows.append(
            row(f"Presidio's {cases} cases of the types that both know", 100 * agreed / cases, "%", at_least=95)
        )
    return [*rows, *content_documents.measure()]


def _scanning(data: bytes, peers: dict[str, float]) -> Iterator[Row]:
    """Yield the speed of the scanner, and how it compares."""
    begun = time.process_time()
    scan(data[: 1 << 16])
    yield row("scanner: first use of a process", time.process_time() - begun, "s")
    speed = len(data) / 1e6 / _median(lambda: scan(data))
    yield row(f"scanner, {len(types())} types, one core", speed, "MB/s", at_least=150)
    for peer, theirs in peers.items():
        what = f"scanner beside {peer}"
        yield row(what, speed, "MB/s", peer=peer, peer_value=theirs / 1e6, ratio_at_least=LEAST_RATIO[peer])


def _exact(data: bytes, mix: Mix) -> Iterator[Row]:
    """Yield how fast the records of a large table are found, and whether all are."""
    planted = list(dict.fromkeys(mix.planted["resident"]))[:2_000]
    pick, half = np.random.default_rng(1), EXACT_VALUES // 2
    numbers = planted + [f"{n:018d}" for n in pick.integers(0, 10**18, half - len(planted))]
    phones = [f"1{n:010d}" for n in pick.integers(3 * 10**9, 10**10, half)]
    key = bytes(range(16))
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as folder:
        file = Path(folder) / "table.exact"
        begun = time.process_time()
        made = register_table(pa.table({"id": numbers, "phone": phones}), file, key, searched=["id", "phone"])
        yield row(f"exact match: register {made.values:,} values", time.process_time() - begun, "s")
        table = ExactTable(file, key)
        table.scan(data[: 1 << 16])
        yield row("exact match, one core", len(data) / 1e6 / _median(lambda: table.scan(data)), "MB/s", at_least=150)
        found = {one.row for one in table.scan(data, least=1)}
    yield row(
        "exact match: planted records found",
        100 * len(found & set(range(len(planted)))) / len(planted),
        "%",
        at_least=100,
    )
    strays = sum(number >= len(planted) for number in found)
    yield row("exact match: records found by one column that nobody planted", strays, "records")


def _quality(sentences: list[Path], peer: dict[str, list[int]]) -> Iterator[Row]:
    """Yield precision and recall by label, over all labelled sentences, beside Presidio's."""
    files = [precision_and_recall(file) for file in sentences]
    for label in files[0]:
        right, wrong, missed = (
            sum(getattr(found[label], part) for found in files) for part in ("right", "wrong", "missed")
        )
        for what, ours, others in (("precision", wrong, 1), ("recall", missed, 2)):
            value, theirs = right / max(1, right + ours), None
            if label in peer:
                theirs = peer[label][0] / max(1, peer[label][0] + peer[label][others])
            yield row(f"{label}: {what}, same places", value, "", peer="presidio", peer_value=theirs, ratio_at_least=1)


def _peers(data: bytes, sentences: list[Path]) -> dict[str, Any]:
    """Return what the peers do, or nothing where they cannot be had."""
    text = data[: 8 << 20].decode("utf-8", "replace")
    given = {
        "texts": [text[at : at + _CUT] for at in range(0, len(text), _CUT)],
        "sentences": [one for file in sentences for one in json.loads(file.read_text("utf-8"))],
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(given, file)
        file.flush()
        try:
            script = Path(__file__).with_name("content_peers.py")
            command: list[str | Path] = [environment("content", PEERS), "-I", script, file.name]
            done = subprocess.run(command, check=True, capture_output=True)
            return dict(json.loads(done.stdout.splitlines()[-1]))
        except (OSError, subprocess.CalledProcessError):
            print("the peers cannot be installed here: their figures are left out", file=sys.stderr)
            return {}


def _median(work: Callable[[], object]) -> float:
    """Return the median processor time of some rounds, in seconds."""
    seconds = []
    for _ in range(REPEATS):
        begun = time.process_time()
        work()
        seconds.append(time.process_time() - begun)
    return statistics.median(seconds)

"""Ingest and questions: from log files to durable, committed, queryable transfers, and answers over millions of them.

Peers read the same file in the same run: SQLite with every commit synced, and DuckDB's own JSON reader into a table of
its own. Neither makes ids, pseudonyms or quarantine, nor notices that a file is read twice.
"""

from __future__ import annotations

import json
import lzma
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa

from bench import events
from bench.scoreboard import Row, row
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.lake import Lake, questions

NDJSON_EVENTS = 1_000_000
ROWS = 5_000_000
UNCOMPACTED = ROWS // 10
REPEATS = 3


def measure() -> list[Row]:
    """Return all figures of this benchmark."""
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as folder:
        return [*_ndjson(Path(folder)), *_windows(Path(folder)), *_questions(Path(folder))]


def _ndjson(folder: Path) -> Iterator[Row]:
    file = folder / "day.ndjson"
    events.write_ndjson(file, NDJSON_EVENTS)
    ours = _rate(NDJSON_EVENTS, [_ingested(folder / f"native-{i}", file, NDJSON_EVENTS) for i in range(REPEATS)])
    peers = {
        "SQLite, synchronous=FULL, 1,000 a commit": _rate(NDJSON_EVENTS, [_sqlite(folder / "peer.sqlite", file)]),
        "DuckDB read_json into its own file": _rate(NDJSON_EVENTS, [_duckdb(folder / "peer.duckdb", file)]),
    }
    for peer, value in peers.items():
        yield row(
            f"NDJSON of {events.EVENT_BYTES}-byte events to durable, committed, queryable transfers",
            ours,
            "events/s",
            peer=peer,
            peer_value=value,
            at_least=100_000,
        )
    file.unlink()


def _windows(folder: Path) -> Iterator[Row]:
    corpora = os.environ.get("WAYBILL_CORPORA")
    if not corpora:
        return
    file = folder / "windows.jsonl"
    file.write_bytes(lzma.decompress((Path(corpora) / "logs" / "otrf-100k.jsonl.xz").read_bytes()))
    lines = [line for line in file.read_bytes().splitlines() if line]
    parse, ours = [], []
    for i in range(REPEATS):
        parse.append(_seconds(lambda: [orjson.loads(line) for line in lines]))
        ours.append(_ingested(folder / f"windows-{i}", file, len(lines)))
    yield row(
        "2.4 kB Windows events to durable, committed, queryable transfers",
        _rate(len(lines), ours),
        "events/s",
        peer="orjson, parse alone",
        peer_value=_rate(len(lines), parse),
        ratio_at_least=0.4,
    )
    file.unlink()


def _questions(folder: Path) -> Iterator[Row]:
    lake = Lake.open(folder / "lake")
    table = events.table(ROWS)
    for start in range(0, ROWS - UNCOMPACTED, 450_000):
        lake.append(table.slice(start, 450_000))
        lake.commit()
    lake.compact()
    for start in range(ROWS - UNCOMPACTED, ROWS - UNCOMPACTED // 5, 50_000):
        lake.append(table.slice(start, 50_000))
        lake.commit()
    for start in range(ROWS - UNCOMPACTED // 5, ROWS, 20_000):
        lake.append(table.slice(start, 20_000))
    with lake.snapshot() as snapshot:
        held = snapshot.query("SELECT count(*) AS n FROM transfers")["n"][0].as_py()
    if held != ROWS:
        raise AssertionError(f"the lake holds {held} rows")
    for question, parameters in _parameters(table).items():
        seconds = [_answered(lake, question, parameters) for _ in range(5)]
        what = f"{question}: {ROWS:,} transfers, 10 % of them not compacted"
        yield row(what, statistics.median(seconds), "s", at_most=0.5)


def _parameters(table: pa.Table) -> dict[str, dict[str, object]]:
    """Return what each question is asked with: everything there is where a question may be so wide."""
    ever = {"from": events.START, "until": events.START + timedelta(days=365)}
    month = {"from": events.START + timedelta(days=30), "until": events.START + timedelta(days=60)}
    middle = table.slice(table.num_rows // 2, 1).to_pylist()[0]
    nothing = dict.fromkeys(("asset", "action", "outcome", "grade", "to_place", "source", "within"))
    place = {"before_time": middle["time"], "before_id": middle["id"]}
    return {
        "top_talkers": {**ever, "limit": 20},
        "flows": {**ever, "limit": 50},
        "actor_history": {**month, "actor": middle["actor"], "limit": 1_000},
        "asset_history": {"asset": middle["asset"], "limit": 1_000},
        "new_destinations": {**month, "limit": 50},
        "graded_volume": ever,
        "page": {**ever, **nothing, **place, "actor": None, "channel": "usb", "limit": 100},
        "count": {**ever, **nothing, "actor": None, "channel": "usb", "by_asset": False},
    }


def _answered(lake: Lake, question: str, parameters: dict[str, object]) -> float:
    """Ask a question as a command would, snapshot and all; return the seconds it took."""

    def ask() -> None:
        with lake.snapshot() as snapshot:
            if snapshot.query(questions.text(question), parameters).num_rows == 0:
                raise AssertionError(f"{question} has no answer")

    return _seconds(ask)


def _ingested(root: Path, file: Path, expected: int) -> float:
    """Ingest a file into a new data folder as `waybill ingest` does; return the seconds it took."""
    installation = Installation.open(root, create=True)
    plan = installation.plan()
    begun = time.perf_counter()
    report = ingest(installation, [file], plan, workers=os.cpu_count() or 1, progress=_ignore)
    seconds = time.perf_counter() - begun
    with installation.lake.snapshot() as snapshot:
        held = snapshot.query("SELECT count(*) AS n FROM transfers")["n"][0].as_py()
    if held != report.stored or held + report.intake.rejected != expected:
        raise AssertionError(f"{held} of {expected} events are in the lake, {report.intake.rejected} in quarantine")
    return seconds


def _sqlite(target: Path, file: Path) -> float:
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    names = ("time", "actor", "action", "channel", "asset", "to_place", "bytes", "outcome", "application", "request")
    connection.execute(f"CREATE TABLE transfers ({', '.join(names)}, raw)")
    insert = f"INSERT INTO transfers VALUES ({', '.join('?' * (len(names) + 1))})"

    def load() -> None:
        with file.open(encoding="utf-8") as lines:
            while batch := [line for _, line in zip(range(1_000), lines, strict=False)]:
                connection.execute("BEGIN IMMEDIATE")
                rows = [(*(event[name] for name in names), line) for line in batch for event in [json.loads(line)]]
                connection.executemany(insert, rows)
                connection.execute("COMMIT")

    seconds = _seconds(load)
    connection.close()
    return seconds


def _duckdb(target: Path, file: Path) -> float:
    with duckdb.connect(str(target), config={"threads": os.cpu_count() or 1}) as connection:
        return _seconds(
            lambda: connection.execute(
                f"CREATE TABLE transfers AS SELECT * FROM read_json('{file}', format = 'newline_delimited'); CHECKPOINT"
            )
        )


def _rate(count: int, seconds: list[float]) -> float:
    return count / statistics.median(seconds)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _ignore(count: int) -> None:
    """Draw no progress."""

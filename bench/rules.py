"""Every public Sigma rule over 104,237 Windows events: processor time on one core, stage by stage, beside two peers.

From raw JSON, lines are read as for the store and their fields named and encoded as there, but no names are replaced
and nothing is stored: what engines that only match do. From the store, rows are read and matched in windows as `waybill
detect` does. orjson only parses the lines; it keeps all documents, as rows to be matched are kept.
pysigma-backend-sqlite is what engines of one query per rule are made of; it is under the LGPL and runs in an
environment of its own. All this needs outside data, named by WAYBILL_CORPORA; without them nothing is measured.
"""

from __future__ import annotations

import json
import lzma
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import orjson
import pyarrow as pa

from bench.environments import environment
from bench.scoreboard import Row, row
from waybill.collect import Limits, Plan, built_in_mappings, collect
from waybill.collect.arranging import arranged
from waybill.collect.cells import Cells, Numbers, grouped
from waybill.collect.cutting import Lines
from waybill.collect.machine_code import object_file
from waybill.collect.parsing import parse
from waybill.collect.quick_scanning import scanning_with
from waybill.collect.readers import LOOKS, READERS
from waybill.collect.records import Chunk
from waybill.collect.rows import rows_of
from waybill.detect.sigma import SigmaDetector
from waybill.detect.sigma.matching import held, views
from waybill.flow import memory
from waybill.flow.detection import WINDOW_BYTES, WINDOW_ROWS, Detection
from waybill.lake import Lake
from waybill.model.protocols import Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import SCHEMA
from waybill.register.channels import ProtectedChannels
from waybill.register.pseudonyms import KeyedPseudonymiser

REPEATS = 5
PEER_EVENTS = 2_000
PEER = "pysigma-backend-sqlite"
FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting")
_Event: TypeAlias = tuple[str | None, ...]
"""Channel and event number."""

ROUNDS = 40
"""Rounds over all events by whose last two quarters memory's growth is judged: until then the heap finds its size."""


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
    stored = folder / "lake"
    collecting, events, source_of = _stored(file, stored)
    content = b"\n".join(lines)
    with memory.kept():
        _from_store(stored, detector)  # the first run builds automata, once for the life of a process
        parsing, reading, storing, straight = _medians(
            lambda: list(map(orjson.loads, lines)),
            lambda: _read(stored, detector),
            lambda: _from_store(stored, detector),
            lambda: _straight(content, source_of, detector),
        )
    parse, matching = len(lines) / parsing, storing - reading
    alone = partial(row, unit="events/s", peer="orjson, parse alone", peer_value=parse)
    raw, store = events / straight, events / storing
    yield alone(f"{what} from raw JSON, names not replaced, nothing stored", raw, ratio_at_least=0.4)
    yield alone(f"{what} from raw JSON, collected as for the store", events / (collecting + matching))
    yield alone(f"{what} from the store", store, ratio_at_least=1.0)
    logic = 1e6 * _logic(stored, detector) / events
    yield row(f"{what}: condition logic", logic, "us an event", at_most=2)
    yield from _memory(stored, detector, events, what)
    peer = _peer(lines, rules, folder)
    if peer:
        taken = {"parse and load": straight - matching, "match": matching}
        yield from _beside(peer, what, events, taken, {"raw JSON": straight, "the store": storing})


def _stored(file: Path, folder: Path) -> tuple[float, int, dict[_Event, str]]:
    """Collect the file and store it; return the seconds of collecting, the number of rows and their log sources."""
    plan = Plan(b"k" * 32, KeyedPseudonymiser(b"k" * 32), ProtectedChannels(), built_in_mappings())
    tables: list[pa.Table] = []
    collecting = _seconds(lambda: tables.extend(batch.transfers for batch in collect([file], plan, workers=0)))
    with closing(Lake.open(folder)) as lake:
        for table in tables:
            lake.append(table)
        lake.commit()
        lake.compact()
    return collecting, sum(table.num_rows for table in tables), _sources(tables)


def _sources(tables: list[pa.Table]) -> dict[_Event, str]:
    """Return the log source of each channel and event number, as the mapping of Windows events has it."""
    known: dict[_Event, str] = {}
    for table in tables:
        for source, fields in zip(table["logsource"].to_pylist(), table["fields"].to_pylist(), strict=True):
            named = dict(fields)
            known[named.get("Channel"), named.get("EventID")] = source
    return known


def _straight(content: bytes, source_of: Mapping[_Event, str], detector: SigmaDetector) -> int:
    """Read lines, give their fields Sigma's names, make columns of them and ask all rules; return the findings."""
    scanning, (mapping,) = scanning_with(object_file()), [one for one in built_in_mappings() if one.name == "windows"]
    found, rest = 0, [b""]
    for _, data in Lines(iter([content]), Limits(chunk_bytes=WINDOW_BYTES)).pieces():
        assert isinstance(data, bytes), "no line is too large"
        flat = scanning.read_flat(data)
        assert flat is not None, "most records are flat"
        cells, records = arranged(flat, READERS[mapping.reader], LOOKS[mapping.reader])
        found += _asked(cells, source_of, detector)
        rest += _others(data, flat.lines[records])
    chunk = Chunk("ndjson", b"\n".join(rest))
    return found + _asked(
        rows_of(parse(chunk, mapping, Limits().record_bytes), mapping, chunk).cells, source_of, detector
    )


def _others(data: bytes, lines: Numbers) -> list[bytes]:
    """Return the lines but those of some numbers."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    starts = np.concatenate(([0], ends + 1))
    others = np.setdiff1d(np.arange(len(ends)), lines)
    return [data[start:end] for start, end in zip(starts[others].tolist(), ends[others].tolist(), strict=True)]


def _asked(cells: Cells, source_of: Mapping[_Event, str], detector: SigmaDetector) -> int:
    """Ask all rules about rows; return the findings."""
    count, named = len(cells), (cells.column("Channel"), cells.column("EventID"))
    firsts, groups = grouped(named, count)
    events = zip(*(cells.values(column[firsts]) for column in named), strict=True)
    sources = pa.array([source_of.get(event) for event in events], pa.string())
    given: dict[str, pa.Array] = {
        "time": pa.array([0] * count, SCHEMA.field("time").type),
        "id": pa.array(np.arange(count).astype("S16"), pa.binary()),
        "logsource": sources.take(groups).dictionary_encode(),
        "fields": cells.as_encoded_map(),
    }
    columns = {name: given.get(name, pa.nulls(count, SCHEMA.field(name).type)) for name in detector.columns}
    return len(detector.run(Tables(pa.table(columns)), {}).findings)


def _read(stored: Path, detector: SigmaDetector) -> int:
    with closing(Lake.open(stored)) as lake, lake.snapshot() as snapshot:
        return sum(table.num_rows for table in snapshot.scan(columns=detector.columns))


def _from_store(stored: Path, detector: SigmaDetector) -> int:
    """Read all that is stored and ask all rules, in windows as `waybill detect` does; return the findings."""
    detection = Detection([detector], RegisterSnapshot())
    with closing(Lake.open(stored)) as lake, lake.snapshot() as snapshot, detection:
        for table in snapshot.scan(columns=detector.columns):
            detection.feed(table)
        return len(detection.finish()[detector.name].findings)


def _logic(stored: Path, detector: SigmaDetector) -> float:
    """Return the seconds that the conditions of all rules take where each predicate has been answered."""
    with closing(Lake.open(stored)) as lake, lake.snapshot() as snapshot:
        tables = pa.concat_tables(snapshot.scan(columns=detector.columns)).unify_dictionaries()
    seconds = 0.0
    for start in range(0, tables.num_rows, WINDOW_ROWS):
        for asked, view in views(tables.slice(start, WINDOW_ROWS).combine_chunks(), detector.router):
            list(held(asked, view))
            begun = time.process_time()
            list(held(asked, view))
            seconds += time.process_time() - begun
    return seconds


def _memory(stored: Path, detector: SigmaDetector, events: int, what: str) -> Iterator[Row]:
    """Run over all that is stored several times in one process of its own, and see how its memory grows.

    What is left after each round, once what is free has been given back, tells that: objects and holes between them.
    The most it ever held, within rounds, is told beside it.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        rounds, most = pool.submit(sizes, stored, detector, ROUNDS).result()
    seen, quarter = ROUNDS * events, ROUNDS // 4
    third, fourth = rounds[-2 * quarter : -quarter], rounds[-quarter:]
    grown = (statistics.median(fourth) - statistics.median(third)) / (quarter * events)
    yield row(f"{what}: memory that grows with events", grown, "bytes an event", at_most=16)
    yield row(f"{what}: most memory in {seen:,} events", most / 2**20, "MiB")
    yield row(
        f"{what}: most memory for 10,000,000 events, by that slope",
        (most + max(grown, 0) * (1e7 - seen)) / 2**20,
        "MiB",
    )


def sizes(stored: Path, detector: SigmaDetector, rounds: int) -> tuple[list[int], int]:
    """Return the bytes that are left after each round over all that is stored, and the most this process ever held."""
    found = []
    with memory.kept():
        for _ in range(rounds):
            _from_store(stored, detector)
            memory.give_back()
            found.append(_held("VmRSS"))
    return found, _held("VmHWM")


def _held(kind: str) -> int:
    """Return the bytes of memory of one kind that this process has; what its parent held does not count."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{kind}:")]
    return 1024 * int(line.split()[1])


def _beside(
    peer: Mapping[str, float], what: str, events: int, stages: Mapping[str, float], whole: Mapping[str, float]
) -> Iterator[Row]:
    """Yield our rates beside the peer's, stage by stage and as a whole."""
    theirs = {"parse and load": peer["parse"] + peer["load"], "match": peer["match"]}
    beside = partial(row, unit="events/s", peer=PEER)
    for stage, seconds in stages.items():
        yield beside(f"{what}: {stage}", events / seconds, peer_value=peer["events"] / theirs[stage])
    for source, least in (("raw JSON", 40), ("the store", 100)):
        value = peer["events"] / sum(theirs.values())
        yield beside(f"{what} from {source}", events / whole[source], peer_value=value, ratio_at_least=least)


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


def _medians(*works: Callable[[], object]) -> list[float]:
    """Return the seconds that each takes, done in turn, so that all see the same load of the machine."""
    rounds = [[_seconds(work) for work in works] for _ in range(REPEATS)]
    return [statistics.median(seconds) for seconds in zip(*rounds, strict=True)]


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun

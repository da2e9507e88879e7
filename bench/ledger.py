"""The ledger: durable entries a second beside pymerkle's tree in memory, proofs, checking a whole log, and disk.

pymerkle is under the GPL: it runs in an environment of its own that the benchmark makes below the user's cache, and
is left out, with a line that says so, where that cannot be made.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench.ledger_path import measure_path
from bench.scoreboard import Row, row
from waybill.ledger import FolderSource, Log, Policy, SigningKey, verify
from waybill.ledger.hashing import PLAIN, Hashing, compiled
from waybill.ledger.merkle import EMPTY_ROOT, leaf_hashes, next_level

ENTRIES = 1_000_000
BYTES = 300
BATCH = 10_000
REPEATS = 4
OWN_ENTRIES = 500_000
"""Enough for several checkpoints to be made while others append."""
PEER_ENTRIES = 50_000
PROOFS = 5_000
ORIGIN = "example.com/bench"
BULK = "pymerkle SQLite, in bulk"
BARE = "two calls of hashlib an entry and nothing else"
"""What Python cannot go below: a leaf and a node each."""


def measure() -> list[Row]:
    """Return all figures of this benchmark."""
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as folder:
        home, key = Path(folder), SigningKey.generate(ORIGIN)
        rows = [*_appends(home, key)]
        bulk = next((one.peer_value for one in rows if one.peer == BULK), None)
        rows += measure_path(home, bulk)
        _append(home / "log", key, ENTRIES)
        return [*rows, *_proofs(home / "log", key), *_checks(home / "log"), *_disk(home / "log")]


def _appends(home: Path, key: SigningKey) -> Iterator[Row]:
    forms = {"plain": PLAIN} | ({"hashing compiled": quick} if (quick := compiled()) else {})
    ours: dict[str, list[tuple[float, float]]] = {name: [] for name in forms}
    peers, bare = [], []
    for number in range(REPEATS):  # turn by turn, the best of each: what else the machine does only slows
        for name, form in forms.items():
            ours[name].append(_append(home / f"{name}{number}", key, OWN_ENTRIES, form))
        peers.append(_pymerkle(home))
        bare.append(_bare_hashes())
    known = [peer for peer in peers if peer]
    for name, runs in ours.items():
        what = f"durable {BYTES}-byte entries, batches of {BATCH:,}, tiles and checkpoints included, {name}"
        rate, work = (max(one[place] for one in runs) for place in (0, 1))
        by_work = f"{what}, by processor time of all threads"
        yield row(what, rate, "entries/s", at_least=50_000)
        if known:
            memory, busy, bulk = (max(peer[name] for peer in known) for name in ("memory", "work", "bulk"))
            yield row(what, rate, "entries/s", peer="pymerkle in memory", peer_value=memory, ratio_at_least=3)
            yield row(by_work, work, "entries/s", peer="pymerkle in memory", peer_value=busy, ratio_at_least=3)
            yield row(what, rate, "entries/s", peer=BULK, peer_value=bulk)
        yield row(by_work, work, "entries/s", peer=BARE, peer_value=max(bare))


def _append(folder: Path, key: SigningKey, count: int, hashing: Hashing = PLAIN) -> tuple[float, float]:
    """Return entries a second until all are under a published checkpoint, by the clock and by processor time.

    One thread appends; another makes a checkpoint a second, and at the end the last one.
    """
    chance = random.Random(1)
    batches = [[chance.randbytes(BYTES) for _ in range(BATCH)] for _ in range(10)]
    done = threading.Event()
    with Log.open(folder, ORIGIN, key, interval=0, hashing=hashing) as log:

        def sign() -> None:
            while not done.wait(1):
                log.checkpoint()

        signing = threading.Thread(target=sign)
        start, work = time.perf_counter(), time.process_time()
        signing.start()
        for number in range(count // BATCH):
            log.append(batches[number % len(batches)])
        done.set()
        signing.join()
        log.checkpoint()
        return count / (time.perf_counter() - start), count / (time.process_time() - work)


def _bare_hashes() -> float:
    """Return how many entries a second of processor time Python can hash: a leaf and a node each."""
    entries = [random.Random(3).randbytes(BYTES)] * BATCH
    start = time.thread_time()
    leaf_hashes(entries)
    next_level([EMPTY_ROOT] * (2 * BATCH))
    return BATCH / (time.thread_time() - start)


def _pymerkle(home: Path) -> dict[str, float]:
    """Return what pymerkle does with the same entries, or nothing where it cannot be had."""
    script = Path(__file__).with_name("pymerkle_peer.py")
    try:
        command: list[str | Path] = [_environment(), "-I", script, str(PEER_ENTRIES), str(BYTES), home]
        return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    except (OSError, subprocess.CalledProcessError):
        print("pymerkle cannot be installed here: its figures are left out", file=sys.stderr)
        return {}


def _environment() -> Path:
    """Return the Python of an environment with pymerkle, made the first time it is asked for."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "waybill-bench" / "pymerkle"
    python = cache / "bin" / "python"
    if not (cache / "ready").exists():
        make: list[str | Path] = ["uv", "venv", "-q", "--clear", "-p", sys.executable, cache]
        install: list[str | Path] = ["uv", "pip", "install", "-q", "--python", python, "pymerkle==7.0.0"]
        for command in (make, install):
            subprocess.run(command, check=True, capture_output=True)
        (cache / "ready").touch()
    return python


def _proofs(folder: Path, key: SigningKey) -> Iterator[Row]:
    chance = random.Random(2)
    start = time.perf_counter()
    with Log.open(folder, ORIGIN, key) as log:
        yield row(f"open a log of {ENTRIES:,} entries", 1_000 * (time.perf_counter() - start), "ms")
        times = []
        for index in [chance.randrange(ENTRIES) for _ in range(PROOFS)]:
            start, work = time.perf_counter(), time.thread_time()
            log.prove(index)
            times.append((1_000 * (time.perf_counter() - start), 1_000 * (time.thread_time() - work)))
    waited, worked = sorted(one for one, _ in times), sorted(one for _, one in times)
    what = f"inclusion proof at {ENTRIES:,} entries, checked"
    yield row(f"{what}, median", waited[PROOFS // 2], "ms")
    yield row(f"{what}, p99", waited[PROOFS * 99 // 100], "ms", at_most=1)
    yield row(f"{what}, p99 of processor time", worked[PROOFS * 99 // 100], "ms", at_most=1)


def _checks(folder: Path) -> Iterator[Row]:
    policy = Policy.parse((folder / "policy").read_bytes())
    limit, bare = _sha256_limit(), _bare_hashes()
    peer = "SHA-256 alone on one core (openssl speed)" if limit else ""
    what = f"check a log of {ENTRIES:,} entries from its files"
    if quick := compiled():
        seconds, busy = _checked(folder, policy, 1, quick)
        name = f"{what}, hashing compiled, 1 process"
        yield row(name, ENTRIES / seconds, "entries/s", peer=peer, peer_value=limit, ratio_at_least=0.5)
        by_work = f"{name}, by processor time"
        yield row(by_work, ENTRIES / busy, "entries/s", peer=peer, peer_value=limit, ratio_at_least=0.5)
    for processes in (1, 2):
        seconds, busy = _checked(folder, policy, processes, PLAIN)
        name = f"{what}, {processes} process{'es' * (processes > 1)}"
        yield row(name, ENTRIES / seconds, "entries/s", peer=peer, peer_value=limit)
        if processes == 1:
            yield row(f"{name}, by processor time", ENTRIES / busy, "entries/s", peer=BARE, peer_value=bare)


def _checked(folder: Path, policy: Policy, processes: int, hashing: Hashing) -> tuple[float, float]:
    """Return the seconds that it takes to check the log, by the clock and of this process's processor time."""
    start, work = time.perf_counter(), time.process_time()
    found = verify(FolderSource(folder), policy, processes=processes, hashing=hashing)
    assert found.sound
    return time.perf_counter() - start, time.process_time() - work


def _sha256_limit() -> float | None:
    """Return how many entries a second one core could hash: a leaf and a node each, with nothing else to do."""
    if shutil.which("openssl") is None:
        return None
    seconds = 0.0
    for size in (BYTES + 1, 65):
        command = ["openssl", "speed", "-seconds", "1", "-bytes", str(size), "sha256"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        thousands = re.search(r"^sha256\s+([\d.]+)k", said, re.MULTILINE)
        if thousands is None:
            return None
        seconds += size / (1_000 * float(thousands[1]))
    return 1 / seconds


def _disk(folder: Path) -> Iterator[Row]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    total = sum(path.stat().st_blocks * 512 for path in files)
    yield row(f"disk for a million entries of {BYTES} bytes, on disk blocks", total / 1e6, "MB")
    yield row("of that, more than the entries themselves", total / 1e6 - ENTRIES * BYTES / 1e6, "MB")
    yield row("partial tiles and bundles left", sum(".p/" in str(path) for path in files), "files", at_most=1_000)

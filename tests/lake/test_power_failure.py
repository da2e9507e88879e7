"""What is left when the power fails at any moment of the lake's work.

A program that appends, commits, compacts, retains and erases is traced once. Its system calls are replayed into a
model of a disk; at every moment the folder is rebuilt as a power failure would leave it, and opened.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.lake.disk import Call, Disk, trace
from tests.lake.samples import batch, ids

from waybill.lake import Lake

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

ROWS = 12
CUT = datetime(2026, 11, 8, tzinfo=UTC)
ERASED = "p-00000007"

PROGRAM = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from tests.lake.samples import batch
from waybill.lake import Lake, table

table.CHECKPOINT_EVERY = 4
marks = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
said = lambda text: os.write(marks, text.encode() + b"\\n")
lake = Lake.open(Path(sys.argv[1]))
def append(seed):
    lake.append(batch(12, seed))
    said(f"appended {seed}")
append(0); append(1); lake.commit()
append(2); append(0); lake.commit()
append(3)
lake = Lake.open(Path(sys.argv[1]))
lake.commit(); lake.compact()
append(4)
said("retain"); lake.retain(datetime(2026, 11, 8, tzinfo=UTC)); said("retained")
append(5)
said("erase"); lake.erase(["p-00000007"]); said("erased")
append(6); lake.commit()
"""


@dataclass
class Promise:
    """What the program had been told to rely on."""

    appended: set[int] = field(default_factory=set)
    said: set[str] = field(default_factory=set)

    def hear(self, line: str) -> None:
        word, _, seed = line.partition(" ")
        if seed:
            self.appended.add(int(seed))
            if word == "appended" and int(seed) > 5:
                self.said.discard("erased")
        else:
            self.said.add(word)

    def copy(self) -> Promise:
        return Promise(set(self.appended), set(self.said))


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Call]]:
    folder = tmp_path_factory.mktemp("traced")
    calls = trace(PROGRAM, [str(folder / "disk" / "lake"), str(folder / "marks")], _prepared(folder))
    return folder, calls


def _prepared(folder: Path) -> Path:
    (folder / "disk").mkdir()
    return folder / "calls"


def _replay(traced: tuple[Path, list[Call]]) -> Iterator[tuple[Disk, Call, Promise]]:
    """Yield the disk after each call that concerned it, or marked progress."""
    folder, calls = traced
    disk, promise = Disk(folder / "disk"), Promise()
    for call in calls:
        if call.name == "write" and call.paths == (folder / "marks",):
            promise.hear(call.data.decode().strip())
            yield disk, call, promise
        elif disk.apply(call):
            yield disk, call, promise


def test_every_acknowledgement_follows_its_sync(traced: tuple[Path, list[Call]]) -> None:
    folder, _ = traced
    acknowledged = 0
    for disk, call, _ in _replay(traced):
        if call.data.startswith(b"appended"):
            acknowledged += 1
            assert disk.unsynced(folder / "disk/lake/wal") == []
    assert acknowledged == 8


def test_the_log_is_trimmed_only_when_the_table_is_safe(traced: tuple[Path, list[Call]]) -> None:
    folder, calls = traced
    disk, trims = Disk(folder / "disk"), 0
    for call in calls:
        if call.name.startswith("unlink") and call.paths[0].suffix == ".wal":
            trims += 1
            assert disk.unsynced(folder / "disk/lake/transfers") == []
            assert disk.unsynced(folder / "disk/lake/durable.json") == []
        disk.apply(call)
    assert trims >= 4


def test_files_are_removed_only_when_what_replaces_them_is_safe(traced: tuple[Path, list[Call]]) -> None:
    folder, calls = traced
    disk, removals = Disk(folder / "disk"), 0
    for call in calls:
        if call.name.startswith("unlink") and call.paths[0].suffix == ".parquet":
            removals += 1
            assert disk.unsynced(folder / "disk/lake/durable.json") == []
            log = disk.unsynced(folder / "disk/lake/transfers/_delta_log")
            assert [path for path in log if path.endswith(".json")] == []
        disk.apply(call)
    assert removals >= 4


READER = """
import sys
from pathlib import Path
from waybill.lake import Lake

Lake.open(Path(sys.argv[1])).snapshot().close()
"""


def test_a_reader_syncs_what_it_finds_before_it_shows_it(tmp_path: Path) -> None:
    """Else somebody could act on an entry that a power failure then takes back, and its number be given again."""
    Lake.open(tmp_path / "lake").append(batch(ROWS, 0))
    (segment,) = (tmp_path / "lake/wal").iterdir()
    synced = [
        call.paths[0] for call in trace(READER, [str(tmp_path / "lake")], tmp_path / "calls") if "sync" in call.name
    ]
    assert segment in synced
    assert segment.parent in synced


MODES = ["dropped", "kept", "names", "mixed"]


@pytest.mark.parametrize("mode", MODES)
def test_nothing_acknowledged_is_lost_when_the_power_fails(
    traced: tuple[Path, list[Call]], tmp_path: Path, mode: str
) -> None:
    """Opens one of every eight different states; the four modes together start at different ones."""
    assert _open_what_is_left(traced, tmp_path, mode, every=8, offset=MODES.index(mode)) > 4


@pytest.mark.soak
@pytest.mark.parametrize("mode", [*MODES, *(f"mixed {seed}" for seed in range(20))])
def test_nothing_acknowledged_is_lost_whenever_the_power_fails(
    traced: tuple[Path, list[Call]], tmp_path: Path, mode: str
) -> None:
    name, _, seed = mode.partition(" ")
    assert _open_what_is_left(traced, tmp_path, name, offset=int(seed or 0)) > 40


def _open_what_is_left(
    traced: tuple[Path, list[Call]], folder: Path, mode: str, *, every: int = 1, offset: int = 0
) -> int:
    """Rebuild and open every so many of the different states; returns how many were opened."""
    if Path("/dev/shm").is_dir():  # in memory: what a sync does is the model's business here
        folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
    seen: set[bytes] = set()
    opened = 0
    for number, (disk, _, promise) in enumerate(_replay(traced)):
        disk.build(folder / "left", mode, number + 10_000 * offset)
        state = _fingerprint(folder / "left", promise)
        if state in seen:
            continue
        seen.add(state)
        if (len(seen) + offset) % every == 0:
            opened += 1
            _check(folder / "left/lake", promise, finish=opened % 3 == 0)
    shutil.rmtree(folder)
    return opened


def _check(folder: Path, promise: Promise, *, finish: bool) -> None:
    lake = Lake.open(folder)
    _check_rows(lake, promise)
    if finish:
        lake.commit()
        _check_rows(lake, promise)
        assert lake.verify() == []


def _check_rows(lake: Lake, promise: Promise) -> None:
    with lake.snapshot() as snapshot:
        found = [row for table in snapshot.scan(columns=["id"]) for row in table["id"].to_pylist()]
    assert len(found) == len(set(found)), "a transfer is there twice"
    missing = _expected(promise) - set(found)
    assert not missing, f"{len(missing)} acknowledged transfers are lost"
    assert set(found) <= _allowed(promise), "a removed transfer came back"


def _expected(promise: Promise) -> set[bytes]:
    """Return the ids that must be there: all acknowledged but those whose removal has begun."""
    return {
        row["id"]
        for seed in promise.appended
        for row in batch(ROWS, seed).select(["id", "time", "actor", "to_party"]).to_pylist()
        if not ("retain" in promise.said and seed <= 4 and row["time"] < CUT)
        and not ("erase" in promise.said and seed <= 5 and row["actor"] == ERASED)
    }


def _allowed(promise: Promise) -> set[bytes]:
    """Return the ids that may be there: all but those whose removal was reported."""
    return {
        row["id"]
        for seed in range(7)
        for row in batch(ROWS, seed).select(["id", "time", "actor"]).to_pylist()
        if not ("retained" in promise.said and seed <= 4 and row["time"] < CUT)
        and not ("erased" in promise.said and seed <= 5 and row["actor"] == ERASED)
    }


def _fingerprint(folder: Path, promise: Promise) -> bytes:
    hasher = hashlib.blake2b(repr((sorted(promise.appended), sorted(promise.said))).encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".lock":
            hasher.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return hasher.digest()


def test_the_samples_have_something_to_lose() -> None:
    rows = [row for seed in range(6) for row in batch(ROWS, seed).select(["time", "actor"]).to_pylist()]
    assert any(row["actor"] == ERASED for row in rows)
    assert any(row["time"] < CUT for row in rows)
    assert len(set().union(*(ids(batch(ROWS, seed)) for seed in range(7)))) == 7 * ROWS

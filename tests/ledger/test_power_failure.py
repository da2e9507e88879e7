"""What is left when the power fails at any moment of the log's work.

A program that appends and signs is traced once. Its system calls are replayed into a model of a disk that keeps only
what was synced; at every moment the folder is rebuilt as a power failure would leave it, and opened.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.lake.disk import Call, Disk, trace
from tests.ledger.making import entries, open_log, policy_of, size_of

from waybill.ledger import FolderSource, merkle, verify
from waybill.ledger.encoding import from_base64

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

STEPS = (3, 200, 100, 5, 300, 0, 40)
PROGRAM = f"""
import os, sys
from pathlib import Path
from tests.ledger.making import entries, open_log, size_of
from waybill.ledger import shelf

said = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for turn in range(2):
    shelf.MANY = 1 if turn else 1000  # files synced all at once, and one by one
    with open_log(Path(sys.argv[1])) as log:
        for number, step in enumerate({STEPS}):
            if step:
                log.append(entries(log.size, log.size + step))
                os.write(said, b"added %d\\n" % log.size)
            if number % 3 != turn:
                note = log.checkpoint()
                os.write(said, f"signed {{size_of(note)}} {{note.text.split(chr(10))[2]}}\\n".encode())
"""
TOTAL = 2 * sum(STEPS)


@dataclass
class Promise:
    """What the program had told."""

    added: int = 0
    signed: dict[int, bytes] = field(default_factory=dict)

    def hear(self, line: str) -> None:
        words = line.split()
        if words[0] == "added":
            self.added = int(words[1])
        else:
            self.signed[int(words[1])] = from_base64(words[2])


Traced = tuple[Path, list[Call]]


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Traced:
    folder = tmp_path_factory.mktemp("traced")
    (folder / "disk").mkdir()
    calls = trace(PROGRAM, [str(folder / "disk" / "log"), str(folder / "said")], folder / "calls")
    return folder, calls


def replayed(traced: Traced) -> Iterator[tuple[Disk, Call, Promise]]:
    """Yield the disk after each call that concerned it, or told progress."""
    folder, calls = traced
    disk, promise = Disk(folder / "disk"), Promise()
    for call in calls:
        if call.name == "write" and call.paths == (folder / "said",):
            promise.hear(call.data.decode())
            yield disk, call, promise
        elif disk.apply(call):
            yield disk, call, promise


def test_every_acknowledgement_follows_its_sync(traced: Traced) -> None:
    log = traced[0] / "disk/log"
    added = signed = 0
    for disk, call, _ in replayed(traced):
        if call.data.startswith(b"added"):
            added += 1
            assert disk.losable(log / "state/journal") == []
        if call.data.startswith(b"signed"):
            signed += 1
            assert disk.losable(log) == []
    assert (added, signed) == (12, 9)


def test_files_are_synced_both_ways(traced: Traced) -> None:
    names = [call.name for call in traced[1]]
    assert names.count("syncfs") >= 4
    assert names.count("fsync") > 20


def test_nothing_is_signed_before_all_of_it_is_safe(traced: Traced) -> None:
    folder, calls = traced
    log, disk, signed = folder / "disk/log", Disk(folder / "disk"), 0
    for call in calls:
        if call.name == "rename" and call.paths[1:] == (log / "state/signed",):
            signed += 1
            assert disk.losable(log / "tile") == []
            assert not [path for path in disk.losable(log / "state") if not path.endswith((".tmp", "lock", "nodes"))]
        if call.name == "rename" and call.paths[1:] == (log / "checkpoint",):
            assert disk.losable(log / "state/signed") == []
        disk.apply(call)
    assert signed >= 9


def test_the_journal_is_trimmed_only_when_what_it_holds_is_signed(traced: Traced) -> None:
    folder, calls = traced
    log, disk, trims = folder / "disk/log", Disk(folder / "disk"), 0
    for call in calls:
        if call.name.startswith("unlink") and call.paths[0].suffix == ".journal":
            trims += 1
            assert disk.losable(log / "tile") == []
            assert not [path for path in disk.losable(log / "state") if path.endswith(("signed", "nodes"))]
        disk.apply(call)
    assert trims >= 9


MODES = ["dropped", "kept", "names", "mixed"]


@pytest.mark.parametrize("mode", MODES)
def test_nothing_acknowledged_is_lost_when_the_power_fails(traced: Traced, mode: str) -> None:
    """Opens one of every few states; the four modes together start at different ones."""
    assert _open_what_is_left(traced, mode, every=9, offset=MODES.index(mode)) > 20


@pytest.mark.soak
@pytest.mark.parametrize("mode", [*MODES, *(f"mixed {seed}" for seed in range(20))])
def test_nothing_acknowledged_is_lost_whenever_the_power_fails(traced: Traced, mode: str) -> None:
    name, _, seed = mode.partition(" ")
    assert _open_what_is_left(traced, name, offset=int(seed or 0)) > 200


def _open_what_is_left(traced: Traced, mode: str, *, every: int = 1, offset: int = 0) -> int:
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    opened = 0
    for number, (disk, _, promise) in enumerate(replayed(traced)):
        if (number + offset) % every == 0:
            disk.build(folder / "left", mode, number + 10_000 * offset)
            _check(folder / "left/log", promise)
            opened += 1
    shutil.rmtree(folder)
    return opened


def _check(folder: Path, promise: Promise) -> None:
    with open_log(folder) as log:
        assert log.size >= promise.added, "acknowledged entries are lost"
        assert size_of(log.signed) >= max(promise.signed, default=0), "a smaller size than was signed"
        assert list(log.entries()) == entries(0, log.size)
        node = log._state.nodes.node
        for size, root in promise.signed.items():
            assert merkle.tree_root(node, size) == root, "two roots for a size"
        log.append(entries(log.size, log.size + 3))
        log.checkpoint()
        found = verify(FolderSource(folder), policy_of(folder))
        assert found.sound, found.faults

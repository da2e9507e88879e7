"""Full disks, failing writes and failing syncs: said clearly, nothing acknowledged, and the log is whole afterwards."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.ledger.making import entries, make_log, open_log, policy_of, size_of

from waybill.durable import file_system
from waybill.ledger import FolderSource, Note, shelf, verify
from waybill.model.errors import StorageError

strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

PROGRAM = """
import sys
from pathlib import Path
from tests.ledger.making import entries, open_log, size_of
from waybill.model.errors import StorageError

log = open_log(Path(sys.argv[1]))
for word in sys.argv[2:]:
    try:
        if word == "sign":
            print("signed", size_of(log.checkpoint()))
        else:
            print("added", log.append(entries(log.size, log.size + int(word))).stop)
    except StorageError as error:
        assert error.advice and error.where
        print("refused", error.what)
"""


def run(folder: Path, *words: str, inject: list[str], only: Path | None = None) -> list[str]:
    """Run the program with system calls made to fail, and return what it says."""
    faults = [part for fault in inject for part in ("-e", f"inject={fault}")]
    only_there = ["-P", str(only)] if only else []
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "signal=none", *faults, *only_there]
    command += [sys.executable, "-c", PROGRAM, str(folder), *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def check(folder: Path, least: int) -> int:
    """Make sure that the log holds at least so many entries, goes on, and is sound; returns its size before."""
    with open_log(folder) as log:
        size = log.size
        assert size >= least
        log.append(entries(size, size + 5))
        assert size_of(log.checkpoint()) == size + 5
        assert list(log.entries()) == entries(0, size + 5)
    found = verify(FolderSource(folder), policy_of(folder))
    assert found.sound, found.faults
    return size


@strace
@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_a_write_that_fails_is_taken_back(tmp_path: Path, fault: str) -> None:
    make_log(tmp_path / "log", 10)
    journal = tmp_path / f"log/state/journal/{10:020d}.journal"
    said = run(tmp_path / "log", "3", "4", "5", inject=[f"pwrite64:error={fault}:when=4"], only=journal)
    assert [line.split()[0] for line in said] == ["added", "refused", "added"]
    assert check(tmp_path / "log", 18) == 18


@strace
def test_entries_whose_hashes_cannot_be_written_are_taken_back_from_the_journal(tmp_path: Path) -> None:
    make_log(tmp_path / "log", 10)
    nodes = tmp_path / "log/state/nodes"
    said = run(tmp_path / "log", "3", "4", "5", "sign", inject=["pwrite64:error=ENOSPC:when=2"], only=nodes)
    assert [line.split()[0] for line in said] == ["added", "refused", "added", "signed"]
    assert check(tmp_path / "log", 18) == 18


@strace
def test_tiles_that_could_not_be_synced_all_at_once_are_written_anew(tmp_path: Path) -> None:
    said = run(tmp_path / "log", "35000", "sign", "sign", inject=["syncfs:error=EIO:when=1"])
    assert [line.split()[0] for line in said] == ["added", "refused", "signed"]
    assert check(tmp_path / "log", 35_000) == 35_000


def test_where_a_system_would_not_tell_of_failed_writes_each_file_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_log(tmp_path) as log:
        could = log._state.shelf._file_system.can_sync
        monkeypatch.setattr(file_system, "_TELLS_FAULTS", (1000, 0))
        assert (could, log._state.shelf._file_system.can_sync) == (True, False)
        monkeypatch.setattr(shelf, "MANY", 1)
        log.append(entries(0, 300))
        log.checkpoint()
    assert check(tmp_path, 300) == 300


@strace
def test_a_sync_that_fails_is_not_acknowledged(tmp_path: Path) -> None:
    make_log(tmp_path / "log", 10)
    journal = tmp_path / f"log/state/journal/{10:020d}.journal"
    said = run(tmp_path / "log", "3", "4", "5", "sign", inject=["fdatasync:error=EIO:when=2"], only=journal)
    assert said == [
        "added 13",
        "refused cannot write to the ledger's journal: Input/output error",
        "added 18",
        "signed 18",
    ]
    assert check(tmp_path / "log", 18) == 18


@strace
def test_a_journal_that_cannot_be_taken_back_refuses_what_follows(tmp_path: Path) -> None:
    faults = ["fdatasync:error=EIO:when=1", "ftruncate:error=EIO"]
    make_log(tmp_path / "log", 10)
    journal = tmp_path / f"log/state/journal/{10:020d}.journal"
    said = run(tmp_path / "log", "4", "5", inject=faults, only=journal)
    assert [line.split()[0] for line in said] == ["refused", "refused"]
    assert "refuses further entries" in said[1]
    assert check(tmp_path / "log", 10) in {10, 14}


@strace
@pytest.mark.parametrize(
    "fault",
    ["pwrite64:error=ENOSPC:when=5+2", "rename:error=EIO", "fdatasync:error=EIO:when=2", "mkdir:error=ENOSPC"]
    + [f"fsync:error=EIO:when={number}" for number in (2, 5)]
    + [
        pytest.param(f"fsync:error=EIO:when={number}", marks=pytest.mark.soak)
        for number in range(1, 25)
        if number not in (2, 5)
    ],
)
def test_a_checkpoint_that_fails_loses_nothing_and_can_be_repeated(tmp_path: Path, fault: str) -> None:
    make_log(tmp_path / "log", 250)
    said = run(tmp_path / "log", "10", "sign", "sign", "300", "sign", inject=[fault])
    added = max([250, *(int(line.split()[1]) for line in said if line.startswith("added"))])
    check(tmp_path / "log", added)


def test_a_checkpoint_that_was_signed_and_could_not_be_shown_is_shown_the_next_time(tmp_path: Path) -> None:
    shown = tmp_path / "checkpoint"
    with open_log(tmp_path) as log:
        log.append(entries(0, 10))
        shown.unlink()
        shown.mkdir()
        with pytest.raises(StorageError, match="cannot write a checkpoint"):
            log.checkpoint()
        shown.rmdir()
        assert size_of(log.checkpoint()) == 10
    assert size_of(Note.parse(shown.read_bytes())) == 10


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """Let no file grow past ``size`` bytes: works for every user, and fails in the middle of a write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_entries_that_do_not_fit_leave_no_trace(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append(entries(0, 10))
        with file_limit(5_000), pytest.raises(StorageError, match="File too large") as caught:
            log.append(entries(10, 1_000))
        assert "ulimit" in caught.value.advice
        assert log.size == 10
        assert log.append(entries(10, 20)) == range(10, 20)
    check(tmp_path, 20)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("needs root to mount a small file system")
    command = ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("a small file system may not be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("step", [100, 500])
def test_a_full_disk_keeps_what_was_acknowledged_and_goes_on_when_there_is_room(small_disk: Path, step: int) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(600_000))
    with open_log(small_disk / "log") as log:
        with pytest.raises(StorageError, match="No space left") as caught:
            for _ in range(1000):
                kept = log.append(entries(log.size, log.size + step)).stop
                log.checkpoint()
        assert "free some disk space" in caught.value.advice
        assert kept >= step
        signed = size_of(log.signed)
        with pytest.raises(StorageError):
            for _ in range(1000):
                kept = log.append(entries(log.size, log.size + step)).stop
    found = verify(FolderSource(small_disk / "log"), policy_of(small_disk / "log"))
    assert found.sound, found.faults
    assert found.checkpoint is not None
    assert found.checkpoint.size <= signed
    ballast.unlink()
    assert check(small_disk / "log", kept) == kept

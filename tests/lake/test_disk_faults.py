"""Full disks, failing writes, failing syncs, failing reads: refused, said, and nothing acknowledged is lost."""

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
from tests.lake.samples import batch, ids

from waybill.lake import Lake
from waybill.model.errors import StorageError

strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

PROGRAM = """
import sys
from pathlib import Path
from tests.lake.samples import batch
from waybill.lake import Lake
from waybill.model.errors import StorageError

for seed in map(int, sys.argv[3:]):
    try:
        lake = globals().get("lake") or Lake.open(Path(sys.argv[1]))
        getattr(lake, sys.argv[2])(*([batch(20, seed)] if sys.argv[2] == "append" else []))
        print("done", seed)
    except StorageError as error:
        assert error.advice and error.where
        print("refused", seed, error.what)
"""


def run(folder: Path, action: str, *seeds: int, inject: list[str], only: Path | None = None) -> list[str]:
    """Run the program with system calls made to fail, as strace does it, and return what it says."""
    faults = [part for fault in inject for part in ("-e", f"inject={fault}")]
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "signal=none", *faults]
    command += ["-P", str(only)] if only else []
    command += [sys.executable, "-c", PROGRAM, str(folder), action, *map(str, seeds)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def stored(folder: Path) -> set[bytes]:
    lake = Lake.open(folder)
    with lake.snapshot() as snapshot:
        found = [value for table in snapshot.scan(columns=["id"]) for value in table["id"].to_pylist()]
    assert len(found) == len(set(found))
    return set(found)


def of(*seeds: int) -> set[bytes]:
    return set().union(*(ids(batch(20, seed)) for seed in seeds))


@strace
@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_a_write_that_fails_is_taken_back(tmp_path: Path, fault: str) -> None:
    said = run(tmp_path / "lake", "append", 1, 2, 3, 4, inject=[f"pwrite64:error={fault}:when=6..7"])
    refused = [int(line.split()[1]) for line in said if line.startswith("refused")]
    assert refused
    assert stored(tmp_path / "lake") == of(*({1, 2, 3, 4} - set(refused)))
    assert Lake.open(tmp_path / "lake").verify() == []


@strace
def test_a_sync_that_fails_is_not_acknowledged(tmp_path: Path) -> None:
    said = run(tmp_path / "lake", "append", 1, 2, 3, inject=["fdatasync:error=EIO:when=2"])
    assert [line.split()[0] for line in said] == ["done", "refused", "done"]
    assert stored(tmp_path / "lake") == of(1, 3)
    again = Lake.open(tmp_path / "lake")
    with again.snapshot() as snapshot:
        numbers = snapshot.query("SELECT DISTINCT sequence FROM transfers ORDER BY 1")["sequence"].to_pylist()
    assert numbers == [1, 3], "the number of a batch that somebody may have seen is not given again"


@strace
def test_a_log_that_cannot_be_taken_back_refuses_what_follows(tmp_path: Path) -> None:
    faults = ["fdatasync:error=EIO:when=2", "ftruncate:error=EIO"]
    said = run(tmp_path / "lake", "append", 1, 2, 3, inject=faults)
    assert [line.split()[0] for line in said] == ["done", "refused", "refused"]
    assert "refuses further batches" in said[2]
    assert stored(tmp_path / "lake") >= of(1)
    assert not stored(tmp_path / "lake") & of(3)


@strace
@pytest.mark.parametrize(
    "fault",
    [
        "pwrite64:error=ENOSPC:when=1+2",
        "rename:error=EIO",
        "linkat:error=ENOSPC",
        "unlink:error=EIO",
        "fdatasync:error=EIO",
    ]
    + [f"fsync:error=EIO:when={number}" for number in (3, 9)]
    + [
        pytest.param(f"fsync:error=EIO:when={number}", marks=pytest.mark.soak)
        for number in range(1, 25)
        if number not in (3, 9)
    ],
)
def test_a_commit_that_fails_loses_nothing_and_can_be_repeated(tmp_path: Path, fault: str) -> None:
    lake = Lake.open(tmp_path / "lake")
    for seed in range(3):
        lake.append(batch(20, seed))
    run(tmp_path / "lake", "commit", 0, 0, inject=[fault])
    assert stored(tmp_path / "lake") == of(0, 1, 2)
    again = Lake.open(tmp_path / "lake")
    again.commit()
    assert stored(tmp_path / "lake") == of(0, 1, 2)
    assert again.verify() == []


@strace
def test_a_version_whose_sync_failed_is_not_believed_when_a_second_sync_succeeds(tmp_path: Path) -> None:
    """After a failed sync the kernel may call lost pages clean, so that only writing them again helps."""
    lake = Lake.open(tmp_path / "lake")
    lake.append(batch(20, 0))
    entry = tmp_path / f"lake/transfers/_delta_log/{1:020d}.json"
    said = run(tmp_path / "lake", "commit", 0, inject=["fsync:error=EIO"], only=entry)
    assert said == ["refused 0 cannot sync the table's log: Input/output error"]
    assert not entry.exists()
    assert lake.commit().rows == 20


@strace
def test_a_log_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    for seed in range(3):
        lake.append(batch(20, seed))
    said = run(tmp_path / "lake", "commit", 0, inject=["pread64:error=EIO:when=12+"])
    assert said == ["refused 0 cannot read the write-ahead log: Input/output error"]
    assert stored(tmp_path / "lake") == of(0, 1, 2)


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


def test_a_batch_that_does_not_fit_leaves_no_trace(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    lake.append(batch(20, 0))
    (segment,) = (tmp_path / "lake/wal").iterdir()
    size = segment.stat().st_size
    with file_limit(size + 100), pytest.raises(StorageError, match="File too large") as caught:
        lake.append(batch(20, 1))
    assert "ulimit" in caught.value.advice
    assert segment.stat().st_size == size
    lake.append(batch(20, 2))
    assert stored(tmp_path / "lake") == of(0, 2)


def test_a_commit_that_does_not_fit_can_be_repeated(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    lake.append(batch(2000, 0))
    with file_limit(20_000), pytest.raises(StorageError):
        lake.commit()
    assert stored(tmp_path / "lake") == ids(batch(2000, 0))
    assert lake.commit().rows == 2000
    assert not list((tmp_path / "lake/transfers").rglob("*.tmp"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("needs root to mount a small file system")
    command = ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", str(folder)]
    mounted = subprocess.run(command, check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a small file system may not be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_keeps_what_was_acknowledged_and_goes_on_when_there_is_room(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(800_000))
    lake = Lake.open(small_disk / "lake")
    kept: list[int] = []
    with pytest.raises(StorageError, match="No space left") as caught:
        for seed in range(1000):
            lake.append(batch(200, seed))
            kept.append(seed)
    assert "free some disk space" in caught.value.advice
    assert kept
    with pytest.raises(StorageError):
        lake.commit()
    expected = set().union(*(ids(batch(200, seed)) for seed in kept))
    assert stored(small_disk / "lake") == expected
    ballast.unlink()
    lake.append(batch(200, 5000))
    lake.commit()
    assert stored(small_disk / "lake") == expected | ids(batch(200, 5000))
    assert lake.verify() == []

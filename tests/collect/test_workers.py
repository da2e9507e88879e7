"""Workers: limited processes whose end costs only what they were working on."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.collect.hostile import Hostile
from tests.collect.samples import CHANNELS, event, ndjson, plan, rejected, rows

from waybill.collect import Batch, Limits, Plan, built_in_mappings, collect, recollect
from waybill.model.errors import StorageError

CHUNK = 4096


def read_hostile(path: Path, workers: int = 2, **limits: float) -> list[Batch]:
    """Read a file with a plan that breaks workers."""
    given = {"chunk_bytes": CHUNK, "worker_seconds": 60.0, **limits}
    channels = CHANNELS
    hostile = Plan(b"k" * 32, Hostile(b"k" * 32), channels, built_in_mappings(), limits=Limits(**given))  # type: ignore[arg-type]
    return list(collect([path], hostile, workers=workers))


def write(folder: Path, *special: str) -> tuple[Path, int]:
    """Write many records, with one special actor in the midst of each part."""
    records = []
    for name in special:
        records += [event(number) for number in range(40)] + [event(41, actor=name)]
    records += [event(number) for number in range(40)]
    path = folder / "log"
    path.write_bytes(ndjson(records))
    return path, len(records)


@pytest.mark.parametrize("how", ["crash", "exit", "fault"])
def test_a_crash_costs_its_chunk_and_nothing_else(tmp_path: Path, how: str) -> None:
    path, count = write(tmp_path, how)
    found = read_hostile(path)
    (told,) = rejected(found)
    assert told.reason == "the process that parsed it broke down"
    lost = told.raw.count(b"\n")
    assert 0 < lost < 60
    assert len(rows(found)) == count - lost
    assert path.read_bytes().splitlines()[told.position - 1] == told.raw.splitlines()[0]


def test_what_a_crash_cost_can_be_read_again(tmp_path: Path) -> None:
    path, count = write(tmp_path, "crash")
    found = read_hostile(path)
    (told,) = rejected(found)
    mended = list(recollect([(told.file, told.position, told.raw)], plan()))
    positions = sorted(row["position"] for row in rows([*found, *mended]))
    assert positions == list(range(1, count + 1))


def test_protected_lines_of_a_crashed_chunk_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(ndjson([event(1, actor="crash"), event(2, to_party="integrity@ombudsman.example"), event(3)]))
    (found,) = read_hostile(path)
    assert found.protected == 1
    assert b"ombudsman" not in found.rejected[0].raw
    assert found.rejected[0].raw.count(b"\n") == 2


@pytest.mark.parametrize("how", ["hang", "spin"])
def test_a_worker_that_takes_too_long_is_stopped(tmp_path: Path, how: str) -> None:
    path, count = write(tmp_path, how)
    found = read_hostile(path, worker_seconds=1.5)
    (told,) = rejected(found)
    assert told.reason in ("it takes longer than a worker may", "the process that parsed it broke down")
    assert len(rows(found)) + told.raw.count(b"\n") == count


def test_a_worker_that_needs_too_much_memory(tmp_path: Path) -> None:
    path, count = write(tmp_path, "memory")
    found = read_hostile(path)
    (told,) = rejected(found)
    assert told.reason == "it needs more memory than a worker may use"
    assert len(rows(found)) + told.raw.count(b"\n") == count


def test_a_worker_cannot_write_files_and_knows_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYBILL_TEST_SECRET", "a key")
    path, count = write(tmp_path, "secret", "file", "print")
    found = read_hostile(path, workers=1)
    actors = {row["actor"] for row in rows(found)}
    assert {"p-none", "p-refused"} <= actors
    assert len(rows(found)) == count


def test_workers_that_cannot_start_are_a_fault_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = write(tmp_path)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(StorageError, match="does not start"):
        read_hostile(path)


def test_giving_up_early_leaves_no_process(tmp_path: Path) -> None:
    path, _ = write(tmp_path, *["x"] * 20)
    batches = collect([path], plan(chunk_bytes=CHUNK), workers=2)
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    children = Path("/proc/self/task").glob("*/children")
    running = [pid for file in children for pid in file.read_text().split()]
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in running]
    assert not any(b"waybill.collect.worker" in command for command in commands)


def test_an_orphan_ends_by_itself(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "waybill.sandbox.lean", "waybill.collect.worker"], stdin=subprocess.PIPE, stderr=-3
    )
    assert process.stdin
    process.stdin.close()
    assert process.wait(30) not in (None, -signal.SIGKILL)


def test_a_worker_finds_no_pandas(tmp_path: Path) -> None:
    (tmp_path / "asking.py").write_text(
        "def main():\n    import json, pyarrow, sys\n    pyarrow.scalar(1)\n    import pandas\n"
    )
    command = [sys.executable, "-m", "waybill.sandbox.lean", "asking"]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, check=False)
    assert b"ModuleNotFoundError: pandas" in done.stderr

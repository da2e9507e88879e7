"""``waybill watch`` as a user meets it: started, killed, stopped and started again while logs are written, rotated."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from waybill.lake import Lake

LEAK = {"action": "copy", "channel": "usb", "actor": "li.na", "to_place": "usb-stick-4", "bytes": 5_242_880}
HARMLESS = {"action": "read", "channel": "file", "actor": "li.na", "asset": "/menu.txt"}


BURST = 51
"""Records written at a time; equal ones stay in one file, since equal records of two files are one transfer."""


def environment(data: Path) -> dict[str, str]:
    return {**os.environ, "LANG": "C.UTF-8", "COLUMNS": "120", "NO_COLOR": "1", "WAYBILL_DATA": str(data)}


def waybill(data: Path, *arguments: str | Path) -> tuple[int, str, str]:
    """Run the command as installed; return exit code, standard output and standard error."""
    command = [sys.executable, "-m", "waybill", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(data), check=False, timeout=120)
    return done.returncode, done.stdout, done.stderr


@contextmanager
def watch(data: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Run a watch that goes on until the end of the block, at which it is killed with its workers."""
    command = [sys.executable, "-m", "waybill", "watch", *map(str, arguments), "--every", "0.1", "--json"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(data),
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def append(path: Path, *records: dict[str, Any]) -> None:
    """Write records to the end of a log, as a writer does that flushes now and then: in the middle of a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(record) + "\n" for record in records).encode()
    with path.open("ab", buffering=0) as file:
        file.write(text[: len(text) // 2])
        file.write(text[len(text) // 2 :])


def record(number: int, **fields: Any) -> dict[str, Any]:
    """Return a harmless record; each second has three equal ones."""
    minute, second = divmod(number // 3, 60)
    return {**HARMLESS, "time": f"2026-03-02T{9 + minute // 60:02d}:{minute % 60:02d}:{second:02d}Z", **fields}


def wait_until(ready: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "waited for too long"
        time.sleep(0.05)


def stored(data: Path) -> int:
    """Return how many transfers there are."""
    with Lake.open(data / "lake").snapshot() as snapshot:
        return sum(table.num_rows for table in snapshot.scan(columns=["id"]))


def test_once_reads_detects_and_goes_on_next_time(tmp_path: Path) -> None:
    log, data = tmp_path / "logs" / "day.ndjson", tmp_path / "data"
    append(log, record(0), record(1, **LEAK, asset="/recipes/etch-7.csv"))
    code, out, err = waybill(data, "watch", log.parent, "--once")
    assert code == 0, err
    assert "removable media" in out and "day.ndjson:2" in out and "2 transfers read" in out
    assert "li.na" not in out + err
    append(log, record(2, **LEAK, asset="/recipes/etch-8.csv"))
    code, out, _ = waybill(data, "watch", log.parent, "--once", "--json")
    *found, end = events(out)
    assert {one["finding"]["source"]["position"] for one in found} == {3} and end["transfers"] == 1


def test_a_watch_tells_within_polls_stops_on_a_signal_and_is_alone(tmp_path: Path) -> None:
    log, data = tmp_path / "logs" / "day.ndjson", tmp_path / "data"
    append(log, record(0))
    with watch(data, log.parent) as process:
        wait_until((data / "watch" / "positions.sqlite3").exists)
        time.sleep(1)
        append(log, record(1, **LEAK, asset="/recipes/etch-7.csv"))
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "finding"
        code, _, err = waybill(data, "watch", log.parent, "--once")
        assert code == 4 and "another process watches" in err
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert events(out)[-1]["event"] == "end" and events(out)[-1]["transfers"] == 2


def test_mistakes_are_told(tmp_path: Path) -> None:
    code, _, err = waybill(tmp_path / "data", "watch", tmp_path / "nothing", "--once")
    assert code == 3 and "nothing" in err and "Traceback" not in err
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "away").symlink_to("/etc/hostname")
    code, out, _ = waybill(tmp_path / "data", "watch", tmp_path / "logs", "--once", "--json")
    assert code == 0 and events(out)[0]["event"] == "unreadable" and events(out)[0]["file"] == "away"


def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    write_rotate_and_kill(tmp_path, kills=2)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_many_kills_lose_nothing_and_double_nothing(tmp_path: Path, seed: int) -> None:
    write_rotate_and_kill(tmp_path, kills=15, seed=seed)


def write_rotate_and_kill(base: Path, *, kills: int, seed: int = 0) -> None:
    """Write a log, rotate it by renaming and packing, and kill the watch again and again; nothing may show of it."""
    chance = random.Random(seed)
    log, data = base / "logs" / "app.log", base / "data"
    number = 0
    for turn in range(kills):
        with watch(data, log.parent, "--workers", "1") as process:
            append(log, record(100_000 + turn, **LEAK, asset=f"/recipes/{turn}.csv"))
            assert process.stdout is not None and "finding" in process.stdout.readline(), "it works before it dies"
            until = time.monotonic() + chance.uniform(0.2, 1.5)
            while time.monotonic() < until:
                append(log, *(record(number + one) for one in range(BURST)))
                number += BURST
                if chance.random() < 0.2:
                    rotate(log, packed=chance.random() < 0.5)
                time.sleep(0.03)
    assert waybill(data, "watch", log.parent, "--once")[0] == 0
    assert stored(data) == number + kills


def rotate(log: Path, *, packed: bool) -> None:
    """Give a log another name, as log rotation does, and perhaps pack it."""
    target = log.with_name(f"{log.name}.{time.monotonic_ns()}")
    log.rename(target)
    if packed:
        target.with_name(target.name + ".gz").write_bytes(gzip.compress(target.read_bytes()))
        target.unlink()

"""Many at once: appenders in threads and processes, readers while commits, compactions and clean-ups go on."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.lake.samples import batch, ids

from waybill.lake import Lake
from waybill.model.errors import BusyError

APPENDER = """
import sys
from pathlib import Path
from tests.lake.samples import batch
from waybill.lake import Lake

lake = Lake.open(Path(sys.argv[1]))
print(*(lake.append(batch(10, seed)) for seed in range(int(sys.argv[2]), int(sys.argv[3]))))
"""


def found_in(lake: Lake) -> list[bytes]:
    with lake.snapshot() as snapshot:
        return [value for table in snapshot.scan(columns=["id"]) for value in table["id"].to_pylist()]


def test_threads_that_append_share_syncs_and_get_numbers_of_their_own(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda seed: lake.append(batch(10, seed)), range(64)))
    assert sorted(numbers) == list(range(1, 65))
    found = found_in(lake)
    assert set(found) == set().union(*(ids(batch(10, seed)) for seed in range(64)))
    assert len(found) == 640
    with lake.snapshot() as snapshot:
        for seed, number in enumerate(numbers):
            (table,) = snapshot.scan(columns=["id"], after=number - 1, until=number)
            assert set(table["id"].to_pylist()) == ids(batch(10, seed))


def test_many_open_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        lakes = list(pool.map(lambda _: Lake.open(tmp_path / "lake"), range(6)))
    for seed, lake in enumerate(lakes):
        assert lake.found == []
        assert lake.append(batch(5, seed)) == seed + 1
    assert lakes[0].commit().rows == 30


def test_processes_that_append_while_another_commits(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    command = [sys.executable, "-c", APPENDER, str(tmp_path / "lake")]
    appenders = [
        subprocess.Popen([*command, str(first), str(first + 40)], stdout=subprocess.PIPE, text=True)
        for first in (0, 100, 200)
    ]
    while any(appender.poll() is None for appender in appenders):
        lake.commit()
        time.sleep(0.01)
    numbers = [int(word) for appender in appenders for word in appender.communicate()[0].split()]
    assert [appender.returncode for appender in appenders] == [0, 0, 0]
    assert sorted(numbers) == list(range(1, 121)), "each number once, and in each process they rise"
    lake.commit()
    expected = [batch(10, seed) for first in (0, 100, 200) for seed in range(first, first + 40)]
    assert sorted(found_in(lake)) == sorted(value for table in expected for value in ids(table))
    assert lake.status().waiting_entries == 0
    assert lake.verify() == []


def test_readers_never_miss_or_double_a_row_while_everything_moves(tmp_path: Path) -> None:
    writer, reader = Lake.open(tmp_path / "lake"), Lake.open(tmp_path / "lake")
    appended = [0]
    stop = threading.Event()
    faults: list[str] = []

    def read() -> None:
        while not stop.is_set():
            at_least = appended[0]
            with reader.snapshot() as snapshot:
                question = "SELECT count(*) AS n, count(DISTINCT id) AS d, count(raw) AS r FROM transfers"
                counted = snapshot.query(question).to_pylist()[0]
                time.sleep(0.01)
                scanned = sum(table.num_rows for table in snapshot.scan(columns=["id", "raw"]))
                again = snapshot.query(question).to_pylist()[0]
            if not counted["n"] == counted["d"] == counted["r"] == scanned == again["n"]:
                faults.append(f"{counted} {scanned} {again}")
            if counted["n"] < at_least or counted["n"] % 30:
                faults.append(f"{counted} after {at_least} acknowledged")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in readers:
        thread.start()
    try:
        for seed in range(24):
            writer.append(batch(30, seed))
            appended[0] += 30
            if seed % 2:
                writer.commit()
            if seed % 6 == 5:
                writer.compact()
    finally:
        stop.set()
        for thread in readers:
            thread.join()
    assert faults == []
    writer.commit()
    assert writer.status().rows == 24 * 30
    assert writer.compact().files_before >= 0
    on_disk = list((tmp_path / "lake/transfers").glob("month=*/*.parquet"))
    assert len(on_disk) == writer.status().files, "what readers held back is removed once they are gone"


def test_a_snapshot_stays_what_it_was(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    for seed in range(3):
        lake.append(batch(30, seed))
        lake.commit()
    with lake.snapshot() as snapshot:
        before = list((tmp_path / "lake/transfers").glob("month=*/*.parquet"))
        lake.compact()
        lake.append(batch(30, 9))
        lake.commit()
        assert all(path.exists() for path in before)
        assert snapshot.query("SELECT count(*) AS n FROM transfers")["n"].to_pylist() == [90]
    lake.commit()
    assert not any(path.exists() for path in before)
    assert len(found_in(lake)) == 120


def test_a_transfer_that_left_the_table_is_no_longer_a_duplicate(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    lake.append(batch(30, 1))
    lake.commit()
    lake.append(batch(30, 1))
    with lake.snapshot() as snapshot:
        numbers = snapshot.query("SELECT DISTINCT sequence FROM transfers")["sequence"].to_pylist()
    assert numbers == [1]
    other = Lake.open(tmp_path / "lake")
    other._table.commit([], other._table.view().files)
    with lake.snapshot() as snapshot:
        numbers = snapshot.query("SELECT DISTINCT sequence FROM transfers")["sequence"].to_pylist()
    assert numbers == [2]


def test_the_log_is_trimmed_although_somebody_reads(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    lake.append(batch(30, 1))
    with lake.snapshot() as snapshot:
        lake.commit()
        assert list((tmp_path / "lake/wal").iterdir()) == []
        assert snapshot.query("SELECT count(*) AS n FROM transfers")["n"].to_pylist() == [30]


def test_erasing_waits_for_readers_and_says_so(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake", timeout=0.2)
    lake.append(batch(200, 1))
    with lake.snapshot(), pytest.raises(BusyError, match="readers") as caught:
        lake.erase(["p-00000001"])
    assert "erase again" in caught.value.advice
    lake.erase(["p-00000001"])
    assert not any(b"p-00000001" in path.read_bytes() for path in (tmp_path / "lake").rglob("*") if path.is_file())


def test_whoever_holds_the_table_is_waited_for_and_then_named(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake", timeout=0.1)
    lake.append(batch(5))
    with lake._writer.exclusive(1):
        with pytest.raises(BusyError) as caught:
            lake.commit()
        assert caught.value.where.endswith("writer.lock")
        assert lake.append(batch(5, 2)) == 2, "appending does not wait for the table"
        assert len(found_in(lake)) == 10, "nor does reading"
        assert Lake.open(tmp_path / "lake").found == [], "nor does opening"
    assert lake.commit().rows == 10

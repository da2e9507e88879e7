"""Bulk appends: what is kept in memory agrees with the log, and wide rows are neither leaked nor left unsorted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.lake.samples import batch, ids

from waybill.lake import Lake, kept
from waybill.lake.entry import HEADER_BYTES, Header, unpack
from waybill.lake.segment import entries, segments
from waybill.model.transfers import empty


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "lake")


def everything(lake: Lake) -> pa.Table:
    with lake.snapshot() as snapshot:
        return snapshot.query("SELECT * FROM transfers ORDER BY time, id")


def text_of_log(lake: Lake) -> bytes:
    found = [item for path in segments(lake.folder / "wal") for item in entries(path)]
    return b"".join(unpack(item[0].header, item[1]).to_pybytes() for item in found if isinstance(item, tuple))


def test_what_is_kept_is_committed_as_the_log_has_it_even_if_others_append_in_between(lake: Lake) -> None:
    other = Lake.open(lake.folder)
    for seed in range(6):
        (lake, other)[seed % 2].append(batch(700, seed))
    logged = everything(Lake.open(lake.folder))
    assert everything(lake).equals(logged)
    assert lake.commit().rows == 4_200
    assert everything(Lake.open(lake.folder)).equals(logged)


def test_what_is_kept_is_not_read_again(lake: Lake) -> None:
    lake.append(batch(700, 1))
    (path,) = segments(lake.folder / "wal")
    with path.open("r+b") as file:
        file.seek(HEADER_BYTES + 100)
        file.write(b"damaged")
    assert lake.commit().rows == 700
    assert set(everything(lake)["id"].to_pylist()) == ids(batch(700, 1))


def test_what_another_process_committed_or_erased_does_not_come_back_from_memory(lake: Lake) -> None:
    lake.append(batch(700, 1))
    other = Lake.open(lake.folder)
    assert other.commit().rows == 700
    gone = other.erase(["p-00000007"]).rows
    assert gone > 0
    assert lake.commit().rows == 0
    lake.append(batch(10, 2))
    assert lake.commit().rows == 10
    assert everything(lake).num_rows == 710 - gone


def test_what_does_not_fit_into_memory_is_read_from_the_log(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEPT_BYTES", 2 * batch(700).get_total_buffer_size())
    for seed in range(5):
        lake.append(batch(700, seed))
    lake.append(batch(5_000, 9))
    logged = everything(Lake.open(lake.folder))
    assert lake.commit().rows == 8_500
    assert everything(lake).equals(logged)


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    transfers = batch(50)
    monkeypatch.setattr(kept, "KEPT_BYTES", 2 * transfers.get_total_buffer_size() + 100)
    memory = kept.Kept()
    headers = [Header(1, number, number - 1, number, 50, 1, 0) for number in range(1, 5)]
    memory.add((header, transfers) for header in headers)
    assert list(memory.entries()) == headers[2:]
    memory.add([(headers[0], batch(400))])
    assert list(memory.entries()) == headers[2:]
    memory.forget(3)
    assert list(memory.entries()) == headers[3:]
    memory.forget()
    memory.add([(headers[0], empty())])
    assert list(memory.entries()) == headers[:1]


def test_rows_outside_a_slice_never_reach_the_disk(lake: Lake) -> None:
    numbered = pa.array([f"row-{number:05d}".encode() for number in range(4_000)])
    whole = batch(4_000, 1).set_column(batch(1).schema.get_field_index("raw"), batch(1).schema.field("raw"), numbered)
    lake.append(whole.slice(1_000, 2_000))
    log = text_of_log(lake)
    assert b"row-01000" in log
    assert b"row-02999" in log
    assert b"row-00999" not in log
    assert b"row-03000" not in log
    lake.commit()
    assert set(everything(lake)["raw"].to_pylist()) == {f"row-{number:05d}".encode() for number in range(1_000, 3_000)}


def test_unsorted_files_are_right_and_compaction_sorts_them(lake: Lake) -> None:
    lake.append(batch(5_000, 1, start=datetime(2026, 10, 20, tzinfo=UTC), days=5))
    lake.append(batch(5_000, 2, start=datetime(2026, 10, 10, tzinfo=UTC), days=5))
    lake.commit()
    (file,) = (lake.folder / "transfers").glob("month=*/*.parquet")
    assert "-unsorted-" in file.name
    times = pq.read_table(file, columns=["time"])["time"].to_pylist()
    assert max(times[:5_000]) < min(times[5_000:]), "entries are in order of their first moment"
    before = everything(lake)
    done = lake.compact()
    assert (done.files_before, done.files_after, done.rows) == (1, 1, 10_000)
    (file,) = (lake.folder / "transfers").glob("month=*/*.parquet")
    times = pq.read_table(file, columns=["time"])["time"].to_pylist()
    assert times == sorted(times)
    assert everything(lake).equals(before)
    assert lake.verify() == []
    assert lake.compact().files_before == 0


def test_compaction_sorts_every_month_that_needs_it(lake: Lake) -> None:
    for month in (9, 10, 11):
        lake.append(batch(3_000, month, start=datetime(2026, month, 2, tzinfo=UTC), days=20))
    lake.commit()
    assert lake.compact().files_before == 3
    assert not list((lake.folder / "transfers").rglob("*-unsorted-*"))


def test_entries_that_alternate_between_months_stay_whole(lake: Lake) -> None:
    for seed in range(3):
        lake.append(batch(3_000, seed, start=datetime(2026, 10, 20, tzinfo=UTC), days=60))
    before = everything(lake)
    lake.commit()
    assert everything(lake).equals(before)
    assert lake.status().files == 3
    assert not list((lake.folder / "transfers").rglob("*-unsorted-*"))

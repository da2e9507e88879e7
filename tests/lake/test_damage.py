"""Bytes that change on disk: found, named, kept aside, and nothing else lost."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.lake.samples import batch, ids

from waybill.lake import Damage, Lake
from waybill.lake.entry import HEADER_BYTES
from waybill.model.errors import DamagedError, WaybillError


def stored(lake: Lake) -> set[bytes]:
    with lake.snapshot() as snapshot:
        found = [value for table in snapshot.scan(columns=["id"]) for value in table["id"].to_pylist()]
    assert len(found) == len(set(found))
    return set(found)


def offsets(segment: Path) -> list[int]:
    """Return where entries begin, judged by the magic bytes."""
    content, found, at = segment.read_bytes(), [], -1
    while (at := content.find(b"WBL1", at + 1)) >= 0:
        found.append(at)
    return found


def flip(path: Path, offset: int, mask: int = 1) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= mask
    path.write_bytes(content)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake.open(tmp_path / "lake")
    for seed in range(4):
        lake.append(batch(20, seed))
    return lake


@pytest.fixture
def segment(lake: Lake) -> Path:
    (path,) = (lake.folder / "wal").glob("*.wal")
    return path


@pytest.mark.parametrize("left", [1, 3, 5, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 100])
def test_a_write_that_was_cut_off_is_removed_and_said(lake: Lake, segment: Path, left: int) -> None:
    whole = segment.read_bytes()
    last = offsets(segment)[-1]
    segment.write_bytes(whole[: last + left])
    again = Lake.open(lake.folder)
    assert [(fault.file, fault.offset) for fault in again.found] == [(segment, last)]
    assert "never acknowledged" in again.found[0].what
    assert segment.stat().st_size == last
    assert stored(again) == set().union(*(ids(batch(20, seed)) for seed in range(3)))
    assert again.append(batch(20, 9)) > 4, "a number that may have been seen is not given again"
    assert Lake.open(lake.folder).found == []


def test_zeros_where_a_write_did_not_arrive_are_removed(lake: Lake, segment: Path) -> None:
    with segment.open("ab") as file:
        file.write(bytes(5000))
    again = Lake.open(lake.folder)
    assert len(again.found) == 1
    assert again.status().waiting_entries == 4
    assert again.status().damaged == 0


@pytest.mark.parametrize("entry", [0, 1, 3])
@pytest.mark.parametrize("inside", [2, 10, HEADER_BYTES + 30])
def test_a_damaged_entry_costs_itself_only(lake: Lake, segment: Path, entry: int, inside: int) -> None:
    starts = [*offsets(segment), segment.stat().st_size]
    original = segment.read_bytes()[starts[entry] : starts[entry + 1]]
    flip(segment, starts[entry] + inside)
    again = Lake.open(lake.folder)
    remaining = set().union(*(ids(batch(20, seed)) for seed in range(4) if seed != entry))
    assert stored(again) == remaining
    faults = again.verify()
    assert any(fault.file == segment and fault.offset == starts[entry] for fault in faults)
    (kept,) = (lake.folder / "damaged").iterdir()
    assert sum(a != b for a, b in zip(kept.read_bytes(), original, strict=True)) == 1
    assert again.commit().rows == 60
    assert stored(again) == remaining
    assert any(fault.file == kept for fault in again.verify())
    assert again.status().damaged == 1
    assert again.append(batch(20, 7)) > 4
    assert again.commit().rows == 20


def test_damage_among_entries_the_table_holds_brings_none_of_them_back(lake: Lake, segment: Path) -> None:
    content = segment.read_bytes()
    lake.commit()
    lake.retain(datetime(2027, 1, 1, tzinfo=UTC))
    segment.write_bytes(content)
    flip(segment, offsets(segment)[1] + 10)
    again = Lake.open(lake.folder)
    assert again.append(batch(20, 9)) == 5
    assert again.status().waiting_entries == 1
    assert stored(again) == ids(batch(20, 9))
    assert again.commit().rows == 20


def test_an_entry_whose_payload_is_damaged_is_named_by_number(lake: Lake, segment: Path) -> None:
    flip(segment, offsets(segment)[2] + HEADER_BYTES + 5)
    assert any("log entry 3 (20 transfers)" in fault.what for fault in lake.verify())


def test_a_missing_segment_is_noticed(lake: Lake, segment: Path) -> None:
    content, starts = segment.read_bytes(), offsets(segment)
    segment.write_bytes(content[: starts[1]] + content[starts[2] :])
    assert any("between 1 and 3 are missing" in fault.what for fault in Lake.open(lake.folder).verify())


def test_a_damaged_table_log_stops_commits_but_not_appends(lake: Lake) -> None:
    lake.commit()
    entry = sorted((lake.folder / "transfers/_delta_log").glob("*.json"))[-1]
    flip(entry, 200)
    again = Lake.open(lake.folder)
    assert any(fault.file == entry for fault in again.found)
    again.append(batch(20, 8))
    for refused in (again.commit, again.snapshot, again.compact):
        with pytest.raises(DamagedError) as caught:
            refused()
        assert caught.value.where == str(entry)
        assert caught.value.advice
    flip(entry, 200)
    assert again.commit().rows == 20


@pytest.mark.parametrize("left", ["whole", "empty entry", "half entry", "short file", "no file", "leftovers"])
def test_a_version_the_power_failure_cut_off_is_done_again(lake: Lake, left: str) -> None:
    """The folder as it is when the commit was not yet recorded as durable and the log not yet trimmed."""
    before = lake.folder.with_name("before")
    shutil.copytree(lake.folder, before)
    expected = stored(lake)
    lake.commit()
    log = lake.folder / "transfers/_delta_log"
    entry = log / f"{1:020d}.json"
    (file,) = (lake.folder / "transfers").glob("month=*/*.parquet")
    if left == "empty entry":
        entry.write_bytes(b"")
    elif left == "half entry":
        entry.write_bytes(entry.read_bytes()[:300])
    elif left == "short file":
        file.write_bytes(file.read_bytes()[:-100])
    elif left == "no file":
        file.unlink()
    elif left == "leftovers":
        entry.rename(log / f"{1:020d}.json#1")
        (log / "_last_checkpoint").write_bytes(b"")
        (log / f"{1:020d}.checkpoint.parquet").write_bytes(b"PAR1")
        file.rename(file.with_name("." + file.name + ".77.tmp"))
    shutil.copy(before / "durable.json", lake.folder / "durable.json")
    shutil.copytree(before / "wal", lake.folder / "wal", dirs_exist_ok=True)
    again = Lake.open(lake.folder)
    assert again.found
    assert stored(again) == expected
    assert again.commit().rows == (0 if left == "whole" else 80)
    assert stored(again) == expected
    assert again.verify() == []
    assert len(list(file.parent.iterdir())) == 1


def test_a_damaged_file_of_the_table_is_named(lake: Lake) -> None:
    lake.commit()
    (file,) = (lake.folder / "transfers").rglob("*.parquet")
    flip(file, file.stat().st_size // 2)
    assert [fault.file for fault in lake.verify()] == [file]
    file.write_bytes(file.read_bytes()[:-1])
    assert [(fault.file, fault.offset) for fault in lake.verify()] == [(file, file.stat().st_size)]
    file.unlink()
    assert "missing" in lake.verify()[0].what


def test_a_lost_record_of_what_is_durable_is_made_anew_after_a_check(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    from waybill.lake import table

    monkeypatch.setattr(table, "CHECKPOINT_EVERY", 1)
    for seed in range(3):
        lake.append(batch(20, 20 + seed))
        lake.commit()
    before = stored(lake)
    (lake.folder / "durable.json").unlink()
    again = Lake.open(lake.folder)
    assert stored(again) == before
    assert "made anew" in again.found[0].what
    assert again.append(batch(1, 50)) == 8
    assert again.commit().rows == 1
    (lake.folder / "durable.json").unlink()
    file = sorted((lake.folder / "transfers").rglob("*.parquet"))[-1]
    flip(next(path for path in (lake.folder / "transfers").glob("month=*/*.parquet")), 30)
    with pytest.raises(DamagedError):
        Lake.open(lake.folder).commit()
    assert file.exists()


def test_a_folder_of_a_newer_version_is_left_alone(lake: Lake) -> None:
    from waybill.lake import manifest

    manifest.store(lake.folder, manifest.Manifest(format=99))
    with pytest.raises(DamagedError, match="newer version"):
        lake.commit()


@pytest.fixture(scope="module")
def busy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with everything in it: several versions, a summary of the log, two segments, several files."""
    from waybill.lake import table

    folder = tmp_path_factory.mktemp("busy") / "lake"
    lake = Lake.open(folder)
    usual, table.CHECKPOINT_EVERY = table.CHECKPOINT_EVERY, 2
    for seed in range(4):
        lake.append(batch(15, seed))
        lake.commit()
    table.CHECKPOINT_EVERY = usual
    for seed in range(4, 7):
        lake.append(batch(15, seed))
    lake._wal.roll()
    lake.append(batch(15, 9))
    assert lake.verify() == []
    return folder


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_is_found(busy_folder: Path, tmp_path: Path, data: st.DataObject) -> None:
    copy = tmp_path / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(busy_folder, copy)
    files = sorted(path for path in copy.rglob("*") if path.is_file() and path.stat().st_size)
    path = data.draw(st.sampled_from(files), "file")
    flip(path, data.draw(st.integers(0, path.stat().st_size - 1), "offset"), data.draw(st.integers(1, 255), "mask"))
    assert path in {fault.file for fault in _found(copy)}


def _found(folder: Path) -> list[Damage]:
    """Return what is said when the folder is opened and verified."""
    try:
        lake = Lake.open(folder)
        return [*lake.found, *lake.verify()]
    except WaybillError as error:
        return [Damage(Path(error.where), None, error.what, error.advice)]

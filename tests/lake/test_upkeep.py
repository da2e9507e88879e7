"""Compaction, retention and erasure: what stays, what goes, and that it is gone from the bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.lake.samples import batch

from waybill.lake import Engine, Lake, table
from waybill.lake.entry import unpack
from waybill.lake.segment import entries, segments
from waybill.model.errors import StorageError, UsageError

ERASED = "p-00000007"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "lake")


def everything(lake: Lake) -> list[dict[str, object]]:
    with lake.snapshot() as snapshot:
        rows: list[dict[str, object]] = snapshot.query("SELECT * FROM transfers ORDER BY id").to_pylist()
    return rows


def text_of(folder: Path) -> bytes:
    """Return all bytes of a data folder, raw and unpacked."""
    found: list[bytes] = []
    for path in folder.rglob("*"):
        if path.is_file():
            found += [str(path).encode(), path.read_bytes()]
        if path.suffix == ".parquet":
            found.append(repr(pq.read_table(path).to_pydict()).encode())
            found += [repr(column.dictionary).encode() for column in _dictionaries(path)]
    for path in segments(folder / "wal"):
        for item in entries(path):
            assert isinstance(item, tuple)
            located, payload = item
            found.append(unpack(located.header, payload).to_pybytes())
    return b"\n".join(found)


def _dictionaries(path: Path) -> list[pa.DictionaryArray]:
    names = [field.name for field in pq.read_schema(path) if field.type == pa.string()]
    columns = pq.read_table(path, columns=names, read_dictionary=names).columns
    return [chunk for column in columns for chunk in column.chunks]


def test_small_files_become_one_sorted_file_with_the_same_rows(lake: Lake) -> None:
    for seed in range(5):
        lake.append(batch(100, seed))
        lake.commit()
    before = everything(lake)
    done = lake.compact()
    assert (done.files_before, done.files_after, done.rows) == (5, 1, 500)
    assert everything(lake) == before
    (file,) = (lake.folder / "transfers").glob("month=*/*.parquet")
    times = pq.read_table(file, columns=["time"])["time"].to_pylist()
    assert times == sorted(times)
    again = lake.compact()
    assert (again.files_before, again.files_after, again.rows) == (0, 0, 0)


def test_months_are_compacted_apart(lake: Lake) -> None:
    for seed in range(3):
        lake.append(batch(300, seed, start=datetime(2026, 10, 15, tzinfo=UTC), days=45))
        lake.commit()
    assert lake.compact().files_after == lake.status().files == lake.status().months == 2


def test_a_compaction_larger_than_its_memory_spills_and_cleans_up(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake", engine=Engine(tmp_path / "lake/scratch", threads=1, memory="120MB"))
    for seed in range(4):
        lake.append(batch(50_000, seed))
        lake.commit()
    assert lake.compact().rows == 200_000
    assert [path for path in (tmp_path / "lake/scratch").rglob("*") if path.is_file()] == []


def test_a_compaction_without_enough_memory_changes_nothing_and_says_so(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    for seed in range(2):
        lake.append(batch(50_000, seed))
        lake.commit()
    poor = Lake.open(tmp_path / "lake", engine=Engine(tmp_path / "lake/scratch", threads=1, memory="10MB"))
    with pytest.raises(StorageError, match="memory"):
        poor.compact()
    assert lake.status().files == 2
    assert lake.verify() == []


def test_the_table_s_log_is_summarised_and_stays_short(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "CHECKPOINT_EVERY", 4)
    for seed in range(14):
        lake.append(batch(10, seed))
        lake.commit()
    names = [path.name for path in (lake.folder / "transfers/_delta_log").iterdir()]
    assert len(names) <= 6
    assert sum(name.endswith(".checkpoint.parquet") for name in names) == 1
    assert len(everything(lake)) == 140
    assert lake.verify() == []
    assert Lake.open(lake.folder).append(batch(1, 99)) == 15


def test_retention_removes_what_is_older_and_nothing_else(lake: Lake) -> None:
    cut = datetime(2026, 11, 10, 12, tzinfo=UTC)
    lake.append(batch(500, 1, start=datetime(2026, 9, 20, tzinfo=UTC), days=90))
    lake.commit()
    lake.append(batch(200, 2, start=datetime(2026, 11, 1, tzinfo=UTC)))
    before = everything(lake)
    done = lake.retain(cut)
    kept = everything(lake)
    assert kept == [row for row in before if row["time"] >= cut]  # type: ignore[operator]
    assert done.rows == len(before) - len(kept) > 0
    assert not (list((lake.folder / "transfers").glob("month=2026-10/*.parquet")))
    assert lake.retain(cut).rows == 0
    assert lake.verify() == []


def test_erasing_removes_every_byte_of_a_person(lake: Lake) -> None:
    lake.append(batch(300, 1))
    lake.commit()
    lake.append(batch(300, 2, start=datetime(2026, 10, 25, tzinfo=UTC)))
    lake.commit()
    lake.append(batch(300, 3))
    person = pa.array([ERASED + "\x1fp-00000999"] + [None] * 19)
    shared = batch(20, 4).set_column(batch(1).schema.get_field_index("to_party"), "to_party", person)
    lake.append(shared)
    before = everything(lake)
    assert ERASED.encode() in text_of(lake.folder)
    done = lake.erase([ERASED])
    expected = [row for row in before if row["actor"] != ERASED and ERASED not in str(row["to_party"])]
    assert everything(lake) == expected
    assert done.rows == len(before) - len(expected) > 10
    assert ERASED.encode() not in text_of(lake.folder)
    assert b"p-00000999" not in text_of(lake.folder)
    assert lake.verify() == []
    assert everything(Lake.open(lake.folder)) == expected


def test_a_pseudonym_is_found_beside_its_domain_and_cut_out_of_the_records_of_others(lake: Lake) -> None:
    def put(table: pa.Table, name: str, value: pa.Array) -> pa.Table:
        index = table.schema.get_field_index(name)
        return table.set_column(index, table.schema.field(index), value.cast(table.schema.field(index).type))

    whom = "p-abcdefghij234567"
    actors = [f"{whom}@plant.example", f"PLANT\\{whom}", whom, "p-zzzzzzzzzzzzzzzz", "p-zzzzzzzzzzzzzzzz"]
    table = put(batch(5, 1), "actor", pa.array(actors))
    table = put(table, "asset", pa.array(["a", "b", "c", f"/home/{whom}/plan.dwg", "/srv/other.dwg"]))
    fields = [[("k", "v")], [("k", None)], None, [("cc", f"x\x1f{whom}@plant.example"), ("k", "v")], [("k", "v")]]
    table = put(table, "fields", pa.array(fields, table.schema.field("fields").type))
    raw = [b"1", b"2", b"3", b'{"cc":"%s","n":"\xc3\xa4"}' % whom.encode(), b"\xff" + whom.encode()]
    lake.append(put(table, "raw", pa.array(raw)))
    done = lake.erase([whom])
    assert (done.rows, done.mentions) == (3, 2)
    first, second = sorted(everything(lake), key=lambda row: str(row["asset"]))
    assert (first["asset"], first["raw"]) == ("/home/erased/plan.dwg", '{"cc":"erased","n":"ä"}'.encode())
    assert first["fields"] == [("cc", "x\x1ferased@plant.example"), ("k", "v")]
    assert (second["asset"], second["raw"]) == ("/srv/other.dwg", None)
    assert whom.encode() not in text_of(lake.folder)


def test_the_name_of_a_service_is_erased_only_where_it_stands_alone(lake: Lake) -> None:
    index = batch(1).schema.get_field_index("actor")
    lake.append(batch(2, 1).set_column(index, "actor", pa.array(["backup", "backup-2"])))
    assert lake.erase(["backup"]).rows == 1
    assert [row["actor"] for row in everything(lake)] == ["backup-2"]


def test_a_name_of_one_month_does_not_stay_behind_in_the_file_of_another(lake: Lake) -> None:
    october = batch(30, 1, start=datetime(2026, 10, 1, tzinfo=UTC), days=5)
    named = october.set_column(october.schema.get_field_index("actor"), "actor", pa.array(["p-only-october"] * 30))
    lake.append(pa.concat_tables([named.cast(october.schema), batch(30, 2)]))
    lake.commit()
    assert lake.status().files == 2
    lake.erase(["p-only-october"])
    assert b"p-only-october" not in text_of(lake.folder)


def test_erasing_by_id_and_by_recipient(lake: Lake) -> None:
    lake.append(batch(100, 1))
    before = everything(lake)
    chosen, recipient = before[0]["id"], before[1]["to_party"]
    assert isinstance(chosen, bytes)
    lake.erase([chosen.hex(), str(recipient)])
    assert everything(lake) == [row for row in before if row["id"] != chosen and row["to_party"] != recipient]
    assert chosen not in text_of(lake.folder)
    assert str(recipient).encode() not in text_of(lake.folder)


def test_erasing_whom_nobody_knows_changes_nothing(lake: Lake) -> None:
    lake.append(batch(100, 1))
    before = everything(lake)
    done = lake.erase(["p-ffffffff"])
    assert (done.rows, done.files) == (0, 0)
    assert everything(lake) == before


@pytest.mark.parametrize("values", ["p-00000001", [""], []])
def test_erasing_asks_for_whom(lake: Lake, values: object) -> None:
    with pytest.raises(UsageError):
        lake.erase(values)  # type: ignore[arg-type]


def test_erasing_removes_damaged_bytes_because_they_might_be_anybody_s(lake: Lake) -> None:
    lake.append(batch(20, 1))
    lake.append(batch(20, 2))
    (segment,) = (lake.folder / "wal").iterdir()
    content = bytearray(segment.read_bytes())
    content[100] ^= 1
    segment.write_bytes(content)
    again = Lake.open(lake.folder)
    assert again.status().damaged == 1
    assert again.erase(["p-00000001"]).damaged == 1
    assert again.status().damaged == 0


def test_status_tells_what_waits(lake: Lake) -> None:
    empty = lake.status()
    assert (empty.rows, empty.waiting_entries, empty.oldest_waiting, empty.first_time) == (0, 0, None, None)
    lake.append(batch(10, 1))
    lake.commit()
    lake.append(batch(10, 2))
    lake.append(batch(5, 3))
    status = lake.status()
    assert (status.rows, status.files, status.small_files, status.months) == (10, 1, 1, 1)
    assert (status.sequence, status.last_sequence) == (1, 3)
    assert (status.waiting_entries, status.waiting_rows) == (2, 15)
    assert status.waiting_bytes == sum(path.stat().st_size for path in (lake.folder / "wal").iterdir())
    assert status.oldest_waiting is not None
    assert status.bytes == sum(path.stat().st_size for path in (lake.folder / "transfers").glob("month=*/*"))

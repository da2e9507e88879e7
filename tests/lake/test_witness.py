"""A data folder made by the first version opens, answers and grows in this one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.lake.make_witness import transfers
from tests.lake.samples import batch, ids

from waybill.lake import Lake

WITNESS = Path(__file__).parent / "data/v1"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    shutil.copytree(WITNESS, tmp_path / "lake")
    return Lake.open(tmp_path / "lake")


def test_it_opens_without_a_word_and_is_whole(lake: Lake) -> None:
    assert lake.found == []
    assert lake.verify() == []


def test_it_answers(lake: Lake) -> None:
    with lake.snapshot() as snapshot:
        assert snapshot.sequence == 4
        rows = snapshot.query("SELECT id, actor, fields, raw FROM transfers ORDER BY id").to_pylist()
    expected = [row for seed in (1, 2, 3) for row in transfers(15, seed).to_pylist()]
    expected.sort(key=lambda row: row["id"])
    assert [tuple(row.values()) for row in rows] == [
        tuple(row[name] for name in ("id", "actor", "fields", "raw")) for row in expected
    ]


def test_it_grows(lake: Lake) -> None:
    assert lake.append(batch(10, 77)) == 5
    done = lake.commit()
    assert (done.rows, done.duplicates) == (25, 15)
    assert lake.compact().files_before > 0
    with lake.snapshot() as snapshot:
        found = {value for table in snapshot.scan(columns=["id"]) for value in table["id"].to_pylist()}
    assert found == ids(batch(10, 77)).union(*(ids(transfers(15, seed)) for seed in (1, 2, 3)))

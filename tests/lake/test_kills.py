"""Killed at random, again and again, while it appends, commits, compacts and retains: nothing lost, nothing doubled."""

from __future__ import annotations

import multiprocessing
import random
import time
from pathlib import Path

import pytest
from tests.lake.killed import CUT, ROWS, work
from tests.lake.samples import batch

from waybill.lake import Lake


def _kill_often(folder: Path, kills: int) -> None:
    chance = random.Random(1)
    said = folder / "said"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.lake.killed"])
    for number in range(kills):
        here, there = context.Pipe()
        worker = context.Process(target=work, args=(folder, number * 10_000, there))
        worker.start()
        assert here.recv()
        time.sleep(chance.uniform(0.01, 0.4))
        worker.kill()
        worker.join()
    lake = Lake.open(folder / "lake")
    lake.commit()
    lake.retain(CUT)
    with lake.snapshot() as snapshot:
        found = [value for table in snapshot.scan(columns=["id"]) for value in table["id"].to_pylist()]
    expected = {
        row["id"]
        for seed in map(int, said.read_text().split())
        for row in batch(ROWS, seed).select(["id", "time"]).to_pylist()
        if row["time"] >= CUT
    }
    assert len(found) == len(set(found)), "a transfer is there twice"
    assert expected, "the workers did nothing"
    assert expected <= set(found), "acknowledged transfers are lost"
    assert lake.verify() == []
    files = list((folder / "lake/transfers").glob("month=*/*.parquet"))
    assert len(files) == lake.status().files, "files of killed writers remain"


def test_twenty_kills(tmp_path: Path) -> None:
    _kill_often(tmp_path, 20)


@pytest.mark.soak
def test_two_hundred_kills(tmp_path: Path) -> None:
    _kill_often(tmp_path, 200)

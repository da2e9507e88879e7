"""Killed at random, again and again, while it appends and signs: nothing lost, and one root for each size."""

from __future__ import annotations

import multiprocessing
import random
import time
from pathlib import Path

import pytest
from tests.ledger.killed import work
from tests.ledger.making import entries, open_log, policy_of, size_of

from waybill.ledger import FolderSource, merkle, verify
from waybill.ledger.encoding import from_base64


def _kill_often(folder: Path, kills: int) -> None:
    chance = random.Random(1)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ledger.killed"])
    for number in range(kills):
        here, there = context.Pipe()
        worker = context.Process(target=work, args=(folder, number, there))
        worker.start()
        assert here.recv()
        time.sleep(chance.uniform(0.0, 0.2))
        worker.kill()
        worker.join()
        _check(folder, last=number == kills - 1)


def _check(folder: Path, *, last: bool) -> None:
    said = [line.split() for line in (folder / "said").read_text().splitlines()] if (folder / "said").exists() else []
    added = max((int(words[1]) for words in said if words[0] == "added"), default=0)
    signed = {int(words[1]): from_base64(words[2]) for words in said if words[0] == "signed"}
    with open_log(folder / "log") as log:
        assert log.size >= added, "acknowledged entries are lost"
        assert size_of(log.signed) >= max(signed, default=0), "a smaller size than was signed"
        found = verify(FolderSource(folder / "log"), policy_of(folder / "log"), processes=1)
        assert found.sound, found.faults
        if last:
            assert added > 1000, "the workers did nothing"
            assert list(log.entries()) == entries(0, log.size)
            node = log._state.nodes.node
            assert all(merkle.tree_root(node, size) == root for size, root in signed.items()), "two roots for a size"
            log.checkpoint()
            assert len(list((folder / "log/tile").rglob("*.p"))) <= 4, "partial tiles pile up"
            assert list((folder / "log/tile").rglob("*.tmp")) == []


def test_twenty_kills(tmp_path: Path) -> None:
    _kill_often(tmp_path, 20)


@pytest.mark.soak
def test_two_hundred_kills(tmp_path: Path) -> None:
    _kill_often(tmp_path, 200)

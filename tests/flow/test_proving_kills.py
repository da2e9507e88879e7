"""Killed at random over the whole path: each row that was stored has exactly one leaf, and the log verifies."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.flow.killed import work
from tests.lake.disk import trace

from waybill.control import close_database
from waybill.flow.installation import Installation
from waybill.ledger import verify


def _kill_often(root: Path, kills: int) -> None:
    chance = random.Random(1)
    Installation.open(root / "data", create=True)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.flow.killed", "waybill.lake", "django", "django.db.models"])
    for number in range(kills):
        here, there = context.Pipe()
        worker = context.Process(target=work, args=(root, number, there))
        worker.start()
        there.close()
        assert here.recv()
        time.sleep(chance.uniform(0.0, 0.4))
        worker.kill()
        worker.join()
    _check(root)


def _check(root: Path) -> None:
    installation = Installation.open(root / "data")
    from waybill.findings.models import Finding, FindingHistory
    from waybill.flow.proof.comparing import compare
    from waybill.flow.proof.sequencing import sequence
    from waybill.outbox import batches
    from waybill.outbox.models import Row

    done = sequence(installation)
    ledger = installation.ledger
    found = verify(ledger.source(ledger.origin), ledger.policy(), processes=1)
    assert found.sound, found.faults
    compared = compare(installation)
    assert (compared.faults, compared.waiting, compared.records) == ([], 0, done.size)
    rows = Row.objects.all()
    assert sorted(row.index for row in rows if row.index is not None) == list(range(done.size)), "a leaf for each row"
    of_kind = {kind: Counter(row.reference for row in rows if row.kind == kind) for kind in ("finding", "decision")}
    assert of_kind["finding"] == Counter(Finding.objects.values_list("pk", flat=True))
    assert of_kind["decision"] == Counter(FindingHistory.objects.values_list("finding_id", flat=True))
    said = [line.split() for line in (root / "said").read_text().splitlines()]
    told = [words[1] for words in said if words[0] == "finding"]
    assert len(told) > 20 and set(told) <= of_kind["finding"].keys(), "what was told is there"
    with installation.lake.snapshot() as snapshot:
        transfers = snapshot.query("SELECT count(*) AS n FROM transfers")["n"][0].as_py()
    assert sum(batches.batch_of(row).transfers for row in rows if row.kind == "batch") == transfers
    assert transfers >= said.count(["transfer"])


def test_twenty_kills(tmp_path: Path) -> None:
    _kill_often(tmp_path, 20)


@pytest.mark.soak
def test_two_hundred_kills(tmp_path: Path) -> None:
    _kill_often(tmp_path, 200)


PROGRAM = """
import os, sys
said = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
os.dup2(said, 1)
sys.argv = ["waybill", "findings", "set", "in_progress", sys.argv[3], "--reason", "r", "--data", sys.argv[2]]
from waybill.cli import main
try:
    main()
except SystemExit:
    pass
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_an_answer_comes_after_the_commit_and_before_the_ledger(tmp_path: Path) -> None:
    """Row and record are on disk when the answer is given; entries before they are noted, and then the checkpoint."""
    installation = Installation.open(tmp_path / "data", create=True)
    from tests.findings.samples import finding

    from waybill.findings.store import DatabaseFindingStore

    DatabaseFindingStore().commit("d", [finding()], {}, 1)
    close_database()
    calls = trace(PROGRAM, [str(tmp_path / "said"), str(tmp_path / "data"), finding().id], tmp_path / "calls")
    wal, log = Path(f"{installation.folder.database}-wal"), installation.ledger.log

    def when(name: str, path: Path, holding: bytes = b"") -> list[int]:
        return [at for at, one in enumerate(calls) if one.name == name and path in one.paths and holding in one.data]

    (answer,) = when("write", tmp_path / "said", b"in_progress")
    recorded = when("pwrite64", wal, b'"after":"in_progress"')[0]
    journal = when("pwrite64", log / "state" / "journal" / f"{0:020d}.journal")
    assert recorded < min(at for at in when("fdatasync", wal) if at > recorded) < answer < min(journal)
    entries = min(at for at in when("fdatasync", log / "state" / "journal" / f"{0:020d}.journal") if at > max(journal))
    noted = [at for at in when("pwrite64", wal, installation.ledger.origin.encode()) if at > entries]
    shown = [at for at, one in enumerate(calls) if one.name == "rename" and log / "checkpoint" in one.paths]
    assert entries < min(noted) < max(shown)

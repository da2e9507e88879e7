"""A log that another implementation made: every file of it reproduced bit for bit, every signature accepted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from waybill.ledger import Checkpoint, FolderSource, Log, Note, Policy, SigningKey, VerifierKey, merkle, verify
from waybill.ledger.policy import Peer

CORPORA = os.environ.get("WAYBILL_CORPORA", "")
FOLDER = Path(CORPORA) / "ledger/tessera/testdata/log"
KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
SIZE = 15

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(not CORPORA, reason="WAYBILL_CORPORA is not set"),
]


def entries() -> list[bytes]:
    return FolderSource(FOLDER).bundle(0, SIZE)


def checkpoint(size: int) -> Note:
    return Note.parse((FOLDER / f"checkpoint.{size}").read_bytes())


def test_every_file_is_reproduced_bit_for_bit(tmp_path: Path) -> None:
    signer = SigningKey.generate("example.com/log/testdata")
    with Log.open(tmp_path / "log", "example.com/log/testdata", signer, interval=0) as log:
        assert log.signed.text == checkpoint(0).text
        for index, entry in enumerate(entries()):
            log.append([entry])
            assert log.checkpoint().text == checkpoint(index + 1).text
    theirs = {path.relative_to(FOLDER): path.read_bytes() for path in (FOLDER / "tile").rglob("*") if path.is_file()}
    ours = {
        path.relative_to(tmp_path / "log"): path.read_bytes()
        for path in (tmp_path / "log" / "tile").rglob("*")
        if path.is_file()
    }
    assert len(theirs) == 2 * SIZE
    assert ours == theirs


def test_every_signature_is_accepted() -> None:
    policy = Policy(logs=[Peer(VerifierKey.parse(KEY))])
    for size in range(SIZE + 1):
        assert policy.check(checkpoint(size)).checkpoint.size == size


def test_every_proof_leads_to_their_roots(tmp_path: Path) -> None:
    signer = SigningKey.generate("example.com/log")
    with Log.open(tmp_path / "log", "example.com/log", signer) as log:
        log.append(entries())
        roots = [Checkpoint.parse(checkpoint(size).text).root for size in range(SIZE + 1)]
        node = log._state.nodes.node
        for size in range(1, SIZE + 1):
            for index in range(size):
                path = merkle.inclusion_path(node, index, size)
                merkle.verify_inclusion(merkle.leaf_hash(entries()[index]), index, size, path, roots[size])
            for old in range(1, size + 1):
                merkle.verify_consistency(old, size, log.consistency(old, size), roots[old], roots[size])


def test_their_log_verifies_from_its_files() -> None:
    found = verify(FolderSource(FOLDER), Policy(logs=[Peer(VerifierKey.parse(KEY))]))
    assert found.sound, found.faults
    assert found.checkpoint is not None
    assert found.checkpoint.size == SIZE

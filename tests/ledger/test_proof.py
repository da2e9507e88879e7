"""Proofs as text: self-contained, and refused when anything in them is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ledger.making import entries, make_log, open_log, policy_of

from waybill.ledger import FolderSource, Proof, ProofError
from waybill.ledger.offline import prove
from waybill.model.errors import InputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("log")
    make_log(made, 700)
    return made


def test_a_proof_is_read_as_it_was_written(folder: Path) -> None:
    with open_log(folder) as log:
        for extra in (b"", b"anything"):
            proof = log.prove(300, extra=extra)
            assert Proof.parse(str(proof).encode()) == proof
    assert str(proof).startswith("c2sp.org/tlog-proof@v1\nextra YW55dGhpbmc=\nindex 300\n")


@pytest.mark.parametrize("index", [0, 255, 256, 511, 512, 699])
def test_a_proof_made_from_files_is_the_one_the_log_makes(folder: Path, index: int) -> None:
    with open_log(folder) as log:
        expected = log.prove(index)
    assert prove(FolderSource(folder), index) == expected
    assert expected.verify(entries(index, index + 1)[0], policy_of(folder)).checkpoint.size == 700


def test_a_proof_of_the_only_entry_has_no_path(tmp_path: Path) -> None:
    make_log(tmp_path, 1)
    text = str(prove(FolderSource(tmp_path), 0))
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 0\n\n")
    Proof.parse(text.encode()).verify(entries(0, 1)[0], policy_of(tmp_path))


def test_there_is_no_proof_of_what_is_not_there(folder: Path) -> None:
    for index in (-1, 700):
        with pytest.raises(InputError):
            prove(FolderSource(folder), index)


def test_a_proof_with_anything_changed_is_refused(folder: Path) -> None:
    content = str(prove(FolderSource(folder), 300)).encode()
    entry, policy = entries(300, 301)[0], policy_of(folder)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1
        with pytest.raises(ProofError):
            Proof.parse(bytes(changed)).verify(entry, policy)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "c2sp.org/tlog-proof@v2\nindex 0",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\nextra AA==",
        "c2sp.org/tlog-proof@v1\nindex 00",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA",
        "c2sp.org/tlog-proof@v1\nindex 0\nextra AA==",
    ],
)
def test_what_is_no_proof_is_refused(folder: Path, head: str) -> None:
    note = str(prove(FolderSource(folder), 300)).partition("\n\n")[2]
    with pytest.raises(ProofError):
        Proof.parse(f"{head}\n\n{note}".encode())

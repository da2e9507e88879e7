"""COSE receipts: what SCITT tools read says the same as our own proofs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ledger.making import KEY, ORIGIN, entries, make_log

from waybill.ledger import FolderSource, ProofError, SigningKey
from waybill.ledger.offline import prove
from waybill.model.errors import UsageError

pytest.importorskip("scitt_cose", reason="the extra `receipts` is not installed")
from scitt_cose import build_receipt, verify_receipt

from waybill.ledger.receipts import check_receipt, make_receipt

(ENTRY,) = entries(300, 301)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("log")
    make_log(made, 700)
    return made


def test_a_receipt_holds_for_its_entry_only(folder: Path) -> None:
    receipt = make_receipt(prove(FolderSource(folder), 300), ENTRY, KEY, "a batch of transfers")
    assert check_receipt(receipt, ENTRY, KEY.verifier) == (300, 700)
    for wrong in (receipt[:-1], receipt[:-1] + bytes([receipt[-1] ^ 1]), b""):
        with pytest.raises(ProofError, match="does not hold"):
            check_receipt(wrong, ENTRY, KEY.verifier)
    with pytest.raises(ProofError, match="does not hold"):
        check_receipt(receipt, b"another", KEY.verifier)
    with pytest.raises(ProofError, match="does not hold"):
        check_receipt(receipt, ENTRY, SigningKey.generate(ORIGIN).verifier)


def test_the_library_makes_the_same_receipt_of_a_whole_tree(folder: Path) -> None:
    """Two trees, one implementation each: their roots agree, for the signatures do."""
    ours = verify_receipt(
        make_receipt(prove(FolderSource(folder), 300), ENTRY, KEY, "s"),
        leaf_entry_hex=ENTRY.hex(),
        log_public_key_pem=KEY.verifier.pem(),
    )
    theirs = build_receipt(
        leaf_entry_hex=ENTRY.hex(),
        leaf_index=300,
        tree_entries_hex=[entry.hex() for entry in entries(0, 700)],
        alg="EdDSA",
        log_private_key_pem=KEY.pem(),
        iss=ORIGIN,
    )
    assert check_receipt(theirs, ENTRY, KEY.verifier) == (300, 700)
    assert ours.ok


def test_only_the_log_signs_receipts(folder: Path) -> None:
    proof = prove(FolderSource(folder), 300)
    with pytest.raises(UsageError, match="signed by the log"):
        make_receipt(proof, ENTRY, SigningKey.generate(ORIGIN), "s")
    with pytest.raises(ProofError):
        make_receipt(proof, b"another", KEY, "s")

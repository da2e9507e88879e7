"""Proofs to accept and to refuse, written by others: all cases of transparency-dev/merkle."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from waybill.ledger import merkle
from waybill.ledger.errors import ProofError

CORPORA = os.environ.get("WAYBILL_CORPORA", "")
FOLDER = Path(CORPORA) / "ledger/transparency-dev-merkle/testdata"

UNHASHED = "additional/sizes-are-equal-one-and-proof-is-empty.json"
"""Its equal roots are 12 bytes long. Its authors compare them; here what is not 32 bytes is no hash."""

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(not CORPORA, reason="WAYBILL_CORPORA is not set"),
]


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text) if text else b""


def path_of(case: dict[str, Any]) -> list[bytes]:
    return [decoded(step) for step in case["proof"] or []]


def inclusion(case: dict[str, Any]) -> None:
    merkle.verify_inclusion(
        decoded(case["leafHash"]), case["leafIdx"], case["treeSize"], path_of(case), decoded(case["root"])
    )


def consistency(case: dict[str, Any]) -> None:
    roots = decoded(case["root1"]), decoded(case["root2"])
    merkle.verify_consistency(case["size1"], case["size2"], path_of(case), *roots)


def subtree_inclusion(case: dict[str, Any]) -> None:
    leaf, root = decoded(case["leafHash"]), decoded(case["root"])
    merkle.verify_subtree_inclusion(leaf, case["leafIdx"], (case["start"], case["end"]), path_of(case), root)


def subtree_consistency(case: dict[str, Any]) -> None:
    roots = decoded(case["root1"]), decoded(case["root2"])
    merkle.verify_subtree_consistency((case["start"], case["end"]), case["size"], path_of(case), *roots)


@pytest.mark.parametrize(
    ("kind", "verify", "cases"),
    [
        ("inclusion", inclusion, 98),
        ("consistency", consistency, 98),
        ("subtreeinclusion", subtree_inclusion, 204),
        ("subtreeconsistency", subtree_consistency, 118),
    ],
)
def test_every_case_is_judged_as_its_authors_do(
    kind: str, verify: Callable[[dict[str, Any]], None], cases: int
) -> None:
    files = sorted((FOLDER / kind).rglob("*.json"))
    assert len(files) == cases
    wrong = []
    for file in files:
        case = json.loads(file.read_text(encoding="utf-8"))
        try:
            verify(case)
            refused = False
        except ProofError:
            refused = True
        if refused != case["wantErr"]:
            wrong.append(str(file.relative_to(FOLDER / kind)))
    assert wrong == [UNHASHED] * kind.endswith("consistency")

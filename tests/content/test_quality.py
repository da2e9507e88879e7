"""How well the scanner does on text that none of us wrote: labelled sentences and the recogniser cases of a peer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bench.content_quality import SHARED, agreement, precision_and_recall

_CORPORA = os.environ.get("WAYBILL_CORPORA")

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(not _CORPORA, reason="WAYBILL_CORPORA does not name the folder of outside data"),
]

_GOALS = {
    "EMAIL_ADDRESS": (1.0, 1.0),
    "IBAN_CODE": (1.0, 1.0),
    "US_SSN": (1.0, 1.0),
    "IP_ADDRESS": (1.0, 1.0),
    "PHONE_NUMBER": (0.9, 0.8),
    "CREDIT_CARD": (0.98, 0.98),
}


@pytest.mark.parametrize("entity", _GOALS)
@pytest.mark.parametrize("name", ["data/synth_dataset_v2.json", "tests/data/generated_large.json"])
def test_labelled_sentences(name: str, entity: str) -> None:
    file = Path(str(_CORPORA)) / "content" / "presidio-research" / name
    found = precision_and_recall(file)[entity]
    assert found.precision >= _GOALS[entity][0], found
    assert found.recall >= _GOALS[entity][1], found


def test_recogniser_cases_of_the_types_that_both_know() -> None:
    agreed, cases = agreement(Path(str(_CORPORA)) / "content" / "presidio-recognizer-cases" / "cases.jsonl")
    assert len(SHARED) >= 25
    assert agreed / cases >= 0.95

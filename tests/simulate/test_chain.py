"""Chains are made of their seed alone, and their documents are EPCIS 2.0 by GS1's own schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from tests.epcis.oracles import CORPORA, oracle

from waybill.simulate.chain import KINDS, make
from waybill.simulate.chain.identifiers import check_digit, gtin, pallet


def test_equal_seeds_write_equal_documents_and_others_other_ones(tmp_path: Path) -> None:
    first, again = (make(5, weeks=2, kinds=KINDS[:3]) for _ in range(2))
    assert list(first.documents()) == list(again.documents()) != list(make(6, weeks=2, kinds=KINDS[:3]).documents())
    files = first.write(tmp_path / "documents")
    assert [json.loads(file.read_text()) for file in files] == [one for _, one in first.documents()]


def test_documents_come_in_the_order_in_which_they_are_handed_over() -> None:
    moments = [moment for moment, _ in make(5, weeks=2).documents()]
    assert moments == sorted(moments)


def test_events_can_be_left_out() -> None:
    chain = make(5, weeks=2, kinds=KINDS[:1])
    gone = set(chain.seeded[0].events)
    left = {event["eventID"] for _, one in chain.documents(gone) for event in one["epcisBody"]["eventList"]}
    assert gone and not gone & left


@pytest.mark.parametrize(
    ("digits", "digit"), [("629104150021", "3"), ("0950600013435", "2"), ("37610425002123456", "9")]
)
def test_check_digits_are_those_of_gs1(digits: str, digit: str) -> None:
    assert check_digit(digits) == digit
    assert len(gtin(12345678)) == 14 and len(pallet(123456789012).rpartition("/")[2]) == 18


@oracle
def test_documents_are_valid_by_the_schema_of_gs1() -> None:
    schema = json.loads((CORPORA / "epcis" / "gs1" / "EPCIS-JSON-Schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for number, (_, document) in enumerate(make(5, weeks=2, kinds=KINDS).documents()):
        if number % 40 == 0:
            assert [error.message for error in validator.iter_errors(document)] == []

"""Hash ids: laws, decided cases, and the published vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.epcis.chain import amount, document, event, lot, whole_chain
from tests.epcis.oracles import CORPORA, oracle

from waybill.epcis.document import read_document
from waybill.epcis.hashing import hash_id_20, hash_id_21, text_20, text_21

VECTORS = CORPORA / "epcis" / "event-hash" / "tests"
EXACT = {("SensorDataExamples.xml", 6), ("SensorDataExamples.xml", 7)}
"""Vectors with digits that a float lost (111100001111000011110000): numbers are exact here."""


def shipped(**fields: Any) -> dict[str, Any]:
    """Return one event as it is read."""
    made = event("ObjectEvent", 2, action="OBSERVE", quantityList=[amount(lot(12, "0012"), 1)], **fields)
    return read_document(document(made)).events[0]


def test_a_lot_number_stays_a_text_and_so_does_an_extension_with_leading_zeros() -> None:
    text = text_20(shipped(**{"waybill:drum": "0012", "waybill:count": "12.0"}))
    assert "/10/0012" in text
    assert "}drum=0012" in text
    assert "}count=12{" in text


def test_numbers_are_exact_and_may_be_of_any_size() -> None:
    whole = document(event("ObjectEvent", 2, action="OBSERVE", quantityList=[amount(lot(12, "X"), 1)]))
    for written, meant in ((b"1e400", "1" + "0" * 400), (b"0.1000000000000000055511", "0.1000000000000000055511")):
        found = read_document(whole.replace(b'"quantity":1', b'"quantity":' + written)).events[0]
        assert f"quantity={meant}uom" in text_20(found)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("03.9996Z", "04.000Z"), ("03.1425Z", "03.143Z"), ("03Z", "03.000Z"), ("03.14249999Z", "03.142Z")],
)
def test_milliseconds_are_rounded_half_up(written: str, meant: str) -> None:
    found = shipped() | {"eventTime": f"2026-01-01T00:00:{written}"}
    assert f"eventTime=2026-01-01T00:00:{meant}" in text_20(found)


def test_a_declaration_of_error_has_the_hash_of_what_it_declares() -> None:
    first = shipped()
    declared = first | {"errorDeclaration": {"declarationTime": "2026-03-09T00:00:00Z", "reason": "did_not_occur"}}
    assert hash_id_20(declared) == hash_id_20(first)


def test_the_two_versions_differ_where_they_say_so() -> None:
    made = shipped(
        certificationInfo="https://c.example/1",
        sourceList=[{"type": "owning_party", "source": "urn:epc:id:pgln:9521000.00004"}],
        destinationList=[{"type": "owning_party", "destination": "urn:epc:id:pgln:9521000.00005"}],
    )
    old, new = text_20(made), text_21(made)
    assert old.index("destinationList") < old.index("sourceList")
    assert new.index("sourceList") < new.index("destinationList")
    assert ("certificationInfo" in old, "certificationInfo" in new) == (True, False)
    assert hash_id_20(made).endswith("?ver=CBV2.0")
    assert hash_id_21(made).endswith("?ver=CBV2.1")


@given(st.randoms(use_true_random=False), st.integers(0, len(whole_chain()) - 1))
def test_the_order_of_fields_and_of_list_members_says_nothing(random: Any, which: int) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            pairs = [(name, shuffled(member)) for name, member in value.items()]
            random.shuffle(pairs)
            return dict(pairs)
        if isinstance(value, list):
            members = [shuffled(member) for member in value]
            random.shuffle(members)
            return members
        return value

    chosen = whole_chain()[which]
    plain, other = (read_document(document(one)).events[0] for one in (chosen, shuffled(chosen)))
    assert (hash_id_20(plain), hash_id_21(plain)) == (hash_id_20(other), hash_id_21(other))


def vectors() -> list[Path]:
    """Return the documents of the published vectors."""
    hashes = sorted(VECTORS.glob("examples/*.hashes"))
    return [path for one in hashes for kind in (".jsonld", ".xml") if (path := one.with_suffix(kind)).exists()]


@oracle
def test_the_published_vectors_are_met() -> None:
    met = missed = 0
    for path in vectors():
        found = read_document(path.read_bytes(), path.name)
        for number, wanted in enumerate(path.with_suffix(".hashes").read_text().split()):
            good = hash_id_20(found.events[number], found.ignored) == wanted
            assert good != ((path.name, number) in EXACT), (path.name, number, text_20(found.events[number]))
            met, missed = met + good, missed + (not good)
    assert (met, missed) == (87, 2)


@oracle
def test_different_ways_of_writing_have_one_hash() -> None:
    for path in sorted(VECTORS.glob("expected_equal/*")):
        assert len({hash_id_20(one) for one in read_document(path.read_bytes(), path.name).events}) == 1, path.name
    same = CORPORA / "epcis" / "gs1" / "XML" / "WithEventHashID"
    found = {path.name: hash_id_20(read_document(path.read_bytes(), path.name).events[0]) for path in same.iterdir()}
    other = found.pop("event_with_identical_hash_id_2.xml")  # it has another time zone offset, which is hashed
    assert len(set(found.values())) == 1
    assert other not in found.values()


PUBLISHED_21 = {
    "ReferenceEventHashAlgorithm": "6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7",
    "ReferenceEventHashAlgorithm2": "f6bf8e2fb50f26f5baba52f722211eefdb0f427a3903c61ab015db6d1f93c3da",
    "ReferenceEventHashAlgorithm3": "e9273954ba78387caf181fe74038871990dbc97568d068123d0a8774b843e383",
}
"""What the reference says of three of its events in version 2.1."""


@oracle
def test_the_examples_of_the_newer_version_are_met() -> None:
    for name, wanted in PUBLISHED_21.items():
        for path in (VECTORS / "examples" / f"{name}.jsonld", VECTORS / "examples" / f"{name}.xml"):
            found = read_document(path.read_bytes(), path.name).events[0]
            assert hash_id_21(found) == f"ni:///sha-256;{wanted}?ver=CBV2.1", path.name

"""Reading and judging documents: what is accepted, what is refused, and how that is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.epcis.chain import MOTOR, ORE, amount, document, event, lot, whole_chain
from tests.epcis.oracles import CORPORA, oracle

from waybill.epcis.document import DOCUMENT_BYTES, Document, read_document
from waybill.epcis.hashing import hash_id_20
from waybill.epcis.identifiers import canonical, check_digit, element_string
from waybill.epcis.units import in_base
from waybill.epcis.validation import check
from waybill.model.errors import BombError, InputError

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def judged(content: bytes) -> Document:
    """Read and judge a document."""
    found = read_document(content, "d")
    check(found.events, NOW, "d")
    return found


def test_the_same_events_in_xml_are_the_same_events() -> None:
    made = """<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:w="https://waybill.invalid/vocabulary/"
        schemaVersion="2.0" creationDate="2026-03-10T00:00:00Z"><EPCISBody><EventList><ObjectEvent>
        <eventTime>2026-03-01T08:00:00+08:00</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
        <action>ADD</action><bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
        <readPoint><id>urn:epc:id:sgln:9521000.00001.0</id></readPoint>
        <quantityList><quantityElement><epcClass>urn:epc:class:lgtin:9521000.000010.ORE-1</epcClass>
        <quantity>1000.0</quantity><uom>KGM</uom></quantityElement></quantityList>
        <ilmd><w:countryOfOrigin>CN</w:countryOfOrigin></ilmd>
        </ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>"""
    assert hash_id_20(judged(made.encode()).events[0]) == hash_id_20(judged(document(whole_chain()[0])).events[0])
    wrapped = made.replace("<quantityList>", "<extension><quantityList>").replace("</ilmd>", "</ilmd></extension>")
    assert judged(wrapped.encode().replace(b"xsd:2", b"xsd:1")).events == judged(made.encode()).events


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("a negative quantity", {"quantityList": [amount(ORE, -1)]}, "quantityList[0].quantity"),
    ("a unit that is none", {"quantityList": [{"epcClass": ORE, "quantity": 1, "uom": "kilo"}]}, "quantityList[0].uom"),
    ("a unit without quantity", {"quantityList": [{"epcClass": ORE, "uom": "KGM"}]}, "quantityList[0].quantity"),
    ("a date in the future", {"eventTime": "2031-01-01T00:00:00Z"}, "eventTime"),
    ("a time without zone", {"eventTime": "2026-01-01T00:00:00"}, "eventTime"),
    ("a day that is none", {"eventTime": "2026-02-30T00:00:00Z"}, "eventTime"),
    ("a word that is none", {"bizStep": "smuggling"}, "bizStep"),
    ("an action that is none", {"action": "SHIP"}, "action"),
    ("a field that is none", {"colour": "red"}, "colour"),
    ("master data of what is only seen", {"ilmd": {"waybill:grade": "3N"}}, "ilmd"),
    ("an identifier that is no URI", {"epcList": ["drum 7"]}, "epcList[0]"),
    ("certificates that are no URI", {"certificationInfo": "good"}, "certificationInfo"),
]


@pytest.mark.parametrize(("_why", "fields", "field"), BAD, ids=[one[0] for one in BAD])
def test_what_is_wrong_is_told_by_event_and_field(_why: str, fields: dict[str, Any], field: str) -> None:
    good = event("ObjectEvent", 1, action="OBSERVE", quantityList=[amount(ORE, 1)])
    with pytest.raises(InputError) as told:
        judged(document(good, good | fields))
    assert told.value.where == f"d: event 2, {field}"
    assert told.value.expected


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00", b"{", b"[]", b'{"type":"EPCISDocument"}', b"<a>", b"<a/>", b"\xff\xfe<", b'{"a":' * 100_000,
        b"<a>" * 100_000, document()[:-3], b'{"type":"EPCISDocument","@context":[],"epcisBody":{}}',
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(InputError):
        judged(content)


def test_xml_that_is_a_bomb_or_reaches_out_is_refused() -> None:
    lol = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    bombs = [f'<!DOCTYPE x [<!ENTITY a0 "lol">{lol}]><x>&a9;</x>', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
             '<!DOCTYPE x [<!ENTITY e SYSTEM "http://169.254.169.254/">]><x>&e;</x>',
             '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://x.example/d">%p;]><x/>']  # fmt: skip
    for bomb in bombs:
        with pytest.raises(BombError):
            read_document(bomb.encode(), "bomb.xml")


def test_a_document_of_a_hundred_megabytes_is_refused_before_it_is_read() -> None:
    with pytest.raises(InputError, match="too large"):
        read_document(b"{" + b" " * DOCUMENT_BYTES, "big.json")


def test_units_are_converted_to_the_base_of_their_dimension() -> None:
    assert in_base(26.0, "CEL") == (299.15, "KEL")
    assert in_base(2, "TNE") == (2000.0, "KGM")
    assert in_base(99.9, "P1") == (0.999, "C62")
    assert in_base(3, None) == (3.0, "EA")
    assert in_base(3, "QQQ") == (None, None)


def test_labels_and_links_name_one_thing() -> None:
    link = canonical(lot(12, "OX-0012"))
    assert link == "https://id.gs1.org/01/09521000000124/10/OX-0012"
    assert canonical("https://shop.example/gtin/9521000000124/10/OX-0012?expiry=1") == link
    assert element_string("(01)09521000000124(10)OX-0012") == link
    assert element_string("(01)09521000000125(10)OX-0012") is None, "a wrong check digit"
    raw = "0109521000000124"
    for scanned in (f"{raw}10OX-0012", f"]d2{raw}1726123110OX-0012", f"{raw}10OX-0012\x1d15270101"):
        assert element_string(scanned) == link, scanned
    assert canonical(MOTOR) == "https://id.gs1.org/8004/9521000MOTOR1"
    assert canonical("urn:epc:id:sgtin:nonsense") == "urn:epc:id:sgtin:nonsense"
    assert check_digit("0952100000012") == "4"


EPCIS = CORPORA / "epcis"
ORDER, TIME, NO_URI = "out of order", "declarationTime", "certificationInfo"
KNOWN = {"Jumbled_attributes_order.xml": ORDER, "JumbledFieldsOrder.xml": ORDER,
         "TransactionEvent_all_possible_fields.xml": TIME, "ObjectEventWithAllPossibleFields.xml": TIME,
         "TransformationEvent_with_error_declaration.xml": TIME,
         "ObjectEvent_all_possible_fields.xml": NO_URI}  # fmt: skip
"""Documents of OpenEPCIS that are called valid and break the standard: order of elements, times without seconds, a
certificate that is no address."""


@oracle
def test_documents_of_others_are_judged_as_they_say() -> None:
    counts = {"accepted": 0, "refused": 0, "inline": 0, "known": 0}
    paths = [*EPCIS.rglob("*.json"), *EPCIS.rglob("*.jsonld"), *EPCIS.rglob("*.xml")]
    for path in sorted(one for one in paths if _is_document(one)):
        try:
            judged(path.read_bytes())
        except InputError as error:
            counts[_why_refused(path, error)] += 1
        else:
            assert "Invalid" not in path.parts, path
            counts["accepted"] += 1
    assert counts["refused"] == 27
    assert counts["accepted"] > 200
    assert counts["known"] == 7


def _is_document(path: Path) -> bool:
    return not {"Queries", "CaptureJob"} & set(path.parts) and path.name != "EPCIS-JSON-Schema.json"


def _why_refused(path: Path, error: InputError) -> str:
    if "Invalid" in path.parts:
        return "refused"
    if "with the metadata and with the report" in error.what:
        return "inline"  # GS1's own TCR-53, step 29, refuses what GS1's examples of all fields do
    assert KNOWN[path.name] in f"{error.what} {error.where}", (path, error)
    return "known"

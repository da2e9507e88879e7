"""A registered document that leaves is told by what is in the file; with a permit, at home, or quoted it is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from waybill.detect.content import ContentDetector
from waybill.model.carried import Carried, carried_in
from waybill.model.findings import Finding
from waybill.model.protocols import Detector, Tables
from waybill.model.register import DECOY_FIELD, Asset, Content, Decoy, Party, Permit, Place, RegisterSnapshot
from waybill.model.transfers import SCHEMA
from waybill.model.words import AssetKind, Grade, PartyKind, Severity

MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
WING = Asset(id="wing", name="Wing", kind=AssetKind.DOCUMENT, grade=Grade.CORE, owner="drones", home="yard")
AUDIT = Asset(
    id="audit", name="Audit", kind=AssetKind.DOCUMENT, grade=Grade.IMPORTANT, home="yard", public_interest=True
)
PLACES = (
    Place(id="yard", patterns=(".drones.example",), jurisdiction="CN"),
    Place(id="partner", patterns=(".partner.example",)),
)
CONTENTS = (
    Content(name="holiday-42.step", place="/journal", asset="wing", document="wing.step", share=0.9),
    Content(name="quotation.docx", asset="wing", document="wing.step", share=0.01),
    Content(name="figures-2025.csv", asset="audit", document="audit.csv", share=1.0),
    Content(name="customers-all.xlsx", grade=Grade.IMPORTANT),
    Content(name="decoy-plans.docx", document="plans", delivery="delivery-3", share=1.0),
    Content(name="customers-2026.csv", asset="wing", document="customers", share=0.0001, records=10),
    Content(name="letter-to-one.txt", asset="wing", document="customers", share=0.0001, records=9),
    Content(name="a.txt", place="/srv", asset="wing", document="wing.step", share=1.0),
)
PERMIT = Permit(id="p", asset="wing", place="partner", channel="email", valid_until=datetime(2026, 12, 31, tzinfo=UTC))
REGISTER = RegisterSnapshot(
    assets=(WING, AUDIT),
    places=PLACES,
    permits=(PERMIT,),
    parties=(Party(id="drones", kind=PartyKind.ORGANISATION),),
    contents=CONTENTS,
)


def transfer(**given: Any) -> dict[str, Any]:
    """Return a transfer: a wing shared with somebody elsewhere, if nothing else is said."""
    row: dict[str, Any] = dict.fromkeys(SCHEMA.names)
    row |= {
        "time": MOMENT, "recorded_at": MOMENT, "sequence": 1, "id": b"\x01" * 16, "source": "workspace",
        "action": "share", "outcome": "success", "channel": "email", "actor": "p-1", "asset": "holiday-42.step",
        "to_party": "x@elsewhere.example", "origin": "log", "position": 1,
    }  # fmt: skip
    return row | given


def found(*rows: Mapping[str, Any], register: RegisterSnapshot = REGISTER) -> list[Finding]:
    """Return the findings about these transfers."""
    table = pa.Table.from_pylist(list(rows), schema=SCHEMA)
    return ContentDetector().run(Tables(table, register), {}).findings


def test_it_is_a_detector() -> None:
    assert isinstance(ContentDetector(), Detector)


def test_a_document_under_another_name_is_told() -> None:
    (finding,) = found(transfer())
    assert (finding.rule_id, finding.asset, finding.severity) == ("content.document", "wing", Severity.CRITICAL)
    assert "90% of wing.step" in finding.sentence.en
    assert finding.transfers == ("01" * 16,)


def test_records_of_a_table_are_told_by_their_number() -> None:
    (finding,) = found(transfer(asset="customers-2026.csv"))
    assert (finding.rule_id, finding.asset) == ("content.records", "wing")
    assert "10 of the records of customers" in finding.sentence.en
    assert "customers》（核心）的 10 条记录" in finding.sentence.zh


@pytest.mark.parametrize(
    "changed",
    [
        {"to_party": "y@drones.example"},
        {"to_party": "y@partner.example"},
        {"to_party": None},
        {"action": "read"},
        {"asset": "quotation.docx"},
        {"asset": "letter-to-one.txt"},
        {"asset": "unknown.docx"},
        {"asset": None},
        {"asset": "C:\\temp\\a.txt"},
        {"asset": "a.txt"},
        {"outcome": "blocked", "actor": None},
    ],
    ids=str,
)
def test_what_is_silent(changed: dict[str, Any]) -> None:
    assert found(transfer(**changed)) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"to_party": "y@partner.example", "channel": "usb"},
        {"to_party": "y@partner.example", "time": datetime(2027, 1, 1, tzinfo=UTC)},
        {"asset": "D:\\work\\HOLIDAY-42.STEP"},
        {"asset": "/srv/a.txt"},
        {"to_party": None, "to_place": "files.elsewhere.example"},
    ],
    ids=str,
)
def test_what_is_told(changed: dict[str, Any]) -> None:
    assert [finding.rule_id for finding in found(transfer(**changed))] == ["content.document"]


@pytest.mark.parametrize(("party", "told"), [("p-1", 0), ("lab", 0), ("drones", 0), ("drones-abroad", 1)])
def test_a_permit_names_who_may_send(party: str, told: int) -> None:
    lab = Party(id="lab", kind=PartyKind.ORGANISATION, org="drones")
    sender = Party(id="p-1", kind=PartyKind.PERSON, org="lab")
    permit = Permit(id="q", asset="wing", party=party)
    register = replace(REGISTER, parties=(*REGISTER.parties, lab, sender), permits=(permit,))
    assert len(found(transfer(), register=register)) == told


def test_a_blocked_attempt_weighs_less() -> None:
    (finding,) = found(transfer(outcome="blocked"))
    assert finding.severity is Severity.HIGH


def test_nobody_is_pointed_at_where_the_public_has_an_interest() -> None:
    (finding,) = found(transfer(asset="figures-2025.csv"))
    assert finding.subject == ""
    assert "elsewhere" not in finding.sentence.en
    assert not any("elsewhere" in part.value for part in finding.parts)


def test_grave_content_that_no_asset_stands_for_is_told_where_nobody_knows_the_receiver() -> None:
    (finding,) = found(transfer(asset="customers-all.xlsx"))
    assert (finding.rule_id, finding.severity) == ("content.graded", Severity.HIGH)
    assert found(transfer(asset="customers-all.xlsx", to_party="y@partner.example")) == []


def test_a_decoy_is_told_wherever_it_is_touched() -> None:
    (finding,) = found(transfer(asset="decoy-plans.docx", action="read", to_party=None))
    assert (finding.rule_id, finding.severity) == ("content.canary", Severity.CRITICAL)
    assert "delivery-3" in finding.sentence.en


def test_transfers_of_a_day_are_one_finding() -> None:
    rows = [transfer(id=bytes([number]) * 16, position=number) for number in range(1, 4)]
    (finding,) = found(*rows)
    assert finding.count == 3


def test_without_inspections_nothing_is_looked_at() -> None:
    assert found(transfer(), register=RegisterSnapshot(assets=(WING,))) == []


DECOYS = replace(
    REGISTER,
    decoys=(
        Decoy(id="delivery-7", document="staff.csv", asset="wing"),
        Decoy(id="delivery-8", document="/srv/wing/all-passwords.xlsx", asset="wing", is_thing=True),
    ),
)


def test_a_decoy_is_told_whatever_is_done_to_it() -> None:
    touches = (
        {"asset": "C:\\copies\\All-Passwords.xlsx", "action": "read"},
        {"asset": "/srv/wing/all-passwords.xlsx", "action": "delete", "outcome": "blocked"},
        {"asset": "shop.public.staff", "action": "read", "fields": [(DECOY_FIELD, "delivery-7")]},
    )
    for touch in touches:
        (told,) = found(transfer(to_party=None, **touch), register=DECOYS)
        assert (told.rule_id, told.severity, told.asset) == ("content.decoy", Severity.CRITICAL, "wing")


def test_two_decoys_that_one_person_touches_are_two_findings() -> None:
    rows = [
        transfer(asset="all-passwords.xlsx"),
        transfer(asset="x", fields=[(DECOY_FIELD, "delivery-7")], id=b"\x02" * 16),
    ]
    assert len(found(*rows, register=DECOYS)) == 2


def test_what_names_no_decoy_of_ours_is_none() -> None:
    rows = [
        transfer(asset="passwords.xlsx"),
        transfer(asset="x", fields=[(DECOY_FIELD, "delivery-99")]),
        transfer(asset="x", fields=[("other", "delivery-7")]),
        transfer(asset="all-passwords.xlsx", actor=None, outcome="blocked"),
    ]
    assert found(*rows, register=DECOYS) == []


@pytest.mark.parametrize("encoded", [False, True])
def test_fields_are_looked_at_in_whatever_form_and_part_they_come(encoded: bool) -> None:
    touched = (DECOY_FIELD, "delivery-7")
    fields = [[("a", "1")], None, [("b", "2"), touched], [], [touched], [("a", "1")]]
    rows = [transfer(asset=f"x{n}", position=n, fields=one, id=bytes([n] * 16)) for n, one in enumerate(fields)]
    table = pa.Table.from_pylist(rows, SCHEMA)
    if encoded:
        form = pa.map_(pa.dictionary(pa.int32(), pa.string()), pa.string())
        table = table.set_column(table.schema.get_field_index("fields"), "fields", pa.array(fields, form))
    parts = pa.concat_tables([table.slice(0, 2), table.slice(2, 1), table.slice(3, 2), table.slice(5)])
    told = ContentDetector().run(Tables(transfers=parts, register=DECOYS), {}).findings
    assert sorted(one for finding in told for one in finding.transfers) == ["02" * 16, "04" * 16]


def carried(**given: Any) -> list[tuple[str, str]]:
    """Return the fields of a transfer whose content was at hand."""
    return list(Carried(**{"name": "photos.zip", "grade": Grade.GENERAL} | given).fields().items())


HELD = Content(name="", asset="wing", document="wing.step", share=0.62)
NOTHING_KNOWN = replace(REGISTER, contents=())


def test_what_was_recognised_at_collection_is_told_without_any_inspection_of_discovery() -> None:
    own = carried(asset="wing", held=(HELD,), grade=Grade.CORE)
    (finding,) = found(transfer(asset="wing", fields=own), register=NOTHING_KNOWN)
    assert (finding.rule_id, finding.asset) == ("content.document", "wing")
    assert finding.sentence.en.startswith("62% of wing.step (core) is in photos.zip")
    permitted = transfer(asset="wing", fields=own, to_party="x@partner.example")
    assert found(permitted, register=NOTHING_KNOWN) == []


def test_every_asset_in_what_was_sent_is_told() -> None:
    held = (HELD, Content(name="", asset="audit", document="audit.csv", share=1.0))
    told = found(transfer(asset="wing", fields=carried(asset="wing", held=held)), register=NOTHING_KNOWN)
    assert {finding.asset for finding in told} == {"wing", "audit"}


def test_a_marked_copy_may_go_to_where_its_asset_may_go() -> None:
    own = carried(asset="wing", held=(replace(HELD, share=1.0, delivery="delivery-7"),))
    (finding,) = found(transfer(asset="wing", fields=own))
    assert finding.rule_id == "content.canary"
    assert found(transfer(asset="wing", fields=own, to_party="x@partner.example")) == []


@pytest.mark.parametrize(
    ("what", "rule"),
    [
        ({"grade": Grade.IMPORTANT}, "content.graded"),
        ({"grade": Grade.SENSITIVE}, ""),
        ({"unread": ("picture", "encrypted")}, "content.closed"),
        ({"unread": ("picture", "unknown")}, ""),
    ],
)
def test_grave_and_closed_content_is_told_where_it_goes_to_nobody_known(what: dict[str, Any], rule: str) -> None:
    told = found(transfer(asset="x", fields=carried(**what)), register=NOTHING_KNOWN)
    assert [finding.rule_id for finding in told] == ([rule] if rule else [])
    if told:
        assert "photos.zip" in told[0].sentence.en
    assert found(transfer(asset="x", fields=carried(**what), to_place="yard"), register=NOTHING_KNOWN) == []


@pytest.mark.parametrize("name", ["sha256", "file.hash", "Hashes", "process.SHA-256"])
def test_a_known_file_is_told_by_its_digest(name: str) -> None:
    digest = "0123456789abcdef" * 4
    register = replace(REGISTER, contents=(replace(CONTENTS[0], digest=digest),))
    (finding,) = found(transfer(asset="x.bin", fields=[(name, f"MD5=00,SHA256={digest.upper()}")]), register=register)
    assert finding.sentence.en.startswith("90% of wing.step (core) is in x.bin")
    assert found(transfer(asset="x.bin", fields=[("other", digest)]), register=register) == []


@pytest.mark.parametrize("encoded", [False, True])
def test_slices_and_encoded_fields_are_read_alike(encoded: bool) -> None:
    own = carried(asset="wing", held=(HELD,))
    rows = [transfer(asset="x", fields=[("a", "b")]), transfer(asset="wing", fields=own, id=b"\x02" * 16)] * 3
    table = pa.Table.from_pylist([*rows, transfer(asset="y")], schema=SCHEMA)
    if encoded:
        place = SCHEMA.get_field_index("fields")
        kind = pa.map_(pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int32(), pa.string()))
        table = table.set_column(place, "fields", pa.array(table["fields"].to_pylist(), kind))
    for start in range(4):
        (finding,) = ContentDetector().run(Tables(table.slice(start), NOTHING_KNOWN), {}).findings
        assert finding.transfers == ("02" * 16,)


@pytest.mark.parametrize(
    "own",
    [
        [("content.grade", "grave")],
        [("content.grade", "core"), ("content.share", "a\x1fb"), ("content.document", "x")],
        [("content.grade", "core"), ("content.share", "1\x1f1"), ("content.document", "x\x1fy\x1fz")],
    ],
)
def test_fields_that_only_look_so_are_not_believed(own: list[tuple[str, str]]) -> None:
    assert found(transfer(asset="x", fields=own), register=NOTHING_KNOWN) == []


@given(
    st.builds(
        Carried,
        name=st.text(st.characters(exclude_characters="\x1f", codec="utf-8"), max_size=9),
        grade=st.sampled_from(Grade),
        asset=st.sampled_from(["", "wing"]),
        unread=st.sampled_from([(), ("encrypted",), ("picture", "size")]),
        held=st.lists(
            st.builds(
                Content,
                name=st.just(""),
                asset=st.sampled_from(["", "wing", "audit"]),
                document=st.sampled_from(["", "a.doc", "b c"]),
                share=st.sampled_from([0.0, 0.25, 1.0]),
                records=st.integers(0, 99),
                delivery=st.sampled_from(["", "delivery-1"]),
            ),
            max_size=3,
        ).map(tuple),
    )
)
def test_what_was_carried_survives_being_written_as_fields(one: Carried) -> None:
    held = tuple(replace(held, name=one.name, grade=one.grade) for held in one.held)
    assert carried_in(one.fields()) == replace(one, held=held)

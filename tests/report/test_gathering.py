"""What is gathered for a report: where things went, and nothing that points at a person who must not be named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from waybill.flow.passages import Passage, Passages
from waybill.flow.telling import rows_of
from waybill.model.findings import Part, Position, Text
from waybill.model.register import Asset, Party, Place, RegisterSnapshot
from waybill.model.transfers import SCHEMA
from waybill.model.words import AssetKind, Grade, Intent, PartyKind
from waybill.report import End, Lane, render

from .samples import DAY, finding, report

PERSON = "p-abcdefghij234567"
AUDIT = Asset(
    id="audit", name="Groundwater audit", kind=AssetKind.DOCUMENT, grade=Grade.IMPORTANT, public_interest=True
)
DRAWINGS = Asset(id="drawings", name="Drawings", kind=AssetKind.DOCUMENT, grade=Grade.CORE)
REGISTER = RegisterSnapshot(
    assets=(AUDIT, DRAWINGS),
    places=(
        Place(id="store", name="Design store", jurisdiction="CN", patterns=("eda-*",)),
        Place(id="press", name="The press", jurisdiction="DE", patterns=(".press.example",)),
    ),
    parties=(
        Party(id="old-portal", kind=PartyKind.SERVICE, roles=("legacy",)),
        Party(id="portal", kind=PartyKind.SERVICE),
    ),
)


def passage(**changes: Any) -> Passage:
    """Return an invented passage."""
    made = Passage(PERSON, "portal", "gateway", "document", "eda-07", "box.press.example", "", "")
    return made._replace(**changes)


def transfers(passages: list[Passage], first: int = 0) -> pa.Table:
    """Return transfers with these passages; ids count from ``first``."""
    rows = [
        {
            "time": DAY + timedelta(minutes=number),
            "recorded_at": DAY,
            "sequence": 1,
            "id": number.to_bytes(16, "little"),
            "action": "send",
            "outcome": "success",
            "channel": "web",
            **{name: value or None for name, value in one._asdict().items()},
        }
        for number, one in enumerate(passages, first)
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


names = st.sampled_from(["", "a", "b", "eda-07", "长名"])
some = st.builds(Passage, names, names, st.sampled_from(["gateway", "mail"]), names, names, names, names, names)


@given(st.lists(st.lists(some, max_size=6), max_size=4))
def test_every_passage_is_remembered_whatever_the_batches(batches: list[list[Passage]]) -> None:
    remembered, expected = Passages(), dict[str, Passage]()
    for batch in batches:
        remembered.add(transfers(batch, len(expected)))
        expected |= {(len(expected) + number).to_bytes(16, "little").hex(): one for number, one in enumerate(batch)}
    unknown = (10**9).to_bytes(16, "little").hex()
    assert remembered.of([*expected, unknown]) == expected


def test_a_row_tells_both_ends_with_what_the_register_knows() -> None:
    sent = finding(1, asset="drawings", transfers=("01", "02", "03"))
    known = {
        "01": passage(),
        "02": passage(),
        "03": passage(to_place="", to_party="p-0000000000000000@mail.example", to_jurisdiction="US"),
    }
    (row,) = rows_of([(sent, "new")], REGISTER, lambda ids: {one: known[one] for one in ids})
    assert row.origin == End("eda-07", "Design store", "CN")
    assert row.destination == End("box.press.example", "The press", "DE")
    assert (row.more_destinations, row.lane, row.asset, row.withheld) == (1, Lane.TECHNOLOGY, "Drawings", False)
    assert row.finding == sent


def test_what_nobody_knows_of_a_row_stays_unknown() -> None:
    (row,) = rows_of([(finding(1, asset="strange", channel="freight"), "new")], REGISTER, lambda ids: {})
    assert (row.origin, row.destination, row.old_system, row.intent) == (End(), End(), None, Intent.UNKNOWN)
    assert (row.lane, row.asset) == (Lane.MATERIALS, "strange")


def test_what_a_source_was_last_seen_with_went_no_way() -> None:
    silent = finding(1, detector="silent-source", transfers=("01",))
    (row,) = rows_of([(silent, "new")], REGISTER, lambda ids: {"01": passage()})
    assert (row.origin, row.destination, row.has_way) == (End(), End(), False)
    assert "1 of which no way is known" in render(report([row])).decode()


def test_old_systems_are_those_that_the_register_marks() -> None:
    def old(register: RegisterSnapshot, application: str) -> bool | None:
        look = {"01": passage(application=application)}
        (row,) = rows_of([(finding(1, transfers=("01",)), "new")], register, lambda ids: look)
        return row.old_system

    assert (old(REGISTER, "Old-Portal"), old(REGISTER, "portal"), old(RegisterSnapshot(), "old-portal")) == (
        True,
        False,
        None,
    )


def test_intent_is_taken_from_the_finding_where_it_says_so() -> None:
    said = [finding(1, tags=("intent.accident",)), finding(2, tags=("attack.exfiltration", "intent.deliberate"))]
    rows = rows_of([(one, "new") for one in said], REGISTER, lambda ids: {})
    assert {row.finding.id: row.intent for row in rows} == {
        said[0].id: Intent.ACCIDENT,
        said[1].id: Intent.DELIBERATE,
    }


def test_the_gravest_comes_first_and_what_is_set_aside_last() -> None:
    found = [
        (finding(number), state) for number, state in enumerate(["new", "resolved", "false_positive", "new", "new"])
    ]
    rows = rows_of(found, REGISTER, lambda ids: {})
    assert [row.finding.severity.number for row in rows] == [5, 4, 2, 1, 3]


def careless(**changes: Any) -> Any:
    """Return a finding on an asset of public interest whose detector named the actor everywhere."""
    names = f"{PERSON} at WS-0815 as CORP\\{PERSON}, {PERSON}@mine.example, to 0815.box.example and svc-leaky"
    careless_finding = finding(
        7,
        asset="audit",
        subject=PERSON,
        title=Text(f"Audit shown to {PERSON}", f"审计报告被 {PERSON} 查看"),
        sentence=Text(
            f"480 readings went out by {names}.", f"480 个读数由{names}发出，由{PERSON}@mine.example经网页。"
        ),
        source=Position("gateway", f"home/{PERSON}/WS-0815.log", 9),
        parts=(Part("actor", PERSON, usual=PERSON, peers=PERSON), Part("place", "WS-0815")),
        transfers=tuple(f"{number:032x}" for number in range(60)),
    )
    return msgspec.structs.replace(careless_finding, **changes)


def test_of_an_asset_of_public_interest_nobody_is_named() -> None:
    one = passage(actor="svc-leaky", from_place="WS-0815", to_place="0815.box.example")
    (row,) = rows_of([(careless(), "new")], REGISTER, lambda ids: dict.fromkeys(ids, one))
    page, plain = render(report([row])).decode(), msgspec.json.encode(row).decode()
    for name in (PERSON, PERSON[:10], "WS-0815", "0815.box.example", "svc-leaky"):
        assert name not in page and name not in plain
    assert "480 readings went out by [withheld] at [withheld] as CORP\\[withheld]" in page
    assert "480 个读数由[不公开] at" in page and "由[不公开]经网页" in page, (
        "the figures stay, and so does the sentence"
    )
    assert "who acted is withheld" in page and "Groundwater audit" in page
    assert row.finding.subject == "" and row.withheld


def test_names_are_hidden_of_all_its_transfers_not_of_a_sample() -> None:
    asked: set[str] = set()

    def look(ids: Any) -> dict[str, Passage]:
        asked.update(ids)
        return {one: passage(from_place="WS-0815" if one.endswith("3b") else "eda-07") for one in ids}

    (row,) = rows_of([(careless(), "new")], REGISTER, look)
    assert len(asked) == 60
    assert "WS-0815" not in row.finding.sentence.en


def test_a_place_that_the_register_knows_may_be_told() -> None:
    (row,) = rows_of([(careless(), "new")], REGISTER, lambda ids: dict.fromkeys(ids, passage()))
    assert (row.origin, row.destination) == (End("", "Design store", "CN"), End("", "The press", "DE"))


def test_other_assets_keep_their_pseudonyms() -> None:
    told = careless(asset="drawings")
    (row,) = rows_of([(told, "new")], REGISTER, lambda ids: {})
    assert row.finding == told and PERSON in render(report([row])).decode()


def test_a_name_of_one_letter_or_inside_a_word_hides_nothing_else() -> None:
    one = passage(actor="a", from_place="read", to_place="out")
    (row,) = rows_of([(careless(), "new")], REGISTER, lambda ids: dict.fromkeys(ids, one))
    assert "480 readings went" in row.finding.sentence.en

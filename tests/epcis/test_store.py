"""Capturing: once, whole or not at all, held against the state of items, and what detectors read of it."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.epcis.chain import MAGNETS, MINER, MOTOR, ORE, amount, document, event, lot, whole_chain

from waybill.epcis.capturing import Captured, capture
from waybill.epcis.document import read_document
from waybill.epcis.forgetting import erase, retain
from waybill.epcis.graph import NEVER, Flows
from waybill.epcis.identifiers import canonical
from waybill.epcis.lineage import number_of, shares, the_item, walk
from waybill.epcis.store import Store
from waybill.epcis.tables import custody
from waybill.epcis.transfers import transfers
from waybill.model.custody import EVENTS, ITEMS, MarkKind
from waybill.model.errors import DamagedError, InputError, UsageError

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def keep(store: Store, *events: dict[str, Any], **more: Any) -> Captured:
    """Capture events."""
    return capture(
        store,
        read_document(document(*events, **more)),
        submitter="tests",
        now=NOW,
        identify=lambda about: hashlib.blake2b(about, digest_size=16).digest(),
        clean=lambda one: one,
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a new file of events."""
    return Store(tmp_path / "custody.sqlite3")


def marks(store: Store) -> list[str]:
    """Return the kinds of contradictions that were marked."""
    found: list[str] = custody(store).marks["kind"].to_pylist()
    return found


def seen(day: int, *epcs: str, action: str = "OBSERVE", **more: Any) -> dict[str, Any]:
    """Return an event of things."""
    return event("ObjectEvent", day, action=action, epcList=list(epcs), **more)


def packed(
    day: int, parent: str, *children: str, action: str = "ADD", kind: str = "AggregationEvent"
) -> dict[str, Any]:
    """Return the packing of things."""
    return event(kind, day, action=action, parentID=parent, childEPCs=list(children))


DRUM, PALLET, OTHER = (f"urn:epc:id:sscc:9521000.000000000{n}" for n in (1, 2, 3))


def test_the_same_again_adds_nothing_in_one_document_or_two(store: Store) -> None:
    first = keep(store, *whole_chain(), whole_chain()[0])
    assert (first.events, first.duplicates) == (8, 1)
    again = keep(store, *whole_chain())
    assert (again.events, again.duplicates, again.number) == (0, 8, 0)
    assert again.ids == first.ids[:8]
    assert custody(store).events.num_rows == 8


def test_a_declaration_repeats_the_id_and_is_linked_whichever_comes_first(store: Store) -> None:
    good = seen(2, MAGNETS[0], eventID="urn:uuid:e1")
    declaration = {"declarationTime": "2026-03-09T00:00:00Z", "reason": "did_not_occur",
                   "correctiveEventIDs": ["urn:uuid:e2"]}  # fmt: skip
    declared = good | {"errorDeclaration": declaration}
    assert keep(store, good, declared).declarations == 1
    assert keep(store, declared).duplicates == 1
    (row,) = custody(store).events.to_pylist()
    assert (row["declared_in_error"], row["reason"], row["corrective"]) == (True, "did_not_occur", ["urn:uuid:e2"])
    later = seen(3, MAGNETS[1], eventID="urn:uuid:e3")
    keep(store, later | {"errorDeclaration": declaration})
    keep(store, later)
    assert custody(store).events["declared_in_error"].to_pylist() == [True, True]


def test_an_id_that_belongs_to_other_content_refuses_the_document(store: Store) -> None:
    keep(store, seen(2, MAGNETS[0], eventID="urn:uuid:e1"))
    with pytest.raises(InputError, match="other content") as told:
        keep(store, seen(3, MAGNETS[1]), seen(2, MAGNETS[1], eventID="urn:uuid:e1"))
    assert "event 2, eventID urn:uuid:e1" in told.value.where
    assert custody(store).events.num_rows == 1, "nothing of it is kept"


def test_what_contradicts_the_state_is_kept_and_marked(store: Store) -> None:
    made = {"action": "ADD", "bizStep": "commissioning"}
    keep(store, seen(1, DRUM, MAGNETS[0], **made), seen(2, DRUM, **made))
    assert marks(store) == [MarkKind.COMMISSIONED_AGAIN]
    keep(store, seen(5, DRUM, action="DELETE", bizStep="decommissioning"), seen(4, DRUM), seen(6, DRUM))
    assert marks(store)[1:] == [MarkKind.AFTER_DECOMMISSION], "what happened before and comes late contradicts nothing"
    keep(store, packed(3, PALLET, MAGNETS[0]), packed(4, OTHER, MAGNETS[0]))
    assert marks(store)[1] == MarkKind.SECOND_PARENT
    assert sorted(marks(store))[-1] == MarkKind.SECOND_PARENT
    keep(store, packed(7, OTHER, MAGNETS[0], action="DELETE"), packed(8, PALLET, MAGNETS[0]))
    assert len(marks(store)) == 3, "taken out and put elsewhere"


def test_lots_may_grow_but_are_commissioned_once(store: Store) -> None:
    more = event("ObjectEvent", 2, action="ADD", bizStep="creating_class_instance", quantityList=[amount(ORE, 5)])
    keep(store, whole_chain()[0], more)
    assert marks(store) == []
    keep(store, whole_chain()[0] | {"eventTime": "2026-03-04T08:00:00+08:00"})
    assert marks(store) == [MarkKind.COMMISSIONED_AGAIN]
    gone = event("ObjectEvent", 5, action="DELETE", bizStep="destroying", quantityList=[{"epcClass": ORE}])
    keep(store, gone, event("ObjectEvent", 6, action="OBSERVE", quantityList=[amount(ORE, 1)]))
    assert marks(store)[1:] == [MarkKind.AFTER_DECOMMISSION]


def test_a_thing_cannot_be_inside_itself_and_a_walk_through_a_circle_ends(store: Store) -> None:
    keep(store, packed(1, PALLET, DRUM), packed(2, OTHER, PALLET), packed(3, DRUM, OTHER))
    assert marks(store) == [MarkKind.CYCLE]
    one, two = lot(30, "A"), lot(30, "B")
    keep(store, *(event("TransformationEvent", 4, inputQuantityList=[amount(x, 1)], outputQuantityList=[amount(y, 1)])
                  for x, y in ((one, two), (two, one))))  # fmt: skip
    with store.reading() as database:
        start = number_of(database, canonical(one))
        assert start
        assert len(walk(database, start, down=True).items) == 2


def test_a_silo_that_is_filled_again_taints_nothing_drawn_before(store: Store) -> None:
    silo, early, late, first, second = (lot(40, name) for name in ("SILO", "EARLY", "LATE", "F1", "F2"))

    def into(day: int, source: str, target: str) -> dict[str, Any]:
        return event("TransformationEvent", day, inputQuantityList=[amount(source, 10)],
                     outputQuantityList=[amount(target, 10)])  # fmt: skip

    keep(store, into(1, first, silo), into(2, silo, early), into(3, second, silo), into(4, silo, late))
    assert {one.rpartition("/")[2] for one in downstream(store, second)} == {"SILO", "LATE"}
    assert {one.rpartition("/")[2] for one in downstream(store, first)} == {"SILO", "EARLY", "LATE"}


def downstream(store: Store, item: str) -> set[str]:
    """Return what was made of an item, by name."""
    with store.reading() as database:
        start = number_of(database, canonical(item))
        assert start is not None
        numbers = walk(database, start, down=True).items.keys() - {start}
        rows = (database.execute("SELECT item FROM item WHERE number = ?", (number,)).fetchone() for number in numbers)
        return {row[0] for row in rows}


def test_shares_are_by_amount_and_follow_the_chain(store: Store) -> None:
    keep(store, *whole_chain())
    with store.reading() as database:
        start = number_of(database, the_item(database, "OX-0012"))
        assert start
        found = walk(database, start, down=True)
        share = shares(database, found)
        names = {
            database.execute("SELECT item FROM item WHERE number = ?", (n,)).fetchone()[0]: s for n, s in share.items()
        }
    assert names[canonical(lot(13, "ME-3"))] == 0.5
    assert names[canonical(MOTOR)] == 0.5
    assert downstream(store, ORE) == {canonical(one) for one in (lot(11, "CON-7"), lot(12, "OX-0012"), lot(13, "ME-3"),
                                                                 *MAGNETS, MOTOR)}  # fmt: skip


def test_events_of_one_transformation_are_joined_and_many_to_many_stays_small(store: Store) -> None:
    ins, outs = [lot(50, f"I{n}") for n in range(80)], [lot(51, f"O{n}") for n in range(80)]
    keep(store, event("TransformationEvent", 1, transformationID="urn:x:t1", inputQuantityList=[amount(ORE, 1)]),
         event("TransformationEvent", 2, transformationID="urn:x:t1", outputQuantityList=[amount(outs[0], 1)]),
         event("TransformationEvent", 3, inputQuantityList=[amount(one, 1) for one in ins],
               outputQuantityList=[amount(one, 1) for one in outs[1:]]))  # fmt: skip
    assert canonical(outs[0]) in downstream(store, ORE)
    assert len(downstream(store, ins[0])) == 80, "79 lots and the transformation that joins them"
    with store.reading() as database:
        assert database.execute("SELECT count(*) FROM edge").fetchone()[0] == 2 + 80 + 79


def test_what_detectors_read_is_dense_ordered_and_joined(store: Store) -> None:
    keep(store, *reversed(whole_chain()))
    found = custody(store)
    assert found.events.schema == EVENTS
    assert found.items.schema == ITEMS
    assert found.events["number"].to_pylist() == list(range(8))
    times = found.events["time"].to_pylist()
    assert times == sorted(times)
    assert found.items["number"].to_pylist() == sorted(found.items["number"].to_pylist())
    oxide = [row for row in found.items.to_pylist() if row["item"].endswith("OX-0012")]
    assert [(row["role"], row["amount"], row["base"]) for row in oxide] == [("output", 20, "KGM"), ("input", 10, "KGM")]
    (assay,) = found.readings.to_pylist()
    assert (assay["amount"], assay["base"], assay["type"]) == (pytest.approx(0.9995), "C62", "MassFraction")
    papers = {(row["kind"], row["document"]) for row in found.documents.to_pylist()}
    assert ("licence", "urn:x:licence:7") in papers
    assert ("certificate", "https://certificates.example/c/1") in papers
    assert {row["name"]: row["value"] for row in found.attributes.to_pylist()} == {
        "countryOfOrigin": "CN",
        "grade": "3N",
    }


def test_every_event_is_a_transfer(store: Store) -> None:
    keep(store, *whole_chain())
    with store.reading() as database:
        rows = transfers(database, 1).to_pylist()
    shipped = next(row for row in rows if row["action"] == "ship")
    assert (shipped["asset"], shipped["quantity"], shipped["unit"]) == (canonical(lot(11, "CON-7")), 100, "KGM")
    assert (shipped["actor"], shipped["permit"]) == (canonical(MINER), "urn:x:licence:7")
    assert len({row["id"] for row in rows}) == len(rows) == 14
    evidence = set(custody(store).items["transfer"].to_pylist())
    assert evidence == {row["id"] for row in rows}, "what detectors cite is in the lake"


def test_what_is_old_or_names_a_person_leaves_no_byte(store: Store) -> None:
    keep(store, *whole_chain(), seen(20, DRUM, **{"waybill:operator": "p-0123456789abcdef"}))
    assert erase(store, ["p-0123456789abcdef"]) == 2
    assert retain(store, datetime(2026, 3, 3, tzinfo=UTC)) == 2
    content = b"".join(path.read_bytes() for path in store.path.parent.iterdir())
    assert b"p-0123456789abcdef" not in content
    assert b"ORE-1" not in content
    assert store.verify() == []
    assert custody(store).events.num_rows == 7


def test_a_file_that_was_damaged_says_so(store: Store) -> None:
    keep(store, *whole_chain())
    store.vacuum()
    content = bytearray(store.path.read_bytes())
    content[4096:8192] = b"\xa5" * 4096
    store.path.write_bytes(content)
    with suppress(DamagedError):
        assert store.verify()


def test_a_copy_is_whole_while_others_write(store: Store, tmp_path: Path) -> None:
    keep(store, *whole_chain())
    with store.writing() as database:
        database.execute("DELETE FROM mark")
        store.copy(tmp_path / "copy")
    with sqlite3.connect(tmp_path / "copy") as copy:
        assert copy.execute("SELECT count(*) FROM event").fetchone() == (8,)
    copy.close()


def test_a_lot_is_found_by_what_people_call_it(store: Store) -> None:
    keep(store, *whole_chain(), seen(20, "urn:epc:id:giai:9521000.X1", "urn:epc:id:giai:9521001.X1"))
    with store.reading() as database:
        assert the_item(database, "OX-0012") == canonical(lot(12, "OX-0012"))
        assert the_item(database, "(01)09521000000124(10)OX-0012") == canonical(lot(12, "OX-0012"))
        for text in ("nothing", "X1"):
            with pytest.raises(UsageError):
                the_item(database, text)


steps = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 28)), min_size=1, max_size=25)


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(steps, st.integers(0, 9))
def test_a_walk_is_what_a_walk_by_hand_is_and_so_is_that_of_arrays(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[int, int, int]], start: int
) -> None:
    store = Store(tmp_path_factory.mktemp("walk") / "custody.sqlite3")
    lots = [lot(60, f"L{n}") for n in range(10)]
    keep(store, *(event("TransformationEvent", day, inputQuantityList=[amount(lots[source], 1)],
                        outputQuantityList=[amount(lots[target], 1)]) for source, target, day in found))  # fmt: skip
    reach = {start: 0}
    while True:
        more = {t: day for s, t, day in sorted(found, key=lambda one: -one[2]) if s in reach and day >= reach[s]
                and day < reach.get(t, 99) and s != t}  # fmt: skip
        if not more:
            break
        reach |= more
    expected = {canonical(lots[n]) for n in reach} - {canonical(lots[start])}
    table = custody(store)
    flows, names = Flows.of(table)
    if canonical(lots[start]) not in names:
        return
    assert downstream(store, lots[start]) - {canonical(lots[start])} == expected
    touched = flows.downstream([names.index(canonical(lots[start]))])
    days = [one.day for one in table.events["time"].to_pylist()]
    if len(set(days)) == len(days):  # arrays take events of one moment one after another, a walk takes them as one
        assert {names[n] for n in np.flatnonzero(touched != NEVER)} - {canonical(lots[start])} == expected


def test_what_is_overdrawn_is_told_by_arrays(store: Store) -> None:
    keep(store, *whole_chain(), event("TransformationEvent", 10, inputQuantityList=[amount(ORE, 500)],
                                      outputQuantityList=[amount(lot(11, "CON-8"), 50)]))  # fmt: skip
    flows, names = Flows.of(custody(store))
    assert [names[number] for number in flows.overdrawn()] == [canonical(ORE)]

"""Diversions of every kind are told, their twins are not, and nothing is told without what decides it."""

from __future__ import annotations

import dataclasses
import json
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from bench.materials_detectors import DETECTOR, NO_ROWS, custody_of
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.samples import read_bytes
from tests.detect.chains import Seen, findings, plain, seen, without
from tests.epcis.chain import document, event

from waybill.detect.materials import MaterialsDetector, codebook
from waybill.detect.materials.detector import CHECKS
from waybill.detect.materials.grades import grade, nines
from waybill.detect.materials.offers import LOGSOURCE, read
from waybill.detect.materials.wording import ADVICE, SENTENCES, TITLES
from waybill.model.custody import Custody
from waybill.model.findings import Finding
from waybill.model.protocols import Detector, Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import SCHEMA
from waybill.simulate.chain import KINDS, REPORT_SEEDS, TUNING_SEEDS, Kind, Seeded

SEED = TUNING_SEEDS[0]


@pytest.fixture(scope="module")
def chain() -> Seen:
    """A chain with every kind of diversion and its twin."""
    return seen(SEED)


@pytest.fixture(scope="module")
def told(chain: Seen) -> list[Finding]:
    """What is told of it."""
    return list(findings(chain.custody, chain.chain.register))


def _seeded(chain: Seen, kind: Kind, *, leak: bool) -> Seeded:
    return next(one for one in chain.chain.seeded if one.kind is kind and one.leak is leak)


def test_seeds_for_tuning_and_for_figures_are_apart() -> None:
    assert not set(TUNING_SEEDS) & set(REPORT_SEEDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_found_by_its_rule_and_evidence(chain: Seen, told: list[Finding], kind: Kind) -> None:
    evidence = chain.evidence(_seeded(chain, kind, leak=True))
    assert [one for one in told if one.rule_id in kind.rules and evidence & set(one.transfers)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_finding_rests_on_a_twin(chain: Seen, told: list[Finding], kind: Kind) -> None:
    evidence = chain.evidence(_seeded(chain, kind, leak=False))
    assert not [one.rule_id for one in told if evidence & set(one.transfers)]


def test_nothing_else_is_told(chain: Seen, told: list[Finding]) -> None:
    items = set().union(*(chain.items(one) for one in chain.chain.seeded if one.leak))
    assert [one.sentence.en for one in told if one.parts[0].value not in items] == []


def test_without_the_decisive_records_there_is_no_finding(chain: Seen, told: list[Finding]) -> None:
    leaks = [one for one in chain.chain.seeded if one.leak]
    decisive = set().union(*(one.events for one in leaks))
    left = {one.id for one in findings(without(chain.custody, decisive), chain.chain.register)}
    for seeded in leaks:
        evidence = chain.evidence(seeded)
        mine = {one.id for one in told if one.rule_id in seeded.kind.rules and evidence & set(one.transfers)}
        assert mine and mine.isdisjoint(left), seeded.kind.name


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
def test_whatever_is_missing_nothing_breaks(chain: Seen, share: float) -> None:
    ids = np.array(chain.custody.events["id"].to_pylist())
    gone = ids[np.random.default_rng(int(100 * share)).random(len(ids)) < share]
    for one in findings(without(chain.custody, gone.tolist()), chain.chain.register):
        assert one.transfers and "{" not in one.sentence.en


def test_a_shipment_that_is_received_in_parts_has_arrived(chain: Seen, told: list[Finding]) -> None:
    seeded = _seeded(chain, next(kind for kind in KINDS if kind.name == "less_arrived"), leak=True)
    missing = next(one for one in told if one.rule_id == "materials.mirror-gap" and one.time)
    receipt = chain.custody.events.filter(pc.is_in(chain.custody.events["id"], value_set=pa.array(seeded.events)))
    number = receipt["number"][0].as_py()
    rows = chain.custody.items.to_pylist()
    (short,) = [row for row in rows if row["number"] == number]
    rest = {**short, "amount": short["amount"] / 9, "quantity": short["quantity"] / 9}
    place = rows.index(short)
    items = pa.Table.from_pylist([*rows[: place + 1], rest, *rows[place + 1 :]], chain.custody.items.schema)
    known = dataclasses.replace(chain.custody, items=items)
    assert missing.id not in {one.id for one in findings(known, chain.chain.register)}


@pytest.mark.parametrize(("step", "other"), [("shipping", "departing"), ("receiving", "arriving")])
def test_single_steps_stand_for_the_whole_where_a_site_records_no_more(
    chain: Seen, told: list[Finding], step: str, other: str
) -> None:
    words = [other if one == step else one for one in chain.custody.events["biz_step"].to_pylist()]
    field = chain.custody.events.schema.field("biz_step")
    events = chain.custody.events.set_column(
        chain.custody.events.schema.get_field_index("biz_step"), field, pa.array(words).dictionary_encode()
    )
    renamed = findings(dataclasses.replace(chain.custody, events=events), chain.chain.register)
    assert {one.id for one in renamed} == {one.id for one in told}


def test_a_shipment_that_was_declared_void_is_not_missed(chain: Seen, told: list[Finding]) -> None:
    seeded = _seeded(chain, next(kind for kind in KINDS if kind.name == "lost"), leak=True)
    events = chain.custody.events.to_pylist()
    number = next(row["number"] for row in events if row["id"] == seeded.events[0])
    last = len(events)
    void = {
        **next(row for row in events if row["number"] == number),
        "number": last,
        "id": "void",
        "biz_step": "void_shipping",
    }
    items = [{**row, "number": last} for row in chain.custody.items.to_pylist() if row["number"] == number]
    known = dataclasses.replace(
        chain.custody,
        events=pa.Table.from_pylist([*events, void], chain.custody.events.schema),
        items=pa.concat_tables(
            [chain.custody.items, pa.Table.from_pylist(items, chain.custody.items.schema)]
        ).unify_dictionaries(),
    )
    rules = {one.rule_id for one in findings(known, chain.chain.register)}
    assert "materials.gap-lost" not in rules and "materials.gap-lost" in {one.rule_id for one in told}


@pytest.mark.parametrize("emptied", [True, False])
def test_a_parent_that_is_emptied_lets_all_its_children_go(*, emptied: bool) -> None:
    pallets = [f"urn:epc:id:sscc:9521000.000000000{number}" for number in (1, 2)]
    things = [f"urn:epc:id:sgtin:9521000.000020.T{number}" for number in (1, 2)]
    events = [
        event("AggregationEvent", 1, action="ADD", parentID=pallets[0], childEPCs=things),
        event("AggregationEvent", 2, action="DELETE", parentID=pallets[0]),
        event("AggregationEvent", 3, action="ADD", parentID=pallets[1], childEPCs=things[:1]),
    ]
    known = custody_of([(datetime(2026, 11, 1, tzinfo=UTC), document(*(events if emptied else events[::2])))])
    rules = [one.rule_id for one in findings(known, RegisterSnapshot())]
    assert rules == ([] if emptied else ["materials.identity-two-parents"])


def test_a_clean_chain_is_silent() -> None:
    clean = seen(SEED + 1, kinds=(), weeks=12)
    assert [one.sentence.en for one in findings(clean.custody, clean.chain.register)] == []


def test_the_order_of_rows_makes_no_difference(chain: Seen, told: list[Finding]) -> None:
    shuffle, known = np.random.default_rng(1), chain.custody

    def mixed(table: pa.Table) -> pa.Table:
        return table.take(pa.array(shuffle.permutation(table.num_rows)))

    items = known.items.append_column("place", pa.array(np.arange(known.items.num_rows)))
    items = mixed(items).sort_by([("number", "ascending"), ("place", "ascending")]).drop_columns("place")
    other = Custody(
        mixed(known.events), items, known.readings, mixed(known.documents), mixed(known.attributes),
        mixed(known.master_data), known.marks,
    )  # fmt: skip
    assert plain(findings(other, chain.chain.register)) == plain(told)


def test_sentences_are_whole_in_both_languages(told: list[Finding]) -> None:
    for one in told:
        for text in (one.title, one.sentence, one.advice):
            assert text.en and text.zh and "{" not in text.en + text.zh
    assert set(TITLES) == set(SENTENCES) == set(ADVICE)


def test_findings_once_told_are_not_told_again_and_end_with_their_cause(chain: Seen) -> None:
    tables = Tables(NO_ROWS, chain.chain.register, None, chain.custody)
    first = DETECTOR.run(tables, {})
    again = DETECTOR.run(tables, first.state)
    assert first.findings and not again.findings and not again.over
    seeded = _seeded(chain, KINDS[0], leak=True)
    later = DETECTOR.run(
        Tables(NO_ROWS, chain.chain.register, None, without(chain.custody, seeded.events)), first.state
    )
    assert later.over


def test_it_is_a_detector_that_pickles_and_is_silent_without_custody() -> None:
    assert isinstance(DETECTOR, Detector)
    copy = pickle.loads(pickle.dumps(DETECTOR))
    assert copy.run(Tables(NO_ROWS), {"told": []}).state == {"told": []}
    assert copy.run(Tables(NO_ROWS, custody=Custody.empty()), {}).findings == []
    assert len(CHECKS) == len(set(CHECKS))


def _offer(chain: Seen, told: list[Finding], *, lot: bool, days: int = 3, kilograms: float = 1.0) -> pa.Table:
    """Return an offer of the lot that was lost."""
    lost = next(one for one in told if one.rule_id == "materials.gap-lost")
    item = f"https://id.gs1.org/{lost.parts[0].value}"
    places = [n for n, one in enumerate(chain.custody.items["item"].to_pylist()) if one == item]
    weight = chain.custody.items["amount"][places[0]].as_py()
    number = chain.custody.items["number"][places[0]].as_py()
    said = {
        row["name"]: row["value"]
        for row in chain.custody.attributes.to_pylist()
        if row["name"] in ("grade", "packaging") and row["number"] >= number and row["value"]
    }
    fields = {
        "material": "La2O3",
        "packaging": "Drum",
        "price": "0.3",
        "currency": "usd",
        "counterparty": "bargain-oxides.example",
        "grade": said.get("grade", "3N"),
    }
    row = {
        "time": lost.last_time + timedelta(days=days),
        "id": b"o" * 16,
        "logsource": LOGSOURCE,
        "asset": lost.parts[0].value.rpartition("/")[2] if lot else None,
        "actor_org": None,
        "quantity": weight * kilograms,
        "unit": "KGM",
        "fields": list(fields.items()),
    }
    return pa.Table.from_pylist([row], pa.schema([SCHEMA.field(name) for name in DETECTOR.columns]))


@pytest.mark.parametrize(
    ("lot", "days", "kilograms"),
    [(True, 3, 9.0), (False, 3, 1.0)],
)
def test_an_offer_is_matched_with_what_is_missing(
    chain: Seen, told: list[Finding], *, lot: bool, days: int, kilograms: float
) -> None:
    found = _matched(chain, _offer(chain, told, lot=lot, days=days, kilograms=kilograms))
    assert [b"o".hex() * 16 in one.transfers and "bargain-oxides.example" in one.sentence.en for one in found] == [True]


@pytest.mark.parametrize(("lot", "days", "kilograms"), [(False, 3, 0.5), (False, -90, 1.0), (True, 400, 1)])
def test_other_offers_are_trade(chain: Seen, told: list[Finding], *, lot: bool, days: int, kilograms: float) -> None:
    assert not _matched(chain, _offer(chain, told, lot=lot, days=days, kilograms=kilograms))


def _matched(chain: Seen, offer: pa.Table) -> list[Finding]:
    state = DETECTOR.run(Tables(offer, chain.chain.register), {}).state
    found = findings(chain.custody, chain.chain.register, state)
    return [one for one in found if one.rule_id == "materials.offer-matched"]


def test_offers_are_read_from_a_file(tmp_path: Path) -> None:
    line = "2025-10-02T09:00:00+08:00,bargain-oxides.example,La2O3,L-7,3N5,120.5,KGM,0.30,USD,drum"
    columns = "offered_at,counterparty,material,lot,grade,quantity,unit,price,currency,packaging"
    (batch,) = read_bytes(tmp_path, f"{columns}\n{line}\n".encode())
    (offer,) = read(batch.transfers)
    assert (offer.by, offer.material, offer.lot, offer.kilograms) == ("bargain-oxides.example", "La2O3", "L-7", 120.5)
    assert (offer.price, offer.currency, offer.packaging) == (0.3, "USD", "drum")
    assert offer.nines == pytest.approx(3.301, abs=1e-3)


def test_who_offers_is_held_against_the_lists(chain: Seen, told: list[Finding], tmp_path: Path) -> None:
    names = tmp_path / "watched.ftm.json"
    properties = {"name": ["Bargain Oxides.Example"], "topics": ["export.control"]}
    entity = {"id": "w-1", "schema": "Company", "properties": properties}
    names.write_text(json.dumps(entity) + "\n", encoding="utf-8")
    detector = pickle.loads(pickle.dumps(MaterialsDetector(lists=(names,))))
    state = detector.run(Tables(_offer(chain, told, lot=True)), {}).state
    (found,) = detector.run(Tables(NO_ROWS), state).findings
    assert found.rule_id == "materials.offer-listed" and found.transfers == ((b"o" * 16).hex(),)
    assert "Bargain Oxides" in found.parts[0].usual and "watched" in found.sentence.zh
    assert MaterialsDetector().run(Tables(NO_ROWS), state).findings == []


@pytest.mark.parametrize(
    ("text", "number"), [("2N", 2.0), ("3N5", 3.301), ("4n", 4.0), ("99.95", 3.301), ("99.9 %", 3.0), ("99", 2.0)]
)
def test_grades_are_read(text: str, number: float) -> None:
    assert grade(text) == pytest.approx(number, abs=1e-3)


@pytest.mark.parametrize("text", ["", "N5", "purest", "0N", "101", "3N55"])
def test_what_is_no_grade_is_none(text: str) -> None:
    assert np.isnan(grade(text))


@given(st.floats(0, 0.999999))
def test_nines_grow_with_purity(purity: float) -> None:
    assert nines(purity) <= nines(purity + (1 - purity) / 2)


def test_codes_are_dated_and_sourced() -> None:
    codes = codebook()
    assert codes.controls("Tb4O7", "CN", datetime(2025, 4, 3, tzinfo=UTC).date()) == ()
    assert codes.controls("Tb4O7", "CN", datetime(2025, 4, 4, tzinfo=UTC).date()) == ("1C904",)
    assert codes.controls("Tb4O7", "DE", datetime(2025, 6, 4, tzinfo=UTC).date()) == ()
    assert codes.controls("Ho2O3", "CN", datetime(2026, 1, 1, tzinfo=UTC).date()) == ()
    assert codes.headings("Sm2O3") == {"284690", "382499"}
    assert codes.headings("glass") == frozenset()
    assert all(row.source and row.certainty for row in codes.rows)
    assert {row.code for row in codes.rows if row.certainty == "assumed"} >= {"1C905", "2025-57"}


def test_an_unknown_world_is_told_nothing_of() -> None:
    chain = seen(SEED)
    bare = Custody(
        chain.custody.events,
        chain.custody.items,
        chain.custody.readings.slice(0, 0),
        chain.custody.documents.slice(0, 0),
        chain.custody.attributes.slice(0, 0),
        chain.custody.master_data.slice(0, 0),
        chain.custody.marks,
    )
    rules = {
        one.rule_id for one in MaterialsDetector().run(Tables(NO_ROWS, RegisterSnapshot(), None, bare), {}).findings
    }
    assert not any(rule.startswith(("materials.grade", "materials.yield", "materials.travel")) for rule in rules)

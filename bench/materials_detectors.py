"""What the checks of materials find in chains that nothing was tuned on, and how fast they pass over a million items.

Precision counts a finding as right where it is about an item of a diversion, recall a diversion as found where a
finding of its rule rests on its decisive events. Documents of GS1 and OpenEPCIS (WAYBILL_CORPORA) are corrupted in one
place each, and the corruption must be told.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.scoreboard import Row, row
from waybill.detect.materials import MaterialsDetector
from waybill.detect.materials.offers import LOGSOURCE
from waybill.epcis.capturing import capture
from waybill.epcis.document import read_document
from waybill.epcis.store import Store
from waybill.epcis.tables import custody
from waybill.model.custody import Custody
from waybill.model.errors import InputError
from waybill.model.findings import Finding
from waybill.model.protocols import Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import SCHEMA
from waybill.simulate.chain import KINDS, REPORT_SEEDS, Chain, make
from waybill.simulate.chain.dealings import THRESHOLD

DETECTOR = MaterialsDetector({"2846": THRESHOLD})
NO_ROWS = pa.schema([SCHEMA.field(name) for name in DETECTOR.columns]).empty_table()
_ITEMS = 1_000_000
_CLEAN_RATE = 1.0
"""Findings that 10,000 events of a clean chain may cause at most."""


def measure() -> list[Row]:
    """Return recall and precision by check, the rate in clean chains, the speed, and what corruptions are told."""
    seeded: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    told: Counter[str] = Counter()
    clean_events = clean_findings = twins = 0
    last: Custody | None = None
    for seed in REPORT_SEEDS:
        chain = make(seed, kinds=KINDS)
        last = custody_of(documents_of(chain))
        findings = _told(last, chain.register)
        evidence, items = _by_event(last)
        leaked = {item for one in chain.seeded if one.leak for event in one.events for item in items[event]}
        for finding in findings:
            told[_family(finding.rule_id)] += 1
            right[_family(finding.rule_id)] += finding.parts[0].value in leaked
        for one in chain.seeded:
            rests = {transfer for event in one.events for transfer in evidence[event]}
            about = [finding for finding in findings if rests & set(finding.transfers)]
            if one.leak:
                seeded[_family(one.kind.rules[0])] += 1
                found[_family(one.kind.rules[0])] += any(finding.rule_id in one.kind.rules for finding in about)
            else:
                twins += len(about)
        matched, of_lost = _matched(chain, last)
        seeded["offer"] += 1
        found["offer"] += of_lost > 0
        right["offer"] += of_lost
        told["offer"] += matched
        clean = make(seed + 10_000, kinds=())
        known = custody_of(documents_of(clean))
        clean_events += known.events.num_rows
        clean_findings += len(_told(known, clean.register))
    rows = []
    for family in sorted(seeded):
        of = f"{family}: {seeded[family]} diversions in {len(REPORT_SEEDS)} chains"
        rows.append(row(f"{of}, found", found[family] / seeded[family], "recall", at_least=1.0))
        rows.append(row(f"{of}, findings right of {told[family]}", right[family] / max(1, told[family]), "precision"))
    rows.append(row("findings that rest on a benign twin", twins, "findings", at_most=0))
    rate = 10_000 * clean_findings / clean_events
    rows.append(row(f"findings in clean chains of {clean_events:,} events", rate, "per 10,000", at_most=_CLEAN_RATE))
    if last is not None:
        rows.append(_speed(last))
    return [*rows, *_corrupted()]


def _family(rule: str) -> str:
    return rule.removeprefix("materials.").partition("-")[0]


def _told(known: Custody, register: RegisterSnapshot) -> list[Finding]:
    return DETECTOR.run(Tables(NO_ROWS, register, None, known), {}).findings


def documents_of(chain: Chain) -> Iterator[tuple[datetime, bytes]]:
    """Yield the documents of a chain, of every three days one, each with when it was handed over."""
    for moment, document in chain.documents(together=timedelta(days=3)):
        yield moment, json.dumps(document).encode()


def custody_of(documents: Iterable[tuple[datetime, bytes]]) -> Custody:
    """Capture documents, each at its moment, and return the custody."""
    with TemporaryDirectory(prefix="waybill-bench-") as folder:
        store = Store(Path(folder) / "custody.sqlite3")
        for moment, content in documents:
            capture(
                store,
                read_document(content),
                submitter="bench",
                now=moment,
                identify=lambda raw: hashlib.blake2b(raw, digest_size=16).digest(),
                clean=lambda event: event,
            )
        return custody(store)


def _by_event(known: Custody) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the transfers and the items of each event, by its id."""
    ids = known.events.sort_by("number")["id"].to_pylist()
    transfers: dict[str, set[str]] = {id_: set() for id_ in ids}
    items: dict[str, set[str]] = {id_: set() for id_ in ids}
    for number, transfer, item in zip(
        *(known.items[name].to_pylist() for name in ("number", "transfer", "item")), strict=True
    ):
        transfers[ids[number]].add(transfer.hex())
        items[ids[number]].add(item.removeprefix("https://id.gs1.org/"))
    return transfers, items


def _matched(chain: Chain, known: Custody) -> tuple[int, int]:
    """Return how many of some offers were matched: one of a lot that was lost, and many of honest trade."""
    lost = next(one for one in chain.seeded if one.leak and one.kind.name == "lost").events[0]
    events = [one.event for one in chain.captured if one.event.get("waybill:value")]
    materials = {f"https://id.gs1.org/01/{item}": material for material, item in chain.catalogue.items.items()}
    random = Random(len(events))
    offers = []
    for number, event in enumerate(
        [next(one for one in events if one["eventID"] == lost), *random.sample(events, 200)]
    ):
        amount = event["quantityList"][0]
        weight = amount["quantity"] * (1 if number == 0 else random.uniform(0.2, 3))
        price = (
            float(event["waybill:value"]) / amount["quantity"] * (0.5 if number == 0 else random.lognormvariate(0, 0.1))
        )
        fields = {
            "material": materials[amount["epcClass"].partition("/10/")[0]],
            "grade": event.get("waybill:grade", ""),
            "packaging": event["waybill:packaging"],
            "price": str(price),
            "currency": "USD",
            "counterparty": f"seller-{number}.example",
        }
        moment = datetime.fromisoformat(event["eventTime"]) + timedelta(days=20)
        offers.append({"time": moment, "id": number.to_bytes(16, "big"), "logsource": LOGSOURCE, "quantity": weight,
                       "unit": "KGM", "fields": list(fields.items())})  # fmt: skip
    state = DETECTOR.run(Tables(pa.Table.from_pylist(offers, NO_ROWS.schema), chain.register), {}).state
    found = DETECTOR.run(Tables(NO_ROWS, chain.register, None, known), state).findings
    matched = [one for one in found if one.rule_id == "materials.offer-matched"]
    return len(matched), sum((0).to_bytes(16, "big").hex() in one.transfers for one in matched)


def _speed(known: Custody) -> Row:
    """Return how long one pass over a million items takes, in seconds of the processor."""
    many = _tiled(known, -(-_ITEMS // known.items.num_rows))
    begun = time.process_time()
    _told(many, RegisterSnapshot())
    seconds = time.process_time() - begun
    return row(f"one pass of all checks over {many.items.num_rows:,} items, processor time", seconds, "s", at_most=20)


def _tiled(known: Custody, times: int) -> Custody:
    """Return custody so many times over, each time of other items, still in the order of time."""

    def numbered(table: pa.Table, tile: int) -> pa.Table:
        numbers = pc.add(pc.multiply(table["number"], times), tile)
        table = table.set_column(table.schema.get_field_index("number"), table.schema.field("number"), numbers)
        if "item" in table.column_names:
            column = table["item"].combine_chunks()
            words = pc.binary_join_element_wise(column.dictionary, f"~{tile}", "")
            renamed = pa.DictionaryArray.from_arrays(column.indices, words)
            table = table.set_column(table.schema.get_field_index("item"), table.schema.field("item"), renamed)
        return table

    def tiles(table: pa.Table) -> pa.Table:
        joined = pa.concat_tables([numbered(table, tile) for tile in range(times)]).unify_dictionaries()
        return joined.combine_chunks().take(pa.array(np.argsort(joined["number"].to_numpy(), kind="stable")))

    return Custody(
        tiles(known.events), tiles(known.items), tiles(known.readings), tiles(known.documents), tiles(known.attributes),
        known.master_data, known.marks.slice(0, 0),
    )  # fmt: skip


_Event = dict[str, Any]


def _again(event: _Event) -> list[_Event]:
    """Let what came into being come into being again."""
    if event["type"] != "ObjectEvent" or event.get("action") != "ADD" or not event.get("epcList"):
        return []
    return [_later(event, 1)]


def _revived(event: _Event) -> list[_Event]:
    """End what was seen, and let it be seen again."""
    if event["type"] != "ObjectEvent" or event.get("action") == "DELETE" or not event.get("epcList"):
        return []
    gone = {key: value for key, value in event.items() if key != "ilmd"}
    return [_later({**gone, "action": "DELETE"}, 1), _later({**gone, "action": "OBSERVE"}, 2)]


def _second_parent(event: _Event) -> list[_Event]:
    """Put children into a second parent."""
    if event.get("action") != "ADD" or not event.get("childEPCs") or not event.get("parentID"):
        return []
    return [{**_later(event, 1), "parentID": "https://id.gs1.org/00/095200000000000018"}]


_CORRUPTIONS: dict[str, Callable[[_Event], list[_Event]]] = {
    "materials.identity-duplicate": _again,
    "materials.identity-after-end": _revived,
    "materials.identity-two-parents": _second_parent,
}
"""What is done to a document, by the rule that must tell it."""


def _later(event: _Event, days: int) -> _Event:
    """Return the event as another one, some days later."""
    moment = datetime.fromisoformat(str(event["eventTime"]).replace("Z", "+00:00")) + timedelta(days=days)
    kept = {key: value for key, value in event.items() if key not in ("eventID", "recordTime", "errorDeclaration")}
    return {**kept, "eventTime": moment.isoformat(timespec="milliseconds")}


def _corrupted() -> list[Row]:
    corpora = os.environ.get("WAYBILL_CORPORA")
    if not corpora:
        return []
    tried: Counter[str] = Counter()
    found: Counter[str] = Counter()
    as_they_are = documents = 0
    paths = [path for suffix in ("json", "jsonld") for path in Path(corpora, "epcis").rglob(f"*.{suffix}")]
    for path in sorted(paths):
        before = _of_document(path, lambda event: [])
        if before is None:
            continue
        documents += 1
        as_they_are += len(before)
        for rule, corrupt in _CORRUPTIONS.items():
            after = _of_document(path, corrupt, needed=True)
            if after is not None:
                tried[rule] += 1
                found[rule] += len([one for one in after if one == rule]) > before.count(rule)
    rows = [row(f"findings in {documents} documents of GS1 and OpenEPCIS as they are", as_they_are, "findings")]
    return rows + [
        row(f"corruptions told of {tried[rule]}: {rule}", found[rule] / max(1, tried[rule]), "recall", at_least=1.0)
        for rule in _CORRUPTIONS
    ]


def _of_document(path: Path, corrupt: Callable[[_Event], list[_Event]], *, needed: bool = False) -> list[str] | None:
    """Return the rules that a document breaks, with one corruption; None if it cannot be captured or corrupted."""
    try:
        content = json.loads(path.read_bytes())
        events = content["epcisBody"]["eventList"]
        added = next((more for event in events if (more := corrupt(event))), [])
        if needed and not added:
            return None
        content["epcisBody"]["eventList"] = [*events, *added]
        known = custody_of([(datetime.now(UTC), json.dumps(content).encode())])
    except (InputError, KeyError, TypeError, ValueError):
        return None
    return [finding.rule_id for finding in _told(known, RegisterSnapshot())]

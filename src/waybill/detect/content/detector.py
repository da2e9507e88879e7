"""The detector: transfers of things that were inspected, judged by what is in them, and decoys that were touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.content import wording
from waybill.detect.content.leaving import Destination, Sending, destination, is_permitted, leaves
from waybill.model.findings import Finding, Part, Position, Text, group_id, merge
from waybill.model.protocols import Result, State, Tables
from waybill.model.register import DECOY_FIELD, Asset, Content, RegisterSnapshot
from waybill.model.transfers import SEPARATOR
from waybill.model.words import MOVING, Grade, Outcome, Scope, Severity

_SEVERITIES = {
    Grade.GENERAL: Severity.LOW,
    Grade.SENSITIVE: Severity.MEDIUM,
    Grade.IMPORTANT: Severity.HIGH,
    Grade.CORE: Severity.CRITICAL,
}
_FAILED = (Outcome.BLOCKED, Outcome.FAILURE)


class ContentDetector:
    """Tells registered documents and records, graded content and marks of ours in what moved.

    What lies in a thing is known from inspections (``RegisterSnapshot.contents``); a log that names it is judged by
    that. A document with a permit to go there is silent; a mark of ours is told wherever it moves. A decoy is told
    whatever is done to it: by its name, or because a record held one of its values when it was collected.
    """

    name: ClassVar[str] = "content"
    columns: tuple[str, ...] = (
        "time", "id", "source", "action", "outcome", "channel", "actor", "actor_org", "asset", "to_place", "to_party",
        "to_jurisdiction", "origin", "position", "fields",
    )  # fmt: skip
    scope: ClassVar[Scope] = Scope.RECORD
    history: ClassVar[timedelta] = timedelta(0)

    def keys(self, tables: Tables) -> pa.Array:
        """Return nothing that partitions: rows are judged one by one."""
        return pa.nulls(tables.transfers.num_rows, pa.string())

    def run(self, tables: Tables, state: State) -> Result:
        """Return the findings among these rows."""
        if not (tables.register.contents or tables.register.decoys):
            return Result([], state)
        return Result(merge(finding for row in _rows(tables) if (finding := _judge(row, tables))), state)


def _rows(tables: Tables) -> Iterator[dict[str, Any]]:
    """Yield the rows that name something whose content is known; every name is looked up once."""
    transfers, register = tables.transfers, tables.register
    assets = transfers["asset"].cast(pa.string())
    known = [name for name in pc.unique(assets).to_pylist() if register.content_of(name) or register.decoy_of(name)]
    chosen = pc.is_in(assets, value_set=pa.array(known, pa.string()))
    if register.decoys:
        chosen = pc.or_(chosen, _with_decoys(transfers["fields"]))
    yield from transfers.select(ContentDetector.columns).filter(chosen).to_pylist()


def _with_decoys(fields: pa.ChunkedArray) -> pa.Array:
    """Return which rows have the field that names decoys: only the keys are looked at, and each word once."""
    found = []
    for chunk in fields.chunks:
        keys = chunk.keys
        words = keys if not pa.types.is_dictionary(keys.type) else keys.dictionary
        named = pc.equal(words, DECOY_FIELD)
        if words is not keys:
            named = named.take(keys.indices)
        begins = chunk.offsets.to_numpy()  # of a slice: they count the keys of the whole all the same
        before = np.concatenate([[0], np.cumsum(named.to_numpy(zero_copy_only=False))])
        found.append(pa.array(before[begins[1:]] > before[begins[:-1]]))
    return pa.chunked_array(found, pa.bool_()).combine_chunks()


class _Statement(NamedTuple):
    """What is said of one row."""

    rule: str
    sentence: Text
    content: Content
    asset: Asset | None = None
    end: str = ""


def _judge(row: dict[str, Any], tables: Tables) -> Finding | None:
    register = tables.register
    content, said = register.content_of(row["asset"]), _decoy(row, register)
    if row["outcome"] in _FAILED and not row["actor"]:
        return None  # a stranger who was turned away
    if said or content is None:
        return _finding(row, said) if said else None
    if content.delivery:
        said = _Statement(wording.CANARY, wording.canary(content, row["asset"]), content)
    elif row["action"] in MOVING:
        end = destination(row["to_place"] or "", row["to_party"] or "", row["to_jurisdiction"] or "", register)
        if end is not None:
            said = _document(row, content, end, register) or _graded(row, content, end, register)
    return _finding(row, said) if said else None


def _decoy(row: dict[str, Any], register: RegisterSnapshot) -> _Statement | None:
    """Return what is said of a decoy that was touched, if one was: the thing itself, or one of its values."""
    spotted = dict(row["fields"] or ()).get(DECOY_FIELD, "").split(SEPARATOR) if register.decoys else []
    touched = register.decoy_of(row["asset"]) or next((one for one in register.decoys if one.id in spotted), None)
    if touched is None:
        return None
    content = Content(name=row["asset"] or "", document=touched.document, asset=touched.asset, delivery=touched.id)
    return _Statement(wording.DECOY, wording.decoy(touched), content, register.asset(touched.asset))


def _document(row: dict[str, Any], content: Content, end: Destination, register: RegisterSnapshot) -> _Statement | None:
    """Return what is said of a registered document, or records, that left their home without a permit."""
    asset = register.asset(content.asset)
    if asset is None or asset.grade is Grade.GENERAL or content.is_quotation:
        return None
    if (end.approved and asset.grade is Grade.SENSITIVE) or not leaves(asset, end, register):
        return None
    sending = Sending(row["actor"] or "", row["actor_org"] or "", row["channel"], row["time"])
    if is_permitted(asset, end, sending, register):
        return None
    rule, worded = (wording.RECORDS, wording.records) if content.records else (wording.DOCUMENT, wording.document)
    return _Statement(rule, worded(content, asset, row["asset"], _called(end, asset)), content, asset, end.name)


def _graded(row: dict[str, Any], content: Content, end: Destination, register: RegisterSnapshot) -> _Statement | None:
    """Return what is said of grave content that no asset of the register stands for, sent to nobody known."""
    known = end.places or end.party or "." not in end.name or register.asset_of(row["asset"]) is not None
    if known or content.asset or content.grade.rank < Grade.IMPORTANT.rank:
        return None
    return _Statement(wording.GRADED, wording.graded(content.grade, row["asset"], end.name), content, None, end.name)


def _called(end: Destination, asset: Asset) -> str:
    """Return what to call the receiver; withheld where the public has an interest, so as not to point at anybody."""
    return (end.jurisdiction or "outside") if asset.public_interest else end.name


def _finding(row: dict[str, Any], said: _Statement) -> Finding:
    rule, sentence, content, asset, end = said
    withheld = asset is not None and asset.public_interest
    subject = "" if withheld else row["actor"] or ""
    grade = asset.grade if asset else content.grade
    severity = Severity.CRITICAL if rule in (wording.CANARY, wording.DECOY) else _SEVERITIES[grade]
    if row["outcome"] in _FAILED and rule != wording.DECOY:  # who looks for a decoy in vain has found where it lies
        severity = list(Severity)[max(0, severity.number - 2)]
    time: datetime = row["time"]
    about = asset.id if asset else row["asset"]
    grouped = content.delivery if rule == wording.DECOY else about
    parts = [Part("document", content.document, share=round(content.share, 4))] if content.document else []
    if rule == wording.DECOY:
        parts.append(Part("delivery", content.delivery))
    if end and not withheld:
        parts.append(Part("destination", end))
    return Finding(
        id=group_id(ContentDetector.name, rule, subject, grouped, time),
        detector=ContentDetector.name,
        rule_id=rule,
        title=wording.TITLES[rule],
        severity=severity,
        score=min(100.0, 40.0 + 15.0 * grade.rank + 15.0 * content.share),
        time=time,
        last_time=time,
        subject=subject,
        asset=about,
        channel=row["channel"],
        outcome=row["outcome"],
        source=Position(row["source"], row["origin"] or "", row["position"] or 0),
        transfers=(row["id"].hex(),),
        sentence=sentence,
        advice=wording.ADVICE[rule],
        parts=tuple(parts),
    )

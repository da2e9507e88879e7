"""The detector: transfers of things that were inspected, judged by what is in them, and decoys that were touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.content import wording
from waybill.detect.content.leaving import Destination, Sending, destination, is_permitted, leaves
from waybill.detect.content.telling import by_digest, telling_rows
from waybill.model.carried import Carried, carried_in
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

    What lies in a thing was found when the transfer was collected (``model.carried``), or is known from inspections
    (``RegisterSnapshot.contents``): a log that names it, or gives its digest, is judged by that. A document with a
    permit to go there is silent; a mark of ours is told wherever it moves. A decoy is told whatever is done to it: by
    its name, or because a record held one of its values when it was collected.
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
        return Result(merge(finding for row in _rows(tables) for finding in _judged(row, tables.register)), state)


def _rows(tables: Tables) -> Iterator[dict[str, Any]]:
    """Yield the rows of whose content something is known; every name is looked up once."""
    transfers, register = tables.transfers, tables.register
    chosen = telling_rows(transfers["fields"], register)
    if register.contents or register.decoys:
        assets = transfers["asset"].cast(pa.string())
        known = [name for name in pc.unique(assets).to_pylist() if register.content_of(name) or register.decoy_of(name)]
        chosen |= pc.is_in(assets, value_set=pa.array(known, pa.string())).to_numpy()
    if chosen.any():
        yield from transfers.select(ContentDetector.columns).filter(pa.array(chosen)).to_pylist()


class _Statement(NamedTuple):
    """What is said of one row."""

    rule: str
    sentence: Text
    content: Content
    asset: Asset | None = None
    end: str = ""


def _judged(row: dict[str, Any], register: RegisterSnapshot) -> Iterator[Finding]:
    """Yield what is to be said of a row."""
    decoy = _decoy(row, register)
    if row["outcome"] in _FAILED and not row["actor"]:
        return  # a stranger who was turned away
    if decoy:
        yield _finding(row, decoy)
        return
    fields = dict(row["fields"] or ())
    end = destination(row["to_place"] or "", row["to_party"] or "", row["to_jurisdiction"] or "", register)
    known, carried = register.content_of(row["asset"]) or by_digest(fields, register), carried_in(fields)
    said = [_said(row, known, end, register)] if known else []
    if carried is not None:
        row["asset"] = carried.name or row["asset"]
        said += [_said(row, one, end, register) for one in carried.held if not _is_handed_out(row, one, end, register)]
        if not any(one.asset for one in carried.held):
            said.append(_unrecognised(row, carried, end, register))
    yield from (_finding(row, one) for one in said if one)


def _said(
    row: dict[str, Any], content: Content, end: Destination | None, register: RegisterSnapshot
) -> _Statement | None:
    """Return what is said of one thing that is known to be in what moved."""
    if content.delivery:
        return _Statement(wording.CANARY, wording.canary(content, row["asset"]), content)
    if row["action"] not in MOVING or end is None:
        return None
    return _document(row, content, end, register) or _graded(row, content, end, register)


def _is_handed_out(row: dict[str, Any], content: Content, end: Destination | None, register: RegisterSnapshot) -> bool:
    """Return whether a marked copy goes to where its asset may go: whoever it was made for has to get it."""
    asset = register.asset(content.asset) if content.delivery else None
    return asset is not None and end is not None and is_permitted(asset, end, _sending(row), register)


def _unrecognised(
    row: dict[str, Any], carried: Carried, end: Destination | None, register: RegisterSnapshot
) -> _Statement | None:
    """Return what is said of content in which nothing registered was recognised: it is grave, or was closed to us."""
    if row["action"] not in MOVING or end is None:
        return None
    content = Content(name=carried.name, grade=carried.grade)
    if graded := _graded(row, content, end, register):
        return graded
    why = next((one for one in carried.unread if one in wording.UNREAD), None)
    if why is None or not _is_to_nobody_known(row, end, register):
        return None
    return _Statement(wording.CLOSED, wording.closed(why, row["asset"], end.name), content, None, end.name)


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
    if is_permitted(asset, end, _sending(row), register):
        return None
    rule, worded = (wording.RECORDS, wording.records) if content.records else (wording.DOCUMENT, wording.document)
    return _Statement(rule, worded(content, asset, row["asset"], _called(end, asset)), content, asset, end.name)


def _graded(row: dict[str, Any], content: Content, end: Destination, register: RegisterSnapshot) -> _Statement | None:
    """Return what is said of grave content that no asset of the register stands for, sent to nobody known."""
    if content.asset or content.grade.rank < Grade.IMPORTANT.rank or not _is_to_nobody_known(row, end, register):
        return None
    return _Statement(wording.GRADED, wording.graded(content.grade, row["asset"], end.name), content, None, end.name)


def _is_to_nobody_known(row: dict[str, Any], end: Destination, register: RegisterSnapshot) -> bool:
    """Return whether something that is not registered goes to somebody who is not."""
    return not (end.places or end.party or "." not in end.name or register.asset_of(row["asset"]) is not None)


def _sending(row: dict[str, Any]) -> Sending:
    return Sending(row["actor"] or "", row["actor_org"] or "", row["channel"], row["time"])


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

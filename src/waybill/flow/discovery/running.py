"""A walk through a place: what changed since the last one is inspected, and kept as it is found.

A walk that is broken off goes on where it was: what was kept has the version that it had, and is passed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath

import msgspec

from waybill import __version__
from waybill.content.canaries import Sighting
from waybill.content.documents import Match, Resemblance
from waybill.content.exact import RecordMatch
from waybill.content.inspecting import Inspection, inspect
from waybill.content.names import Finder
from waybill.content.parsing import Readers, Reason
from waybill.flow import records
from waybill.flow.canaries import deliveries, watching
from waybill.flow.discovery.targets import Item, Target
from waybill.flow.documents import library, registered
from waybill.flow.installation import Installation
from waybill.model.findings import GRADES, Text
from waybill.model.register import TELLING_NAME, Asset, is_quotation
from waybill.model.words import AssetKind, Grade, PartyKind
from waybill.register.discovered import Contained, Found
from waybill.register.fields import SEPARATOR

KEPT_AT_ONCE = 20
"""Things that are kept in one transaction."""

_PASSAGES = 20
_DATA = frozenset({"csv", "ndjson", "ods", "parquet", "sqlite", "table", "xls", "xlsb", "xlsx"})

_PASSING = frozenset({Reason.VANISHED, Reason.DENIED, Reason.CHANGED, Reason.CRASHED})
"""Reasons that may be gone the next time."""

Told = Callable[[int], None]
"""Told how many more bytes were inspected or passed over."""


class Walk(msgspec.Struct):
    """What a walk came to."""

    place: str
    found: list[Found] = []
    """What was inspected, in its order; what had not changed is not among it."""
    unchanged: int = 0
    gone: int = 0


def walk(
    installation: Installation,
    target: Target,
    readers: Readers,
    *,
    who: str,
    again: bool = False,
    names: Sequence[Finder] = (),
    told: Told = lambda count: None,
) -> Walk:
    """Inspect what lies in a place, and keep it.

    ``again``: also what has not changed; ``names``: what finds names that only a sentence gives away, if sought.
    """
    from waybill.register import discoveries

    known, basis = discoveries.versions(target.place), _basis(installation, names)
    watch = watching(installation)
    documents, tables = registered(installation), records.opened(installation)
    assets = {asset.id: asset for asset in installation.register().assets}
    outcome, seen, waiting = Walk(target.place), set[str](), list[Found]()
    for item in target.items:
        seen.add(item.name)
        if not again and item.version and known.get(item.name) == (item.version, basis):
            outcome.unchanged += 1
        else:
            inspection = inspect(item.read(readers), documents, watch() if watch else None, tables, names)
            found = _told(target.place, item, inspection, assets)
            owner = installation.pseudonymiser.pseudonym(item.owner, PartyKind.PERSON) if item.person else found.owner
            found = msgspec.structs.replace(found, basis=basis, owner=owner)
            outcome.found.append(found)
            waiting.append(found)
        if len(waiting) >= KEPT_AT_ONCE:
            discoveries.keep(waiting)
            waiting.clear()
        told(item.size)
    discoveries.keep(waiting)
    gone = known.keys() - seen if target.whole else set()
    discoveries.mark_gone(target.place, gone, datetime.now(UTC))
    outcome.gone = len(gone)
    grades = {str(grade): sum(found.grade is grade for found in outcome.found) for grade in Grade}
    what = {"inspected": len(outcome.found), "unchanged": outcome.unchanged, "gone": outcome.gone, "grades": grades}
    discoveries.record(target.place, what, who=who)
    return outcome


def confirm(installation: Installation, found_id: str, grade: Grade, owner: str, reason: str, *, who: str) -> Asset:
    """Make what was found an asset of the register with the grade and the owner that a person decided on.

    Raises UsageError without a reason, for an unknown discovery or owner.
    """
    from django.db import transaction

    from waybill.control import storage_faults
    from waybill.register import discoveries, profiles, records
    from waybill.register.fields import Kind
    from waybill.register.importing import Reading

    found = discoveries.get(found_id)
    known = installation.register().asset(found.asset) if found.asset else None
    asset = known or Asset(
        id=f"found-{found.id}",
        name=PurePosixPath(found.name).name or found.name,
        kind=AssetKind.DATA if found.format in _DATA else AssetKind.DOCUMENT,
        grade=grade,
        patterns=_patterns(found),
    )
    asset = msgspec.structs.replace(asset, grade=grade, owner=owner)
    reading = Reading({Kind.ASSETS: [asset]}, lines={(Kind.ASSETS, asset.id): ("discovery", 1)})
    key = installation.folder.key("identity")
    with storage_faults(), transaction.atomic():
        records.import_reading(reading, installation.pseudonymiser, key, where=found.name)
        profiles.confirm(asset.id, grade, reason, rules=(found.rule,) if found.rule else (), rulebook="", who=who)
        discoveries.note_confirmed(found_id, asset.id, grade, who=who)
    return asset


def _patterns(found: Found) -> tuple[str, ...]:
    """Return how logs name it: by its place, and by its name alone where that tells. No name may mean many things."""
    whole = f"{found.place}/{found.name}"
    names = (whole, found.name) if len(found.name) >= TELLING_NAME else (whole,)
    return tuple(name for name in names if not (name.endswith("*") or name.startswith(".") or SEPARATOR in name))


def _basis(installation: Installation, names: Sequence[Finder]) -> str:
    """Return what an inspection rests on: with another engine, other documents or marks, a file is inspected again."""
    known = library(installation).version(), records.library(installation).version()
    state = repr((__version__, known, deliveries(), [type(finder).__name__ for finder in names]))
    return hashlib.sha256(state.encode()).hexdigest()[:32]


def _told(place: str, item: Item, inspection: Inspection, assets: Mapping[str, Asset]) -> Found:
    grade, reason, rule = _suggested(inspection, assets)
    return Found(
        place=place,
        name=item.name,
        version="" if _to_be_tried_again(inspection) else item.version,
        format=inspection.format,
        size=item.size or inspection.size,
        digest=inspection.digest,
        grade=grade,
        reason=reason,
        rule=rule,
        values=inspection.values,
        distinct=inspection.distinct,
        persons=inspection.persons,
        documents=_held(inspection),
        hints=tuple(map(_hint, inspection.resemblances)),
        names_sought=inspection.names_sought,
        caveats=tuple(dict.fromkeys(caveat.text() for caveat in inspection.caveats)),
        partial=inspection.partial,
        owner="" if item.person else item.owner,
        inspected_at=datetime.now(UTC),
    )


def _to_be_tried_again(inspection: Inspection) -> bool:
    """Return whether the next walk may read more of it, although it has not changed."""
    return any(caveat.reason in _PASSING for caveat in inspection.caveats)


def _suggested(inspection: Inspection, assets: Mapping[str, Asset]) -> tuple[Grade, Text, str]:
    """Return the graver of what its kinds of data suggest and what the documents and records in it have."""
    best = inspection.grade, inspection.reason, inspection.rule
    for held in _held(inspection):
        asset = assets.get(held.asset) if not held.delivery else None
        if asset is not None and not is_quotation(held.share, held.records) and asset.grade.rank > best[0].rank:
            said, called = held.text(), GRADES[asset.grade]
            reason = Text(f"{said.en}, graded {called.en}", f"{said.zh}，其级别为{called.zh}")
            best = asset.grade, reason, f"{'records' if held.records else 'document'}:{held.id}"
    return best


def _held(inspection: Inspection) -> tuple[Contained, ...]:
    """Return what is known of it: documents, records of tables, marks of deliveries."""
    return (
        *map(_contained, inspection.matches),
        *map(_counted, inspection.records),
        *map(_seen, inspection.sightings),
    )


def _counted(match: RecordMatch) -> Contained:
    share = round(match.share, 6)
    return Contained(match.table.id, match.table.name, share, asset=match.table.asset, records=match.records)


def _hint(one: Resemblance) -> Text:
    name, place = one.document.name, one.place.text()
    sentence = Text(f"looks like {name}", f"看起来像《{name}》")
    return Text(f"{place.en}: {sentence.en}", f"{place.zh}：{sentence.zh}") if place.en else sentence


def _seen(sighting: Sighting) -> Contained:
    one = sighting.delivery
    return Contained(one.id, one.document, round(sighting.certainty, 6), asset=one.asset, delivery=one.id)


def _contained(match: Match) -> Contained:
    members = dict.fromkeys(one.place.members[-1] for one in match.passages if one.place.members)
    return Contained(
        match.document.id,
        match.document.name,
        round(match.share, 4),
        asset=match.document.asset,
        members=tuple(members),
        passages=tuple((one.place.text().en, one.start, one.end) for one in match.passages[:_PASSAGES]),
    )

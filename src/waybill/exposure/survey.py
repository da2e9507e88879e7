"""Looks at things with checks, and keeps in mind since when each exposure has stood open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from waybill.exposure.checks import Check, Sighting
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.exposure.weighing import NOTHING, Passage, Weight, weigh
from waybill.model.findings import SAME, Finding, Part, Position, Text
from waybill.model.ids import finding_id
from waybill.model.register import RegisterSnapshot

DETECTOR = "exposure"
"""What findings of surveys say who says so."""

_WHERE = "where"
"""The part of a finding that names the place."""

Passages = Callable[[Snapshot], Passage]
"""Tells what has gone through a thing lately."""

Open = Mapping[str, str]
"""Since when exposures have stood open (ISO 8601), by check and object, of one place."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be inspected, where, and why."""

    place: str
    what: str
    why: str


@dataclass(slots=True)
class Survey:
    """What a survey saw."""

    findings: list[Finding] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    """Ids of findings that were not there at the survey before."""
    closed: list[str] = field(default_factory=list)
    """Ids of findings whose cause is gone."""
    open: dict[str, dict[str, str]] = field(default_factory=dict)
    """What stands open by place, to be handed to the next survey."""


def survey(
    things: Iterable[Snapshot | NotInspected],
    checks: Sequence[Check],
    register: RegisterSnapshot,
    now: datetime,
    *,
    passages: Passages = lambda thing: NOTHING,
    before: Mapping[str, Open] | None = None,
) -> Survey:
    """Look at each thing with each check. ``before`` is what stood open at the survey before, by place.

    An exposure is closed only by a check that looked and did not see it again; where nobody could look, it stays.
    """
    found = Survey(open={place: dict(known) for place, known in (before or {}).items()})
    for thing in things:
        if isinstance(thing, NotInspected):
            found.gaps.append(Gap(thing.what, "", thing.why))
            continue
        found.places.append(thing.place)
        known = found.open.setdefault(thing.place, {})
        passage = passages(thing)
        for check in (check for check in checks if isinstance(thing, check.subject)):
            try:
                sightings = list(check.look(thing, register))
            except NotInspected as gap:
                found.gaps.append(Gap(thing.place, f"{check.id} ({gap.what})", gap.why))
                continue
            seen = {f"{check.id} {sighting.object}": sighting for sighting in sightings}
            for key in [key for key in known if key.partition(" ")[0] == check.id and key not in seen]:
                found.closed.append(_id(thing.place, key, known.pop(key)))
            for key, sighting in seen.items():
                if key not in known:
                    known[key] = now.isoformat()
                    found.opened.append(_id(thing.place, key, known[key]))
                severity = sighting.severity or check.about.severity
                weight = weigh(severity, thing, register, passage, sighting.holds)
                found.findings.append(_finding(check, thing, sighting, weight, known[key]))
    return found


def _id(place: str, key: str, since: str) -> str:
    return finding_id(DETECTOR, place, key, since)


def _finding(check: Check, thing: Snapshot, sighting: Sighting, weight: Weight, since: str) -> Finding:
    opened = datetime.fromisoformat(since)
    line = sighting.line or thing.source.position
    return Finding(
        id=_id(thing.place, f"{check.id} {sighting.object}", since),
        detector=DETECTOR,
        rule_id=check.id,
        title=check.about.title,
        severity=weight.severity,
        score=weight.score,
        time=opened,
        last_time=opened,
        subject="",
        asset=weight.asset.id if weight.asset else thing.place,
        channel=thing.channel,
        outcome="unknown",
        source=Position(thing.source.name, thing.source.file, line),
        transfers=weight.transfers,
        sentence=Text(
            f"{sighting.sentence.en} {check.about.risk.en}{weight.sentence.en}",
            f"{sighting.sentence.zh}{check.about.risk.zh}{weight.sentence.zh}",
        ),
        advice=check.about.remedy,
        parts=(Part(_WHERE, thing.place), *(Part(*shown) for shown in sighting.evidence), *weight.parts),
        tags=(same(check.id, thing.place, sighting.object),),
    )


def place_of(finding: Finding) -> str:
    """Return the place at which an exposure stands open."""
    return next((part.value for part in finding.parts if part.name == _WHERE), finding.asset)


def same(check: str, place: str, what: str) -> str:
    """Return the tag by which an exposure is known again in another folder, on another day, on another line."""
    where = "" if place.startswith("/") else place
    return SAME + finding_id(DETECTOR, check, where, what)[:16]

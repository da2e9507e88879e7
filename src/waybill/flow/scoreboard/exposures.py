"""What surveys of a simulated world see of its leaks, and when: each night, before or after anything has moved.

Whatever a leak's way out says of the benign twin counts as a false finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from waybill.exposure.deployed import read
from waybill.exposure.deployed.approving import approve
from waybill.exposure.deployed.manifest import Manifest
from waybill.exposure.deployed.pages import Page
from waybill.flow.installation import Installation
from waybill.flow.surveys.surveying import look_and_keep, things_of
from waybill.model.findings import Finding
from waybill.simulate import Truth
from waybill.simulate.truth import Exposed


class Sighted(msgspec.Struct, frozen=True, kw_only=True):
    """A leak's way out that a survey saw."""

    by: str
    """``code``, ``page`` or ``storage``."""
    rules: tuple[str, ...]
    at: datetime
    """The night of the first survey that could see it."""
    twin_findings: int
    """Findings about the benign twin: false ones."""


def sighted(world: Path, truth: Truth, installation: Installation) -> dict[str, list[Sighted]]:
    """Survey what stands in the world, keep what is found, and return what was seen of each leak by its name."""
    return {
        case.name: [one for exposed in case.exposures if (one := _see(world / truth.places, exposed, installation))]
        for case in truth.cases
    }


def _see(places: Path, exposed: Exposed, installation: Installation) -> Sighted | None:
    night = _night(exposed.since, installation.settings.night_hour)
    manifest = _approved(places / exposed.approved) if exposed.approved else None
    target = str(places / exposed.target)
    things = things_of(exposed.family, [target], read=(lambda name: read(name, manifest)) if manifest else None)
    found = look_and_keep(installation, exposed.family, things, now=night).findings
    rules = tuple(sorted({one.rule_id for one in found if _tells(one, exposed.marker)}))
    if not rules:
        return None
    twins = sum(_tells(one, exposed.twin) for one in found)
    return Sighted(by=exposed.by, rules=rules, at=night, twin_findings=twins)


def _approved(place: Path) -> Manifest:
    """Return the manifest of what was approved: a tree, or a page."""
    if place.is_dir():
        return Manifest(approve(place).statement, frozenset({"the world"}))
    pages = [one for one in read(str(place)) if isinstance(one, Page)]
    nothing = place.parent / ".nothing"
    nothing.mkdir(exist_ok=True)
    return Manifest(approve(nothing, pages=pages, reasons={"*": "payment"}).statement, frozenset({"the world"}))


def _night(since: datetime, hour: int) -> datetime:
    """Return when the first nightly survey after a moment begins."""
    night = since.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return night if night > since else night + timedelta(days=1)


def _tells(finding: Finding, marker: str) -> bool:
    said: Iterable[str] = (finding.sentence.en, *(part.value for part in finding.parts))
    return any(marker in text for text in said)

"""Other files of a deployed platform that are not as they were approved."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.kinds import Kind
from waybill.exposure.deployed.platform import Platform
from waybill.exposure.deployed.sightings import of_differences
from waybill.model.register import RegisterSnapshot

SUBJECT = Platform


def look(thing: Platform, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each file that nobody runs and that was added, changed or removed, unless it may change on its own."""
    return of_differences(thing.place, (one for one in thing.differences if one.kind in {Kind.DATA, Kind.CACHE}))

"""Code of a deployed platform that is not as it was approved."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.kinds import Kind
from waybill.exposure.deployed.platform import Platform
from waybill.exposure.deployed.sightings import of_differences
from waybill.model.register import RegisterSnapshot

SUBJECT = Platform


def look(thing: Platform, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each file that is run and was added, changed or removed."""
    return of_differences(thing.place, (one for one in thing.differences if one.kind is Kind.CODE))

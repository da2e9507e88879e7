"""A JavaScript library lies in the program in a version that an advisory speaks of."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.libraries import Libraries
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Severity

SUBJECT = Libraries

_SEVERITIES = {one.value: one for one in Severity}


def look(thing: Libraries, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each library and advisory, as grave as the data file has it, once a file."""
    told: set[str] = set()
    for one, fault in thing.vulnerable:
        library = f"{one.library} {one.version}"
        key = f"{one.file} {library} {fault.id}"
        if key in told:
            continue
        told.add(key)
        yield Sighting(
            key,
            Text(f"{fault.id} speaks of {library} in {one.file}.", f"{fault.id} 涉及 {one.file} 中的 {library}。"),
            (("library", library), ("known by", one.by), ("told at", " ".join(fault.info[:3]))),
            severity=_SEVERITIES.get(fault.severity),
        )

"""Objects that anybody can read."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.bucket import Bucket
from waybill.exposure.storage.reach import Deed, to_anybody
from waybill.exposure.storage.sightings import of_openings
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each way by which anybody can read."""
    return of_openings(
        to_anybody(thing, Deed.READ),
        lambda opening: Text(
            f"Anybody can read every object of {thing.name} ({opening.by}).",
            f"任何人都可读取 {thing.name} 的对象（{opening.by}）。",
        ),
    )

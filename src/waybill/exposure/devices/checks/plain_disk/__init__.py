"""Built-in disks without encryption."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.devices.volume import Volume
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Volume


def look(thing: Volume, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a built-in volume that anybody can read."""
    if not thing.encrypted and not thing.removable:
        yield Sighting(
            "volume",
            Text(f"{thing.label} is not encrypted.", f"{thing.label} 未加密。"),
            (("file system", thing.method),),
        )

"""Removable volumes without encryption."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.devices.volume import Volume
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Volume


def look(thing: Volume, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a removable volume that anybody can read."""
    if thing.removable and not thing.encrypted:
        yield Sighting(
            "volume",
            Text(f"{thing.label} can be pulled out and is not encrypted.", f"{thing.label} 可拔出且未加密。"),
            (("file system", thing.method),),
        )

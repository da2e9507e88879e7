"""Encrypted volumes whose protection is suspended."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.devices.volume import Volume
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Volume


def look(thing: Volume, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell an encrypted volume whose key lies open."""
    if thing.encrypted and not thing.protected:
        yield Sighting(
            "protection",
            Text(f"The encryption of {thing.label} is suspended.", f"{thing.label} 的加密已被暂停。"),
            (("method", thing.method),),
        )

"""Servers that tell anybody what lies there."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.server import Server
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Server


def look(thing: Server, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a server that lists its files to somebody it does not know."""
    listed = thing.part("listed")
    if listed:
        yield Sighting(
            "listing",
            Text(f"{thing.place} tells anybody which files it has.", f"{thing.place} 向任何人列出其文件。"),
            (("seen", str(listed)),),
        )

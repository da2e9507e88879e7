"""Servers that take files of anybody."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.server import Server
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Server


def look(thing: Server, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a server that took a file without asking who sent it."""
    if thing.part("uploads"):
        yield Sighting(
            "upload",
            Text(
                f"{thing.place} took a file of somebody it does not know.", f"{thing.place} 接受了未知来者上传的文件。"
            ),
            (("left there", str(thing.part("left")) or "nothing"),),
        )

"""Endpoints that speak protocols which were given up."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.crypto.endpoint import Endpoint
from waybill.exposure.crypto.strength import OLD_PROTOCOLS
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Endpoint


def look(thing: Endpoint, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each old protocol that is spoken."""
    for name in sorted(OLD_PROTOCOLS.intersection(thing.protocols)):
        yield Sighting(name, Text(f"{thing.place} speaks {name}.", f"{thing.place} 使用 {name}。"))

"""Endpoints that exchange no keys which withstand a quantum computer."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.crypto.endpoint import Endpoint
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Endpoint


def look(thing: Endpoint, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell an endpoint that knows no hybrid group."""
    if not thing.withstands:
        yield Sighting(
            "exchange",
            Text(
                f"{thing.place} exchanges no keys that withstand a quantum computer.",
                f"{thing.place} 不支持抗量子密钥交换。",
            ),
        )

"""Tokens without an end."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.apps.app import App
from waybill.exposure.checks import Sighting
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = App


def look(thing: App, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a token without an end."""
    if "expires" in thing.parts and thing.expires is None:
        yield Sighting(
            "end",
            Text(f"{thing.name} never ends.", f"{thing.name} 永不过期。"),
            (("scopes", " ".join(thing.scopes)),),
        )

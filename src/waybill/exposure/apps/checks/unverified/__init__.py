"""Apps with powers whose publisher is not verified."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.apps.app import App
from waybill.exposure.checks import Sighting
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = App


def look(thing: App, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell an app with powers whose publisher the service does not vouch for."""
    if "verified" in thing.parts and thing.powers and not thing.verified:
        yield Sighting(
            "publisher",
            Text(f"Nobody vouches for the publisher of {thing.name}.", f"{thing.name} 的发布者未经验证。"),
            (("scopes", " ".join(thing.scopes)),),
        )

"""Apps that reach data and that the register does not know as approved."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.apps.app import App
from waybill.exposure.checks import Sighting
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = App


def look(thing: App, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell an app with powers over what is not its own, unless the register approves of it."""
    if not thing.powers:
        return
    for name in thing.names:
        place = register.place_of(name)
        if place is not None and place.approved_egress:
            return
    what = ", ".join(sorted(thing.powers))
    who = f"{thing.people} people" if thing.people else "the whole organisation"
    whom = f"{thing.people} 人" if thing.people else "整个组织"
    yield Sighting(
        "app",
        Text(f"{thing.name} may {what} of {who}.", f"{thing.name} 可对{whom}执行：{what}。"),
        (("scopes", " ".join(thing.scopes)), ("people", str(thing.people or "all"))),
    )

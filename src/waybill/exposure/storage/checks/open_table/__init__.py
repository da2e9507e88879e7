"""Tables that everybody in a database may use."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.database import EVERYBODY, Table
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Table


def look(thing: Table, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a table on which the role PUBLIC has rights."""
    rights = sorted({grant.right for grant in thing.grants if grant.role == EVERYBODY})
    if rights:
        shown = ", ".join(rights)
        yield Sighting(
            "public",
            Text(
                f"Everybody who may connect has the right to {shown} on {thing.title}.",
                f"任何可连接者都对 {thing.title} 拥有 {shown} 权限。",
            ),
            (("rights", shown),),
        )

"""Views that show rows which row-level security would hide."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.database import EVERYBODY, Table
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Table


def look(thing: Table, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a view that reads with its owner's rights and that everybody may read."""
    read = any(grant.role == EVERYBODY and grant.right == "SELECT" for grant in thing.grants)
    if thing.part("view") and read and not thing.part("as caller"):
        yield Sighting(
            "view",
            Text(
                f"The view {thing.title} reads with its owner's rights for everybody.",
                f"视图 {thing.title} 以所有者权限为任何人读取。",
            ),
        )

"""Buckets that anybody can list."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.bucket import Bucket
from waybill.exposure.storage.reach import ANYBODY, Deed, openings
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each way by which anybody can list."""
    for opening in openings(thing):
        if opening.who == ANYBODY and opening.deed is Deed.LIST and not opening.any_account:
            yield Sighting(
                opening.by,
                Text(
                    f"Anybody can list {thing.name} ({opening.by}).",
                    f"任何人都可列出 {thing.name} 的内容({opening.by})。",
                ),
                (("by", opening.by), ("what", str(opening.deed))),
            )

"""Buckets that anybody can write into."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.bucket import Bucket
from waybill.exposure.storage.reach import ANYBODY, Deed, openings
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each way by which anybody can change."""
    for opening in openings(thing):
        if opening.who == ANYBODY and opening.deed in {Deed.WRITE, Deed.CONTROL} and not opening.any_account:
            yield Sighting(
                opening.by,
                Text(
                    f"Anybody can {opening.deed} {thing.name} ({opening.by}).",
                    f"任何人都可对 {thing.name} 执行 {opening.deed}({opening.by})。",
                ),
                (("by", opening.by), ("what", str(opening.deed))),
            )

"""Buckets open to whoever has an account of the service."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.bucket import Bucket
from waybill.exposure.storage.reach import openings
from waybill.exposure.storage.sightings import of_openings
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each way by which any customer gets in."""
    return of_openings(
        (opening for opening in openings(thing) if opening.any_account),
        lambda opening: Text(
            f"Every customer of the service can {opening.deed} in {thing.name} ({opening.by}).",
            f"该云服务的任何客户都可对 {thing.name} 执行 {opening.deed}（{opening.by}）。",
        ),
    )

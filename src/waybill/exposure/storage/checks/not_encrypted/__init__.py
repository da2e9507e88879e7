"""Buckets without encryption at rest."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.bucket import Bucket
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a bucket without default encryption."""
    if not thing.encryption:
        yield Sighting(
            "encryption",
            Text(f"{thing.name} has no default encryption.", f"{thing.name} 未设默认加密。"),
        )

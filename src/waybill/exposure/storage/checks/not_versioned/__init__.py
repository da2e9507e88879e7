"""Buckets that keep no versions."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.bucket import Bucket
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a bucket that keeps no versions."""
    if not thing.versioned:
        yield Sighting(
            "versions",
            Text(f"{thing.name} keeps no versions.", f"{thing.name} 不保留版本。"),
        )

"""Buckets whose accesses nobody logs."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.bucket import Bucket
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a bucket whose accesses are not logged."""
    if not thing.log_target:
        yield Sighting(
            "log",
            Text(f"Accesses to {thing.name} are not logged.", f"对 {thing.name} 的访问未作记录。"),
        )

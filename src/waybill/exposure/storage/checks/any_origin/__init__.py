"""Buckets that scripts of any site may read from."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.bucket import Bucket
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a bucket that lets scripts of every origin read."""
    if any(origin in {"*", "http://*", "https://*"} for origin in thing.origins):
        yield Sighting(
            "origins",
            Text(f"{thing.name} lets scripts of any site read.", f"{thing.name} 允许任何网站的脚本读取。"),
            (("origins", ", ".join(thing.origins)),),
        )

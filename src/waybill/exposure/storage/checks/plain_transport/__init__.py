"""Buckets that answer over plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.bucket import Bucket
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a bucket whose policy does not deny what comes without TLS."""
    statements = thing.policy.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        bools = (statement.get("Condition") or {}).get("Bool") or {}
        refused = {str(key).lower(): str(value).lower() for key, value in bools.items()}
        if statement.get("Effect") == "Deny" and refused.get("aws:securetransport") == "false":
            return
    yield Sighting(
        "transport",
        Text(f"{thing.name} may be used without TLS.", f"{thing.name} 可不经 TLS 访问。"),
    )

"""Endpoints that accept ciphers which give away what they should keep."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.crypto.endpoint import Endpoint
from waybill.exposure.crypto.strength import is_weak_suite
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Endpoint


def look(thing: Endpoint, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell an endpoint that accepts weak suites."""
    weak = sorted(filter(is_weak_suite, thing.suites))
    if weak:
        yield Sighting(
            "suites",
            Text(
                f"{thing.place} accepts {len(weak)} weak cipher suites.",
                f"{thing.place} 接受 {len(weak)} 个弱加密套件。",
            ),
            (("suites", ", ".join(weak)),),
        )

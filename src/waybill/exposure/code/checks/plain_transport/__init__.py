"""Code sends or fetches something unencrypted."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.facts import Danger
from waybill.exposure.code.program import Code
from waybill.exposure.code.telling import arrivals, misuses
from waybill.model.register import RegisterSnapshot

SUBJECT = Code


def look(thing: Code, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each way and line."""
    yield from misuses(thing, Danger.PLAIN)
    yield from arrivals(thing, Danger.PLAIN)

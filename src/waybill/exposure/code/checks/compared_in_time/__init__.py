"""A message authentication code is compared in a time that tells about it."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.program import Code
from waybill.exposure.code.telling import misuses
from waybill.model.register import RegisterSnapshot

SUBJECT = Code


def look(thing: Code, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each line."""
    return misuses(thing, "compared-in-time")

"""Unapproved code in a deployed platform that sends the personal data of many out."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.checks.personal_data_leaves import look as look_at_code
from waybill.exposure.deployed.platform import Platform
from waybill.model.register import RegisterSnapshot

SUBJECT = Platform


def look(thing: Platform, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each way by which personal data leave through a file that is not as it was approved."""
    program = thing.unapproved_code
    return iter(()) if program is None else look_at_code(program, register)

"""Systems that their makers mend no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from waybill.exposure.checks import Sighting
from waybill.exposure.crypto.system import System
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = System


def look(thing: System, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a system that its maker mends no more, today."""
    ending = thing.ending
    if ending.until < datetime.now(UTC).date():
        yield Sighting(
            "end",
            Text(
                f"{thing.title} of {ending.released} has not been mended since {ending.until}.",
                f"{thing.title}（{ending.released} 年发布）自 {ending.until} 起不再修补。",
            ),
            (("released", str(ending.released)), ("mended until", str(ending.until))),
        )

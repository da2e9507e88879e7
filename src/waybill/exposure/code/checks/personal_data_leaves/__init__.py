"""Personal data of many that are followed from where they are read to where they are sent."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.program import Code
from waybill.exposure.code.telling import departures
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Code


def look(thing: Code, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each way by which personal data leave, unless the register approves of where they go."""
    return departures(
        thing.departures,
        register,
        lambda flow, to: Text(
            f"{flow.exit.file}, line {flow.exit.line}, sends {flow.what} over {flow.exit.over} to {to.en}.",
            f"{flow.exit.file} 第 {flow.exit.line} 行将 {flow.what} 经 {flow.exit.over} 发往 {to.zh}。",
        ),
    )

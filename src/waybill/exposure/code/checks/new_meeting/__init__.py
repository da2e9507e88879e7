"""Personal data of many go to a host that the program did not know when it was approved."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.capabilities import Drift
from waybill.exposure.code.telling import departures
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Drift


def look(thing: Drift, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each such way step by step, unless the register approves of where it goes."""
    return departures(
        thing.meetings,
        register,
        lambda flow, to: Text(
            f"{flow.exit.file}, line {flow.exit.line}, newly sends {flow.what} to {to.en}.",
            f"{flow.exit.file} 第 {flow.exit.line} 行新近将 {flow.what} 发往 {to.zh}。",
        ),
    )

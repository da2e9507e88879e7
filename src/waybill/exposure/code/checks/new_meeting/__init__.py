"""Personal data of many go to a host that the program did not know when it was approved."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.capabilities import Drift
from waybill.exposure.code.telling import steps_of
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Drift


def look(thing: Drift, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each such way step by step, unless the register approves of where it goes."""
    for flow in thing.meetings:
        exit_ = flow.exit
        place = register.place_of(exit_.host) if exit_.host else None
        if place is not None and place.approved_egress:
            continue
        en = exit_.host or "a host that the code does not name"
        zh = exit_.host or "代码未写明的主机"
        hidden = Text(", which the code hides", "(代码对其加以隐藏)") if exit_.hidden else Text("", "")
        yield Sighting(
            f"{exit_.function} {flow.what} {exit_.host or '?'}",
            Text(
                f"{exit_.file}, line {exit_.line}, newly sends {flow.what} to {en}{hidden.en}.",
                f"{exit_.file} 第 {exit_.line} 行新近将 {flow.what} 发往 {zh}{hidden.zh}。",
            ),
            (("to", exit_.host or "?"), *steps_of(flow)),
            exit_.line,
        )

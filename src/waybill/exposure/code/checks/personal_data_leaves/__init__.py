"""Personal data of many that are followed from where they are read to where they are sent."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.program import Code
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Code


def look(thing: Code, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each way by which personal data leave, unless the register approves of where they go."""
    for flow in thing.departures:
        exit_ = flow.exit
        place = register.place_of(exit_.host) if exit_.host else None
        if place is not None and place.approved_egress:
            continue
        host = exit_.host or "?"
        en = exit_.host or "a host that the code does not name"
        zh = exit_.host or "代码未写明的主机"
        hidden_en, hidden_zh = (", which the code hides", "(代码对其加以隐藏)") if exit_.hidden else ("", "")
        yield Sighting(
            f"{exit_.function} {flow.what} {host}",
            Text(
                f"{exit_.file}, line {exit_.line}, sends {flow.what} over {exit_.over} to {en}{hidden_en}.",
                f"{exit_.file} 第 {exit_.line} 行将 {flow.what} 经 {exit_.over} 发往 {zh}{hidden_zh}。",
            ),
            (
                ("to", host),
                *(
                    (f"step {number}", f"{step.file}:{step.line} {step.what}")
                    for number, step in enumerate(flow.path, 1)
                ),
            ),
            exit_.line,
        )

"""What checks of code say: a flow with each of its steps, or a line that is wrong as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.facts import Danger
from waybill.exposure.code.flows import Flow
from waybill.exposure.code.program import Code
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot


def steps_of(flow: Flow) -> tuple[tuple[str, str], ...]:
    """Return each step of a flow as evidence."""
    return tuple((f"step {number}", f"{step.file}:{step.line} {step.what}") for number, step in enumerate(flow.path, 1))


def arrivals(thing: Code, danger: Danger) -> Iterator[Sighting]:
    """Tell each way by which something arrives where it can do this harm."""
    for flow in thing.flows:
        exit_ = flow.exit
        if exit_.danger == danger:
            yield Sighting(
                f"{exit_.function} {flow.what} {exit_.callee}",
                Text(
                    f"{exit_.file}, line {exit_.line}, hands {flow.what} to {exit_.callee}.",
                    f"{exit_.file} 第 {exit_.line} 行将 {flow.what} 交给 {exit_.callee}。",
                ),
                steps_of(flow),
                exit_.line,
            )


def departures(
    flows: Iterable[Flow], register: RegisterSnapshot, says: Callable[[Flow, Text], Text]
) -> Iterator[Sighting]:
    """Tell each way by which personal data leave, unless the register approves of where they go.

    ``says`` puts it in words, given a way and whereto.
    """
    for flow in flows:
        exit_ = flow.exit
        place = register.place_of(exit_.host) if exit_.host else None
        if place is not None and place.approved_egress:
            continue
        host = exit_.host or "?"
        to = Text(exit_.host or "a host that the code does not name", exit_.host or "代码未写明的主机")
        if exit_.hidden:
            to = Text(f"{to.en}, which the code hides", f"{to.zh}（代码对其加以隐藏）")
        yield Sighting(
            f"{exit_.function} {flow.what} {host}", says(flow, to), (("to", host), *steps_of(flow)), exit_.line
        )


def misuses(thing: Code, rule: str) -> Iterator[Sighting]:
    """Tell each line that is wrong by this rule."""
    for file, misuse in thing.misuses:
        if misuse.rule == rule:
            yield Sighting(
                f"{misuse.function} {misuse.what}",
                Text(f"{file}, line {misuse.line}: {misuse.what}.", f"{file} 第 {misuse.line} 行：{misuse.what}。"),
                (("line", f"{file}:{misuse.line}"),),
                misuse.line,
            )

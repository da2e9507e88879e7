"""What is read and arrives where it can do harm, and by which way."""

from __future__ import annotations

from dataclasses import dataclass

from waybill.exposure.code.facts import Danger, Source


@dataclass(frozen=True, slots=True)
class Step:
    """A place that data pass on their way."""

    file: str
    line: int
    what: str


Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Exit:
    """Where something arrives."""

    file: str
    line: int
    function: str
    danger: Danger
    over: str
    callee: str
    host: str
    """Where it is sent to; empty where the code does not say."""
    hidden: bool
    """Whether the code hides where to."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Something read that arrives where it can do harm."""

    kind: Source
    what: str
    """What was read."""
    path: Path
    exit: Exit


def order(flow: Flow) -> tuple[str, int, str, list[tuple[str, int, str]]]:
    """Return what flows are sorted by: all of it, so that no order of sets shows."""
    steps = [(step.file, step.line, step.what) for step in flow.path]
    return flow.exit.file, flow.exit.line, flow.what, steps

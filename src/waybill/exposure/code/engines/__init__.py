"""Other engines for code, asked where somebody installed them: what each found is told as ours is.

- ``known``: which engines, how each is asked, and by which exit codes it means that it did its work.
- ``running``: a process of little right and little time. ``reports``: what it wrote, as SARIF 2.1.0 or JSON.

They are other programs with rules of their own; none is part of Waybill. An engine that is not there, has no rules, or
does not finish is *not asked*, which is never the same as nothing found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from waybill.exposure.code.engines.known import ENGINES, Engine
from waybill.exposure.code.engines.reports import Result, results_of
from waybill.exposure.code.engines.running import ask, program_of
from waybill.exposure.folders import shown
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.errors import InputError
from waybill.model.findings import Position


class Report(Snapshot):
    """What an engine found. Parts: ``engine``, and ``results``."""

    channel: ClassVar[str] = "code"


def read(target: str, names: tuple[str, ...], rules: Mapping[str, Path]) -> Iterator[Report | NotInspected]:
    """Yield what each of the engines says of a folder, and which were not asked. ``rules`` are yours, by engine."""
    root = Path(target)
    if not root.is_dir():
        raise InputError("there is no such folder", where=target)
    for name in names:
        try:
            yield _report(ENGINES[name], root.absolute(), rules.get(name))
        except NotInspected as gap:
            yield gap


def _report(engine: Engine, root: Path, rules: Path | None) -> Report:
    if engine.needs_rules and rules is None:
        raise NotInspected(engine.name, f"not asked: no rules are named (--rules {engine.name}=PATH)")
    program = program_of(engine.name, engine.program)
    results = results_of(ask(engine, program, root, rules), engine, root)
    place = shown(str(root))
    return Report(place, Position("code", place, 0), (root.name,), {"engine": engine.name, "results": results})


__all__ = ["ENGINES", "Engine", "Report", "Result", "read"]

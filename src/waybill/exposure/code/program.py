"""A program as checks see it: its files read once each, and what of personal data is sent where."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from waybill.exposure.code.facts import Module
from waybill.exposure.code.linking import Flow, Program
from waybill.exposure.code.python import module_facts
from waybill.exposure.folders import content_of, shown, walk
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.findings import Position

MOST_BYTES = 4 << 20
"""A longer file of code was made by a program, and is said to be left out."""


class Code(Snapshot):
    """The code below a folder."""

    channel: ClassVar[str] = "code"

    @cached_property
    def flows(self) -> list[Flow]:
        """What of personal data is sent, and by which way."""
        modules: dict[str, Module] = self.part("modules")
        return Program(modules).flows()


def read(root: Path) -> Iterator[Code | NotInspected]:
    """Yield the code below a folder, and the files of it that could not be read."""
    modules: dict[str, Module] = {}
    gaps: list[NotInspected] = []
    with _uncollected():
        for found in walk(root):
            if isinstance(found, NotInspected):
                gaps.append(found)
            elif found.is_file and found.name.endswith(".py"):
                path = Path(found.path).relative_to(root).as_posix()
                try:
                    modules[shown(path)] = _facts(Path(found.path), path)
                except NotInspected as gap:
                    gaps.append(gap)
    place = shown(str(root.absolute()))
    yield Code(place, Position("code", place, 0), (root.absolute().name,), {"modules": modules})
    yield from gaps


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles from looking through syntax trees, which have none: it takes longer than parsing."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _facts(file: Path, path: str) -> Module:
    content = content_of(file, MOST_BYTES, shown(path))
    try:
        return module_facts(content, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotInspected(shown(path), f"it cannot be read as Python: {str(error)[:200]}") from None

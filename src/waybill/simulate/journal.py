"""Everything that sources write in one world: their logs, how many records each, and where marked records stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from waybill.simulate.sources.log import Layout, Log
from waybill.simulate.truth import Mark

_CHINA = timedelta(hours=8)
"""Files hold a month as people in China have it."""


class Part(StrEnum):
    """What a marked record is."""

    LEAK = "leak"
    TWIN = "twin"
    BROKEN = "broken"
    PROTECTED = "protected"


@dataclass(frozen=True, slots=True)
class Tag:
    """Marks a record that the truth must name; ``case`` is empty for broken and protected records."""

    part: Part
    marker: str
    """A text that only this record holds."""
    case: str = ""


class Journal:
    """The logs of all sources below ``folder``, without the decisive records of the cases in ``without``."""

    def __init__(self, folder: Path, without: Collection[str] = ()) -> None:
        self._folder = folder
        self._without = frozenset(without)
        self._months: dict[tuple[int, int], dict[tuple[Layout, str], Log[Tag]]] = {}
        self._marks: list[tuple[Tag, Mark]] = []
        self._counts: Counter[str] = Counter()

    def add(self, owner: str, layout: Layout, time: datetime, record: bytes, tag: Tag | None = None) -> None:
        """Take a record that a source of ``owner`` wrote at ``time``, in any month that is not yet written."""
        if tag is not None and tag.part is Part.LEAK and tag.case in self._without:
            return
        local = time + _CHINA
        logs = self._months.setdefault((local.year, local.month), {})
        log = logs.get((layout, owner))
        if log is None:
            log = logs[layout, owner] = Log(self._folder, layout, owner)
        log.add(time, record, tag)

    def write(self, year: int, month: int) -> int:
        """Write what was taken of a month as its files, forget it, and return how many records those were."""
        written = 0
        for (layout, _), log in self._months.pop((year, month), {}).items():
            self._counts[source_of(layout)] += len(log)
            written += len(log)
            self._marks += [(put.tag, Mark(put.file, put.position, put.tag.marker)) for put in log.write(year, month)]
        return written

    @property
    def counts(self) -> dict[str, int]:
        """How many records each source has written."""
        return dict(sorted(self._counts.items()))

    def marks(self, part: Part, case: str = "") -> tuple[Mark, ...]:
        """Return where the marked records stand, by file and position."""
        return tuple(sorted(mark for tag, mark in self._marks if tag.part is part and tag.case == case))


def source_of(layout: Layout) -> str:
    """Return what a source is called here: the folder that its logs are in."""
    return layout.path.split("/")[1]

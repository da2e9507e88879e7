"""Walking a folder and reading its files: everything once, and what could not be looked at."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from waybill.exposure.snapshots import NotInspected

MOST_FILES = 2_000_000
"""A walk ends here, and says so."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file or a folder that a walk came by; links are left out."""

    path: str
    name: str
    status: os.stat_result

    @property
    def is_file(self) -> bool:
        """Whether it is a file with content."""
        return stat.S_ISREG(self.status.st_mode)


def walk(root: Path) -> Iterator[Found | NotInspected]:
    """Yield what lies below a folder, in order, and what the walk could not enter."""
    gaps: list[NotInspected] = []
    count = 0

    def refused(error: OSError) -> None:
        gaps.append(NotInspected(shown(str(error.filename)), error.strerror or "cannot be read"))

    for folder, folders, files in os.walk(root, onerror=refused, followlinks=False):
        folders.sort()
        count += len(files)
        if count > MOST_FILES:
            gaps.append(
                NotInspected(shown(str(root)), f"there are more than {MOST_FILES:,} files; name folders below it")
            )
            break
        for name in sorted([*files, *folders]):
            path = f"{folder}/{name}"  # much quicker than a Path, where a whole share is walked
            try:
                status = os.lstat(path)
            except OSError as error:
                refused(error)
                continue
            if not stat.S_ISLNK(status.st_mode):
                yield Found(path, name, status)
    yield from gaps


def content_of(path: Path, most: int, name: str) -> bytes:
    """Return what a file holds; raise ``NotInspected`` under ``name`` if it is unreadable or above ``most`` bytes."""
    try:
        if path.stat().st_size > most:
            raise NotInspected(name, f"it is longer than {most >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise NotInspected(name, error.strerror or "cannot be read") from None


def shown(path: str) -> str:
    """Return a path as text that can be shown and stored: names on disk may be any bytes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\n", "\\n")

"""Walking a folder: every file once, and what could not be looked at."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from waybill.exposure.snapshots import NotInspected

MOST_FILES = 2_000_000
"""A walk ends here, and says so."""


def walk(root: Path) -> Iterator[Path | NotInspected]:
    """Yield the files below a folder in order, links left out, and what the walk could not enter."""
    gaps: list[NotInspected] = []
    count = 0

    def refused(error: OSError) -> None:
        gaps.append(NotInspected(shown(str(error.filename)), error.strerror or "cannot be read"))

    for folder, folders, files in os.walk(root, onerror=refused, followlinks=False):
        folders.sort()
        for name in sorted(files):
            count += 1
            if count > MOST_FILES:
                yield NotInspected(shown(str(root)), f"there are more than {MOST_FILES:,} files; name folders below it")
                return
            path = Path(folder, name)
            try:
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path
            except OSError as error:
                refused(error)
    yield from gaps


def shown(path: str) -> str:
    """Return a path as text that can be shown and stored: names on disk may be any bytes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\n", "\\n")

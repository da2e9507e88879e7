"""Dependencies: the versions that lock files name, held against a local database of advisories.

- ``locks``: lock files of Python and of npm, and what in them names no version.
- ``versions``: the order of versions in each ecosystem.
- ``advisories``: records of OSV, compiled once into a file of SQLite.

A package that cannot be judged is *not audited*, which is never the same as sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from waybill.exposure.code.dependencies.advisories import Advisories
from waybill.exposure.code.dependencies.locks import is_lock, locked
from waybill.exposure.folders import content_of, shown
from waybill.exposure.snapshots import NotInspected, Snapshot, Unread
from waybill.model.findings import Position

MOST_BYTES = 64 << 20
"""No lock file is longer."""


class Locked(Snapshot):
    """A lock file. Parts: ``packages``, ``unpinned`` (names without a version), ``unknown`` and ``advised``.

    ``advised`` are the advisories that speak of packages, ``unknown`` those packages whose version cannot be judged.
    """

    channel: ClassVar[str] = "code"


def read_lock(path: Path, name: str, root: str, database: Path) -> Iterator[Locked | NotInspected]:
    """Yield a lock file, and what of it cannot be audited. ``name`` is relative to ``root``."""
    place = f"{root}/{shown(name)}"
    try:
        packages, unpinned = locked(path.name, content_of(path, MOST_BYTES, place))
    except ValueError as error:
        yield NotInspected(place, f"not audited: {error}")
        return
    parts: dict[str, object] = {"packages": packages, "unpinned": tuple(unpinned), "unknown": ()}
    if not database.is_file():
        parts["advised"] = Unread("not audited: there is no database of advisories; compile one from osv:PATH")
    else:
        with Advisories.open(database) as advisories:
            parts["advised"], unknown = advisories.of(packages)
        parts["unknown"] = tuple(unknown)
        unpinned += [f"{package.name} {package.version}" for package in unknown]
    yield Locked(place, Position("code", place, 0), (), parts)
    if unpinned:
        more = f" and {len(unpinned) - 5} more" if len(unpinned) > 5 else ""
        yield NotInspected(place, f"not audited, no version that can be judged: {', '.join(unpinned[:5])}{more}")


__all__ = ["Advisories", "Locked", "is_lock", "read_lock"]

"""Files that everybody can write."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.fixes import Fix, mode_without
from waybill.exposure.storage.folder import Folder
from waybill.exposure.storage.sightings import of_entries
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Folder


def look(thing: Folder, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each file that everybody can write."""
    return of_entries(
        thing.entries("writable"),
        lambda entry: Text(
            f"{entry.path} in {thing.place} can be changed by everybody.",
            f"{thing.place} 中的 {entry.path} 可被任何人更改。",
        ),
    )


def fix(thing: Folder, sighting: Sighting) -> Fix | None:
    """Return what takes the right to write from everybody."""
    return mode_without(f"{thing.place}/{sighting.object}", stat.S_IWOTH)

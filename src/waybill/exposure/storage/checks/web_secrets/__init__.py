"""Keys, passwords and repositories under a web root."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.folder import Folder
from waybill.exposure.storage.sightings import of_entries
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Folder


def look(thing: Folder, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each key, password file or repository in a web root."""
    return of_entries(
        thing.entries("secrets") if thing.is_web_root else (),
        lambda entry: Text(
            f"{entry.path} lies under the web root {thing.place}.",
            f"{entry.path} 位于网站根目录 {thing.place} 下。",
        ),
    )

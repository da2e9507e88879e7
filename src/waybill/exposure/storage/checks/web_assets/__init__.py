"""Registered assets under a web root that are not for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.folder import Folder
from waybill.model.findings import GRADES, Text
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Grade

SUBJECT = Folder


def look(thing: Folder, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each file in a web root that the register knows as more than general, by its path, name or stem."""
    for entry in thing.entries("served"):
        path = PurePosixPath(entry.path)
        names = (f"/{entry.path}", entry.path, path.name, path.stem)
        asset = next((found for name in names if (found := register.asset_of(name)) is not None), None)
        if asset is None or asset.grade is Grade.GENERAL:
            continue
        grade = GRADES[asset.grade]
        yield Sighting(
            entry.path,
            Text(
                f"{entry.path} ({asset.name}, {grade.en}) lies under the web root {thing.place}.",
                f"{entry.path}（{asset.name},{grade.zh}）位于网站根目录 {thing.place} 下。",
            ),
            (("bytes", f"{entry.bytes:,}"),),
            holds=(asset.id,),
        )

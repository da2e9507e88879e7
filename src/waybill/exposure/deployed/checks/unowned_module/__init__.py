"""Code among installed packages that no package brought."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.platform import Platform
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Platform


def look(thing: Platform, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each file of code among the packages that is in no RECORD; a manifest tells of them where there is one."""
    for one in thing.unowned if "unowned" in thing.parts else ():
        yield Sighting(
            one.path,
            Text(
                f"{one.path} in {thing.place} came with no package.",
                f"{thing.place} 中的 {one.path} 不属于任何软件包。",
            ),
            (("sha256", one.digest),),
        )

"""An advisory speaks of a dependency in the version that is used."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.dependencies import Locked
from waybill.exposure.code.dependencies.advisories import Advised
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Locked


def look(thing: Locked, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each package that an advisory speaks of. Raises ``NotInspected`` without a database of advisories."""
    advised: list[Advised] = thing.part("advised")
    for one in advised:
        package = f"{one.package.name} {one.package.version}"
        mended = (f"; {one.fixed} mends it", f",{one.fixed} 已修复") if one.fixed else ("", "")
        yield Sighting(
            f"{one.package.name} {one.id}",
            Text(f"{one.id} speaks of {package}{mended[0]}: {one.summary}.", f"{one.id} 涉及 {package}{mended[1]}。"),
            (("package", package), ("advisory", " ".join([one.id, *one.aliases]))),
        )

"""Scripts from elsewhere of which a page does not say what they must hold."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.pages import Page
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Page


def look(thing: Page, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each script from another host without subresource integrity."""
    for source in sorted({script.source for script in thing.scripts if not script.has_integrity}):
        yield Sighting(
            source,
            Text(
                f"{thing.place} takes {source} whatever it holds.",
                f"{thing.place} 不论内容如何都会加载 {source}。",
            ),
        )

"""Scripts of a page that nobody approved."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.pages import Page
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Page


def look(thing: Page, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each script from a source that nobody approved; an inline one is known by what it holds."""
    for script in thing.scripts:
        if thing.approved(script) is None:
            yield Sighting(
                f"{script.source} {script.sha256[:12]}" if script.source == "inline" else script.source,
                Text(
                    f"{thing.place} loads a script that nobody approved: {script.source}.",
                    f"{thing.place} 加载了未经批准的脚本：{script.source}。",
                ),
                (("sha256", script.sha256), ("hosts", ", ".join(script.hosts) or "-")),
            )

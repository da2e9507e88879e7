"""Approved scripts of a page that hold something else than when they were approved."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.pages import Page
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Page


def look(thing: Page, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each script whose source was approved with another content."""
    for script in thing.scripts:
        approved = thing.approved(script)
        if approved is not None and approved.sha256 and script.sha256 not in approved.sha256:
            yield Sighting(
                script.source,
                Text(
                    f"{script.source} on {thing.place} is not what was approved.",
                    f"{thing.place} 上的 {script.source} 与获批内容不一致。",
                ),
                (("sha256", script.sha256),),
            )

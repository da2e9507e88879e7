"""Approved scripts of a page for which nobody wrote down why they are there."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.pages import Page
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Page


def look(thing: Page, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each approved script without a reason."""
    for script in thing.scripts:
        approved = thing.approved(script)
        if approved is not None and not approved.reason:
            yield Sighting(
                f"{script.source} {script.sha256[:12]}" if script.source == "inline" else script.source,
                Text(
                    f"Nobody wrote down why {thing.place} needs {script.source}.",
                    f"未记录 {thing.place} 需要 {script.source} 的理由。",
                ),
            )

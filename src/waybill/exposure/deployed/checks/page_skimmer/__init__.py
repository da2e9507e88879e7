"""Scripts of a page that nobody approved in this form, and that talk to a host nobody approved."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.pages import Page
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Page


def look(thing: Page, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each new or changed script that reads what people type or sends, and names a host that is not approved."""
    known = thing.approved_hosts()
    for script in thing.scripts:
        approved = thing.approved(script)
        if (approved is not None and script.sha256 in approved.sha256) or not (script.reads or script.sends):
            continue
        for host in script.hosts:
            place = register.place_of(host)
            if host in known or (place is not None and place.approved_egress):
                continue
            does = "reads what people type and " if script.reads else ""
            zh = "读取用户输入并" if script.reads else ""
            yield Sighting(
                f"{script.source} {host}",
                Text(
                    f"A script of {thing.place} ({script.source}), which nobody approved, {does}talks to {host}.",
                    f"{thing.place} 的未批准脚本（{script.source}）{zh}与 {host} 通信。",
                ),
                (("to", host), ("contacted", "yes" if host in thing.contacts else "no"), ("sha256", script.sha256)),
            )

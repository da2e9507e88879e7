"""Headers that protect a page and are gone, or say something else than when they were approved."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.pages import Page
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Page

_POLICY = "content-security-policy"


def look(thing: Page, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a page without a content security policy, and each header that is not as it was approved."""
    headers = thing.headers
    if _POLICY not in headers:
        yield Sighting(
            "no policy",
            Text(f"{thing.place} has no content security policy.", f"{thing.place} 没有内容安全策略。"),
        )
    if not thing.is_approved:
        return
    approved = thing.manifest.about.headers.get(thing.place, {})
    for name in sorted(approved):
        if headers.get(name) != approved[name]:
            yield Sighting(
                name,
                Text(
                    f"The header {name} of {thing.place} is not as it was approved.",
                    f"{thing.place} 的响应头 {name} 与获批时不一致。",
                ),
                (("now", headers.get(name, "-")), ("approved", approved[name])),
            )

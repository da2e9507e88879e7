"""Buckets open to accounts that the register does not know as approved."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.bucket import Bucket
from waybill.exposure.storage.reach import ANYBODY, openings
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each account of others that may do something, unless the register approves of it."""
    deeds: dict[str, list[str]] = {}
    by: dict[str, str] = {}
    for opening in openings(thing):
        place = register.place_of(opening.who)
        if opening.who != ANYBODY and not (place and place.approved_egress):
            deeds.setdefault(opening.who, []).append(str(opening.deed))
            by[opening.who] = opening.by
    for account, found in deeds.items():
        what = ", ".join(dict.fromkeys(found))
        yield Sighting(
            account,
            Text(
                f"Account {account} may {what} in {thing.name} ({by[account]}).",
                f"账户 {account} 可对 {thing.name} 执行 {what}（{by[account]}）。",
            ),
            (("account", account), ("by", by[account]), ("what", what)),
        )

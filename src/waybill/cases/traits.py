"""By what findings belong together: who acted, what it is about, where it went.

A trait counts only if sharing it says something. Programs that everybody runs, accounts that every machine has, private
addresses and ways out that the organisation approved join nothing. Where who acted is withheld, nothing is joined by
it: that two cases are one person's would tell who.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

from waybill.cases.words import Link
from waybill.model.findings import Finding
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import AssetKind
from waybill.outbox.subjects import person

MOST_DESTINATIONS = 5
"""A finding that went to more places than these is told by none of them."""

_BY_KIND = {AssetKind.CODE: Link.CHANGE, AssetKind.MATERIAL: Link.LOT}


class Trait(NamedTuple):
    """One thing by which findings may belong together."""

    link: Link
    value: str


def traits_of(
    finding: Finding, register: RegisterSnapshot, destinations: Iterable[str], *, withheld: bool
) -> frozenset[Trait]:
    """Return the traits of a finding; ``destinations`` are the places that its transfers went to, as logs name them."""
    asset = register.asset_of(finding.asset)
    found = {Trait(_link_of(asset), asset.id)} if asset is not None else set()
    actor = "" if withheld else _actor(finding.subject, register)
    if actor:
        found.add(Trait(Link.ACTOR, actor))
    telling = {one.casefold() for one in destinations if _tells(one, register)}
    if len(telling) <= MOST_DESTINATIONS and not withheld:
        found |= {Trait(Link.DESTINATION, one) for one in telling}
    return frozenset(found)


def _link_of(asset: Asset) -> Link:
    return _BY_KIND.get(asset.kind, Link.ASSET)


def _actor(subject: str, register: RegisterSnapshot) -> str:
    """Return a person, or a service of the register; empty for accounts that many have, such as ``root``."""
    party = register.party(subject)
    return person(subject) or (party.id if party is not None else "")


def _tells(destination: str, register: RegisterSnapshot) -> bool:
    """Return whether two findings that went there have something in common by that."""
    if not destination.strip(".-/") or register.place_of(destination) is not None:
        return False
    try:
        return not ipaddress.ip_address(destination).is_private
    except ValueError:
        return any(mark in destination for mark in ".:\\/@")

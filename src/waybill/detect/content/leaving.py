"""Whether a transfer takes an asset out of its home, and whether a permit speaks for that."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from waybill.model.register import Asset, Permit, RegisterSnapshot
from waybill.model.words import PartyKind


class Destination(NamedTuple):
    """Where a transfer ends."""

    name: str
    """As the log gives it: a place, a domain, a party."""
    places: tuple[str, ...]
    """Ids of the registered place and of those it lies in, innermost first."""
    party: str
    """Id of the registered party and of its organisation, joined; empty where nobody is known."""
    jurisdiction: str
    approved: bool


def destination(to_place: str, to_party: str, to_jurisdiction: str, register: RegisterSnapshot) -> Destination | None:
    """Return where a transfer ends; None where the log does not say. An address stands for its domain."""
    domain = to_party.rpartition("@")[2] if "@" in to_party else ""
    name = to_place or domain or to_party
    if not name:
        return None
    place = register.place_of(to_place or domain)
    around = tuple(register.place_and_above(place))
    found = [known for one in around if (known := register.place(one)) is not None]
    party = register.party(to_party) or register.party(domain or to_place)
    return Destination(
        name,
        around,
        party.id if party else "",
        to_jurisdiction or next((one.jurisdiction for one in found if one.jurisdiction), ""),
        any(one.approved_egress for one in found),
    )


def leaves(asset: Asset, end: Destination, register: RegisterSnapshot) -> bool:
    """Return whether what ends there has left: it is not home, nor with a party of the owner's organisation."""
    if asset.home and asset.home in end.places:
        return False
    party = register.party(end.party)
    if party is not None and asset.owner and asset.owner in (party.id, party.org):
        return False
    return bool(end.places or end.jurisdiction or "." in end.name or (party and party.kind is not PartyKind.PERSON))


class Sending(NamedTuple):
    """Who sends, how and when."""

    actor: str
    organisation: str
    """As the log gives it; what the register knows of the actor counts beside it."""
    channel: str
    time: datetime


def is_permitted(asset: Asset, end: Destination, sending: Sending, register: RegisterSnapshot) -> bool:
    """Return whether any permit of the asset lets it go there; amounts are weighed by the permits' own detector."""
    senders = _with_organisations(sending, register)
    return any(_covers(permit, end, sending, senders) for permit in register.permits_by_asset.get(asset.id, ()))


def _covers(permit: Permit, end: Destination, sending: Sending, senders: set[str]) -> bool:
    return (
        (not permit.place or permit.place in end.places)
        and (not permit.party or permit.party in senders)
        and (not permit.channel or permit.channel == sending.channel)
        and (not permit.jurisdiction or permit.jurisdiction == end.jurisdiction)
        and (permit.valid_from is None or permit.valid_from <= sending.time)
        and (permit.valid_until is None or sending.time < permit.valid_until)
        and not permit.is_suspended(sending.time)
    )


def _with_organisations(sending: Sending, register: RegisterSnapshot) -> set[str]:
    """Return who sends, and every organisation that they belong to."""
    found: set[str] = set()
    waiting = [sending.actor, sending.organisation]
    while waiting:
        party = register.party(name := waiting.pop())
        for one in (name, party.id if party else ""):
            if one and one not in found:
                found.add(one)
                waiting.append(party.org if party else "")
    return found

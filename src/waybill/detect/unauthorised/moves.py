"""A transfer as this family looks at it: who, what, where to; and whether it left the asset's home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from waybill.model.register import Asset, Place, RegisterSnapshot
from waybill.model.words import Grade, PartyKind


class Move(NamedTuple):
    """What of a transfer decides whether it needs a permit and which one; logs repeat these a lot."""

    asset: str
    """Id of the registered asset."""
    channel: str
    actor: str
    actor_org: str
    permit: str
    """Permit that the source itself names."""
    from_place: str
    to_place: str
    to_party: str
    to_jurisdiction: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a move ends, as far as the log and the register tell."""

    places: tuple[str, ...]
    """Ids of the registered place and of those around it, innermost first."""
    jurisdiction: str
    """ISO 3166-1 alpha-2 code, or empty."""
    approved: bool
    """True where the organisation approved that assets leave over this place."""
    name: str
    """How to call it in a sentence; empty where it is withheld."""


def destination(move: Move, asset: Asset, register: RegisterSnapshot) -> Destination:
    """Return where ``move`` ends; an e-mail address stands for its domain where the log names no place.

    Where the public has an interest in the asset, the receiver is withheld like the actor.
    """
    place = register.place_of(move.to_place or _domain(move.to_party))
    around = tuple(register.place_and_above(place))
    party = register.party(move.to_party)
    jurisdiction = move.to_jurisdiction or _jurisdiction(around, register) or (party.jurisdiction if party else "")
    return Destination(
        places=around,
        jurisdiction=jurisdiction,
        approved=any(found.approved_egress for found in _places(around, register)),
        name=move.to_place or (_domain(move.to_party) if asset.public_interest else move.to_party) or jurisdiction,
    )


def is_outside(move: Move, asset: Asset, register: RegisterSnapshot) -> bool:
    """Return whether ``move`` takes the asset out of its home.

    Home is the registered place; an asset without one is at home where it comes from. A move is outside if it ends
    at a place that is not home nor within it, in another jurisdiction than home, or with a party known to be of
    another organisation than the owner (or, without an owner, than the actor). A party nobody registered is outside
    where nothing else tells the destination. Without any destination nothing is known to have left.
    """
    if move.to_place:
        place_outside: bool | None = not _at_home(move, asset, register)
    elif register.place_of(_domain(move.to_party)) is not None:
        place_outside = not _at_home(move._replace(to_place=_domain(move.to_party)), asset, register)
    else:
        place_outside = None
    if place_outside or _abroad(move, asset, register):
        return True
    if not move.to_party:
        return False
    party_outside = _is_foreign_party(move, asset, register)
    return place_outside is None if party_outside is None else party_outside


def _at_home(move: Move, asset: Asset, register: RegisterSnapshot) -> bool:
    around = register.place_and_above(register.place_of(move.to_place))
    if asset.home:
        return asset.home in around
    origin = register.place_of(move.from_place)
    return origin.id in around if origin else move.from_place == move.to_place


def _abroad(move: Move, asset: Asset, register: RegisterSnapshot) -> bool:
    """Return whether the log says another jurisdiction than the register says of the destination, or of home."""
    if not move.to_jurisdiction:
        return False
    around = register.place_and_above(register.place_of(move.to_place))
    home = home_jurisdiction(move, asset, register)
    expected = (_jurisdiction(tuple(around), register) if around else "") or home
    return bool(expected) and move.to_jurisdiction != expected


def home_jurisdiction(move: Move, asset: Asset, register: RegisterSnapshot) -> str:
    """Return the jurisdiction of the asset's home, empty where the register does not tell."""
    home = register.place(asset.home) if asset.home else register.place_of(move.from_place)
    return _jurisdiction(tuple(register.place_and_above(home)), register)


def _is_foreign_party(move: Move, asset: Asset, register: RegisterSnapshot) -> bool | None:
    """Return whether the receiving party is of another organisation; None where the register does not know."""
    party = register.party(move.to_party)
    if (party.id if party else move.to_party) in (asset.owner, move.actor):
        return False
    if party is None:
        return None
    receiver = organisations(party.id, "", register)
    ours = organisations(asset.owner, "", register) if asset.owner else ()
    if not ours:
        ours = organisations(move.actor, move.actor_org, register)
    return not set(receiver) & set(ours)


def organisations(party_id: str, org: str, register: RegisterSnapshot) -> tuple[str, ...]:
    """Return the organisations that a party belongs to, itself included if it is one, innermost first.

    ``org`` is what the log says of it and counts beside what the register says.
    """
    found: list[str] = []
    party = register.party(party_id)
    if party is not None and party.kind in (PartyKind.ORGANISATION, PartyKind.SITE):
        found.append(party.id)
    waiting = [party.org if party else "", org]
    while waiting:
        name = waiting.pop(0)
        if name and name not in found:
            found.append(name)
            above = register.party(name)
            waiting.append(above.org if above else "")
    return tuple(found)


def needs_permit(asset: Asset, end: Destination) -> bool:
    """Return whether leaving needs a permit: approved egress frees grades below important."""
    return not (end.approved and asset.grade.rank < Grade.IMPORTANT.rank)


def _places(ids: tuple[str, ...], register: RegisterSnapshot) -> list[Place]:
    return [place for place_id in ids if (place := register.place(place_id)) is not None]


def _jurisdiction(ids: tuple[str, ...], register: RegisterSnapshot) -> str:
    return next((place.jurisdiction for place in _places(ids, register) if place.jurisdiction), "")


def _domain(party: str) -> str:
    return party.rpartition("@")[2] if "@" in party else ""

"""Which permit covers a move, and if none does, which came nearest and what kept it from covering."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from waybill.detect.unauthorised.moves import Destination, Move, organisations
from waybill.model.register import Permit, RegisterSnapshot

Used = dict[str, list[int]]
"""Bytes and records already moved under each permit, by its id; JSON keeps it between runs."""


class Fault(IntEnum):
    """Why a permit does not cover a move; the lower, the nearer it came to covering."""

    LIMIT = 0
    EXPIRED = 1
    NOT_YET_VALID = 2
    PLACE = 3
    JURISDICTION = 4
    CHANNEL = 5
    PARTY = 6
    SUSPENDED = 7


_RULES: dict[tuple[Fault, ...], str] = {
    (Fault.LIMIT,): "unauthorised.limit",
    (Fault.EXPIRED,): "unauthorised.expired",
    (Fault.NOT_YET_VALID,): "unauthorised.not-yet-valid",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """No permit covers the move. ``permit`` is the nearest one, None if the asset has none."""

    permit: Permit | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def rule_id(self) -> str:
        """The rule broken: a permit that fits in all but one point, or no fitting permit at all."""
        return _RULES.get(self.faults, "unauthorised.no-permit")


def in_order(permits: tuple[Permit, ...]) -> tuple[Permit, ...]:
    """Return permits in the order in which they are used: without limit first, then the first to expire, then by id.

    So a limit is used up only by what nothing else covers, and the order of the register's rows makes no difference.
    """

    def rank(permit: Permit) -> tuple[bool, float, str]:
        ends = permit.valid_until.timestamp() if permit.valid_until else float("inf")
        return permit.max_bytes is not None or permit.max_records is not None, ends, permit.id

    return tuple(sorted(permits, key=rank))


def lasting_faults(permit: Permit, move: Move, end: Destination, register: RegisterSnapshot) -> tuple[Fault, ...]:
    """Return why ``permit`` could never cover ``move``, whenever it happens and however much it takes."""
    return tuple(_lasting_faults(permit, move, end, register))


def _lasting_faults(permit: Permit, move: Move, end: Destination, register: RegisterSnapshot) -> Iterator[Fault]:
    if permit.place and permit.place not in end.places:
        yield Fault.PLACE
    if permit.jurisdiction and permit.jurisdiction != end.jurisdiction:
        yield Fault.JURISDICTION
    if permit.channel and permit.channel != move.channel:
        yield Fault.CHANNEL
    if permit.party and permit.party not in (move.actor, *organisations(move.actor, move.actor_org, register)):
        yield Fault.PARTY


def passing_faults(permit: Permit, moment: datetime, amount: tuple[int, int], used: Used) -> tuple[Fault, ...]:
    """Return why ``permit`` does not cover ``amount`` (bytes, records) at ``moment`` after what was ``used``."""
    faults = []
    taken = used.get(permit.id, (0, 0))
    limits = (permit.max_bytes, permit.max_records)
    if any(limit is not None and taken[i] + amount[i] > limit for i, limit in enumerate(limits)):
        faults.append(Fault.LIMIT)
    if permit.valid_until is not None and moment >= permit.valid_until:
        faults.append(Fault.EXPIRED)
    if permit.valid_from is not None and moment < permit.valid_from:
        faults.append(Fault.NOT_YET_VALID)
    if permit.is_suspended(moment):
        faults.append(Fault.SUSPENDED)
    return tuple(faults)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A permit of the asset, and what of it can never fit this kind of move."""

    permit: Permit
    lasting: tuple[Fault, ...]


def decide(
    candidates: tuple[Candidate, ...],
    named: str,
    moment: datetime,
    amount: tuple[int, int],
    used: Used,
    *,
    counts: bool,
) -> Refusal | None:
    """Return None if a permit covers the move, else the refusal; add to ``used`` what a limited permit lost by it.

    Of several permits that fail, the nearest fails in the fewest points; the one ``named`` by the log goes first.
    An amount that goes beyond a limit is counted too, where it really moved (``counts``): the limit is on what
    moved, not on what was noticed.
    """
    nearest: tuple[int, bool, tuple[Fault, ...], int] | None = None
    for number, candidate in enumerate(candidates):
        faults = tuple(sorted(candidate.lasting + passing_faults(candidate.permit, moment, amount, used)))
        if not faults:
            _count(candidate.permit, amount, used, counts=counts)
            return None
        distance = (len(faults), candidate.permit.id != named, faults, number)
        nearest = distance if nearest is None else min(nearest, distance)
    if nearest is None:
        return Refusal()
    faults, permit = nearest[2], candidates[nearest[3]].permit
    if faults == (Fault.LIMIT,):
        _count(permit, amount, used, counts=counts)
    return Refusal(permit, faults)


def _count(permit: Permit, amount: tuple[int, int], used: Used, *, counts: bool) -> None:
    if counts and (permit.max_bytes is not None or permit.max_records is not None):
        taken = used.setdefault(permit.id, [0, 0])
        taken[0] += amount[0]
        taken[1] += amount[1]

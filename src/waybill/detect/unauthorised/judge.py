"""Says of a move whether it needs a permit, and of a row whether a permit covers it."""

from __future__ import annotations

from dataclasses import dataclass

from waybill.detect.unauthorised.moves import Destination, Move, destination, is_outside, needs_permit
from waybill.detect.unauthorised.permits import Candidate, Refusal, Used, decide, in_order, lasting_faults
from waybill.detect.unauthorised.rows import Row
from waybill.detect.unauthorised.scoring import happened
from waybill.model.register import Asset, RegisterSnapshot


@dataclass(frozen=True, slots=True)
class Exit:
    """What all transfers with one move share: the asset, where it ends, and the permits that might cover it."""

    asset: Asset
    end: Destination
    candidates: tuple[Candidate, ...]


class Judge:
    """Judges rows in the order in which they come; ``used`` is what limited permits let through, by asset."""

    def __init__(self, register: RegisterSnapshot, used: dict[str, Used]) -> None:
        self.register = register
        self._used = used
        self._assets = {asset.id: asset for asset in register.assets}
        self._permits = {asset: in_order(permits) for asset, permits in register.permits_by_asset.items()}
        self._exits: dict[Move, Exit] = {}
        self._unsized = 0

    def leaves(self, move: Move) -> bool:
        """Return whether ``move`` takes its asset to where it may not go without a permit."""
        asset = self._assets[move.asset]
        end = destination(move, asset, self.register)
        if not needs_permit(asset, end) or not is_outside(move, asset, self.register):
            return False
        permits = self._permits.get(asset.id, ())
        candidates = (Candidate(permit, lasting_faults(permit, move, end, self.register)) for permit in permits)
        self._exits[move] = Exit(asset, end, tuple(candidates))
        return True

    def exit(self, move: Move) -> Exit:
        """Return where a move that ``leaves`` ends."""
        return self._exits[move]

    def refusal(self, row: Row) -> Refusal | None:
        """Return why ``row`` is not allowed; None if a permit covers it, or if a stranger was turned away."""
        if not row.move.actor and not happened(row.outcome):
            return None
        candidates = self.exit(row.move).candidates
        self._unsized += any(_unsized(candidate, row) for candidate in candidates)
        return decide(
            candidates,
            row.move.permit,
            row.time,
            (row.bytes or 0, row.records or 0),
            self._used.setdefault(row.move.asset, {}),
            counts=happened(row.outcome),
        )

    def remarks(self) -> tuple[str, ...]:
        """Return what could not be judged as it should."""
        if not self._unsized:
            return ()
        return (
            f"{self._unsized} transfers that a limited permit may cover carry no size; they were counted as nothing.",
        )


def _unsized(candidate: Candidate, row: Row) -> bool:
    limits = (candidate.permit.max_bytes, row.bytes), (candidate.permit.max_records, row.records)
    return not candidate.lasting and any(limit is not None and amount is None for limit, amount in limits)

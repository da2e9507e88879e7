"""How much of each permit has been used so far, by the conditions that the detector judges transfers by."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from waybill.detect.unauthorised.moves import Move, destination, is_outside
from waybill.detect.unauthorised.permits import lasting_faults
from waybill.flow.installation import Installation
from waybill.lake import questions
from waybill.model.register import Asset, Permit, RegisterSnapshot
from waybill.model.words import MOVING

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""An edge where permits have none."""


@dataclass(slots=True)
class Use:
    """What moved under a permit, as far as logs say, and when the last time."""

    transfers: int = 0
    bytes: int = 0
    records: int = 0
    quantities: dict[str, float] = field(default_factory=dict)
    """Amount of material by unit (UN/ECE Recommendation 20)."""
    last: datetime | None = None

    def add(self, row: Mapping[str, Any]) -> None:
        """Add what rows of the lake say."""
        self.transfers += row["transfers"]
        self.bytes += int(row["bytes"] or 0)
        self.records += int(row["records"] or 0)
        if row["quantity"] is not None:
            unit = row["unit"] or ""
            self.quantities[unit] = self.quantities.get(unit, 0.0) + row["quantity"]
        self.last = max(self.last or row["last"], row["last"])


def uses(installation: Installation) -> dict[str, Use]:
    """Return the use of every permit by its id. A transfer counts under each permit that covers it."""
    register = installation.register()
    permitted = {permit.asset for permit in register.permits}
    found = {permit.id: Use() for permit in register.permits}
    if not permitted:
        return found
    edges = sorted({edge for permit in register.permits for edge in _edges(permit) if edge})
    with installation.lake.snapshot() as snapshot:
        named = snapshot.query("SELECT DISTINCT asset FROM transfers WHERE asset IS NOT NULL")["asset"].to_pylist()
        assets = {name: asset for name in named if (asset := register.asset_of(name)) and asset.id in permitted}
        parameters = {"assets": sorted(assets), "edges": edges or [EARLIEST], "actions": sorted(MOVING)}
        rows = snapshot.query(questions.text("uses"), parameters).to_pylist() if assets else []
    for row in rows:
        move, asset = move_of(row, assets[row["asset"]], register), assets[row["asset"]]
        if is_outside(move, asset, register):
            end = destination(move, asset, register)
            for permit in register.permits_by_asset.get(asset.id, ()):
                if _holds(permit, row["span"], edges) and not lasting_faults(permit, move, end, register):
                    found[permit.id].add(row)
    return found


def _edges(permit: Permit) -> tuple[datetime | None, ...]:
    return permit.valid_from, permit.valid_until, permit.suspended_from, permit.suspended_until


def _holds(permit: Permit, span: int, edges: list[datetime]) -> bool:
    """Return whether a permit holds in the span after so many edges."""
    first, last, stops, goes_on = (bisect_right(edges, edge) if edge else None for edge in _edges(permit))
    suspended = stops is not None and stops <= span and (goes_on is None or span < goes_on)
    return (first or 0) <= span and (last is None or span < last) and not suspended


def move_of(row: Mapping[str, Any], asset: Asset, register: RegisterSnapshot) -> Move:
    """Return what a row of the question ``uses`` says of a move, its actor by the register's id."""
    party = register.party(row["actor"])
    values = {name: row[name] for name in Move._fields if name != "asset"}
    return Move(asset=asset.id, **{**values, "actor": party.id if party else row["actor"]})

"""Transfers as they may be shown: who acted is withheld where the public has an interest in the asset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from waybill.access.reach import Reach
from waybill.cases.protection import protected
from waybill.findings import queries
from waybill.flow import questions
from waybill.flow.installation import Installation
from waybill.flow.questions import Wanted
from waybill.lake.questions import text
from waybill.model.findings import Finding
from waybill.model.register import Asset, RegisterSnapshot

POINTING = ("actor", "actor_org", "from_place", "to_place", "to_party", "origin", "position", "fields", "raw")
"""Columns that point at who acted."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A transfer by columns, the registered asset that it moved, and whether who acted is withheld."""

    columns: dict[str, Any]
    asset: Asset | None
    withheld: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some transfers, newest first, and where the next page begins; empty after the last."""

    items: list[Movement]
    next: str


def page(
    installation: Installation, register: RegisterSnapshot, wanted: Wanted, *, limit: int, after: str = ""
) -> Page:
    """Return the transfers asked for. Raises UsageError for an ``after`` that no page gave."""
    found = questions.page(installation, wanted, limit=limit, after=after)
    shielded = protected(row["id"] for row in found.rows)
    items = [movement(row, register, shielded=row["id"] in shielded) for row in found.rows]
    # Whoever asks for one actor or place must not learn so what else is withheld.
    return Page([one for one in items if not (wanted.points and one.withheld)], found.next)


def one(installation: Installation, register: RegisterSnapshot, reach: Reach, id: str) -> Movement | None:
    """Return one transfer by its id (hex); None if there is none, or none within reach."""
    row = questions.one(installation, id)
    if row is None or not reach.covers(row["actor_org"] or "", row["grade"]):
        return None
    return movement(row, register, shielded=bool(protected([id])))


def count(installation: Installation, register: RegisterSnapshot, wanted: Wanted) -> int:
    """Return how many transfers there are of those asked for, as many as all pages show."""
    parameters = {**questions.parameters_of(wanted), "by_asset": wanted.points}
    with installation.lake.snapshot() as snapshot:
        rows = snapshot.query(text("count"), parameters).to_pylist()
    return sum(row["transfers"] for row in rows if not _is_withheld(register.asset_of(row["asset"])))


def movement(row: dict[str, Any], register: RegisterSnapshot, *, shielded: bool = False) -> Movement:
    """Return a transfer as it may be shown; ``shielded``: it belongs to a protected disclosure."""
    asset = register.asset_of(row["asset"])
    withheld = shielded or _is_withheld(asset)
    return Movement({**row, **dict.fromkeys(POINTING)} if withheld else row, asset, withheld)


def within(reach: Reach) -> tuple[str, ...] | None:
    """Return a reach as the condition of a question; None where nothing need be left out."""
    if reach.is_whole:
        return None
    return tuple(
        f"{organisation}/{grade}"
        for bound in reach.bounds
        for organisation in sorted(bound.organisations) or ["*"]
        for grade in bound.grades
    )


def findings_of(id: str, fits: Callable[[Finding], bool] | None) -> list[Finding]:
    """Return the findings that rest on a transfer (its id as hex), of those only that ``fits``, the newest first."""
    found = (stored.finding for stored in queries.resting_on(id))
    return [finding for finding in found if fits is None or fits(finding)]


def _is_withheld(asset: Asset | None) -> bool:
    return asset is not None and asset.public_interest

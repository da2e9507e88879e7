"""Transfers in Waybill's own words: JSON lines of any kind, and the CSV that a weigh-house exports of material lots."""

from __future__ import annotations

from datetime import datetime

import orjson

from waybill.model.words import Action, AssetKind, Channel, Outcome
from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import csv_line, milliseconds

LOT_COLUMNS = (
    "time",
    "action",
    "outcome",
    "channel",
    "actor",
    "actor_org",
    "asset",
    "asset_kind",
    "from_place",
    "to_place",
    "to_party",
    "to_jurisdiction",
    "quantity",
    "unit",
    "purity_declared",
    "purity_assayed",
    "document",
)
"""Columns of the table and, where a lot was assayed, what was declared and found."""

LAYOUT = Layout("{owner}/transfers/transfers-{month}.ndjson.xz")
LOTS = Layout("{owner}/transfers/lots-{month}.csv", lambda _first: f"{csv_line(LOT_COLUMNS)}\n".encode())


def transfer(time: datetime, **columns: object) -> bytes:
    """Write a transfer; ``columns`` are named as in the table, other names are kept for rules."""
    return orjson.dumps({"time": milliseconds(time), **columns})


def lot(
    time: datetime,
    *,
    asset: str,
    quantity: float,
    from_place: str,
    to_place: str,
    actor: str,
    actor_org: str,
    action: Action = Action.SHIP,
    to_party: str = "",
    to_jurisdiction: str = "",
    declared: float | None = None,
    assayed: float | None = None,
    document: str = "",
) -> bytes:
    """Write the movement of a lot; ``quantity`` is in kilograms (UN/ECE Recommendation 20: KGM).

    ``declared`` and ``assayed`` are the purity by mass in per cent as the papers say it and as the laboratory found it;
    ``document`` is the number of the papers.
    """
    cells = {
        "time": milliseconds(time),
        "action": action,
        "outcome": Outcome.SUCCESS,
        "channel": Channel.FREIGHT,
        "actor": actor,
        "actor_org": actor_org,
        "asset": asset,
        "asset_kind": AssetKind.MATERIAL,
        "from_place": from_place,
        "to_place": to_place,
        "to_party": to_party,
        "to_jurisdiction": to_jurisdiction,
        "quantity": quantity,
        "unit": "KGM",
        "purity_declared": "" if declared is None else declared,
        "purity_assayed": "" if assayed is None else assayed,
        "document": document,
    }
    return csv_line(cells.values()).encode()

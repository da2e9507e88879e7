"""The monthly product-flow report: what producers enter in the national traceability system by the 10th.

After the Interim Measures on total-volume control of rare-earth mining and of smelting and separation (28 July 2025):
last month's product flow is entered by the 10th of the month. The file has a row for each product and partner; its
columns are ours, and are mapped to the system's form where it is entered. Certainty of the deadline: secondary.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
import numpy as np

from waybill.epcis.balance.accounts import MOVES, booked, first_day, months
from waybill.epcis.balance.quotas import as_oxides
from waybill.epcis.history.contents import Contents
from waybill.epcis.history.history import History

BASIS = "稀土开采和稀土冶炼分离总量调控管理暂行办法（2025-07-28）"
"""What asks for the report."""

DUE_DAY = 10
_CHINA = timedelta(hours=8)


class FlowRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a site made, used, received or shipped of a product in a month, from or to one partner."""

    site: str
    month: date
    movement: str
    """received, made, used, shipped or removed."""
    material: str
    partner: str
    """Where it went or came from; empty for what stayed."""
    lots: int
    kilograms: float
    oxides: float
    """Kilograms of rare-earth oxides that it holds."""


def product_flow(history: History, contents: Contents, month: date, site: str = "") -> list[FlowRow]:
    """Return the rows of one month, of one site or of all."""
    rows, kind = booked(history)
    event = history.rows.event[rows]
    right = months(history.time[event]) == (month.year - 1970) * 12 + month.month - 1
    if site:
        right &= history.places.here[event] == history.places.number(site)
    rows, kind, event = rows[right], kind[right], event[right]
    if not len(rows):
        return []
    moving = {0: history.places.origin, 3: history.places.there}
    partner = np.select([kind == move for move in moving], [sites[event] for sites in moving.values()], -1)
    material = contents.material.take(history.rows.item.codes[rows])
    keys = np.stack([history.places.here[event], kind, material.codes, partner], axis=1)
    found, number = np.unique(keys, axis=0, return_inverse=True)
    number = number.reshape(-1)
    kilograms = np.bincount(number, history.rows.kilograms[rows], len(found))
    oxides = np.bincount(number, as_oxides(history, contents, rows), len(found))
    pairs = np.unique(np.stack([number, history.rows.item.codes[rows]], axis=1), axis=0)
    lots = np.bincount(pairs[:, 0], minlength=len(found))
    return [
        FlowRow(
            site=history.places.name(here),
            month=first_day((month.year - 1970) * 12 + month.month - 1),
            movement=MOVES[move],
            material=material.words[code] if code >= 0 else "",
            partner=history.places.name(other),
            lots=int(lots[place]),
            kilograms=round(float(kilograms[place]), 3),
            oxides=round(float(oxides[place]), 3),
        )
        for place, (here, move, code, other) in enumerate(found.tolist())
    ]


def due(month: date) -> datetime:
    """Return the moment by which a month's flow must be entered: the end of the 10th of the next one, in China."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, DUE_DAY)
    return datetime.combine(following + timedelta(days=1), datetime.min.time(), UTC) - _CHINA


def as_csv(rows: Sequence[FlowRow]) -> str:
    """Return the report as CSV, with a byte-order mark so that spreadsheets read it."""
    text = io.StringIO(newline="")
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow(FlowRow.__struct_fields__)
    writer.writerows(
        [f"{one.month:%Y-%m}" if name == "month" else getattr(one, name) for name in FlowRow.__struct_fields__]
        for one in rows
    )
    return text.getvalue()

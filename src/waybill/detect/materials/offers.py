"""Offers on grey markets, matched with what is missing: by lot, material, purity, quantity, packaging and price.

Offers come as transfers (docs/materials.md): a file or a feed of a marketplace, or a broker's mail. An offer that
names a missing lot is told by that alone; any other by how much of the rest agrees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite, log
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.grades import grade
from waybill.detect.materials.statements import Statement, name
from waybill.epcis.history.arrays import grouped
from waybill.model.findings import Part
from waybill.model.words import Severity

LOGSOURCE = "waybill/offer/"
"""Log source of transfers that are offers; mappings set it."""

COLUMNS = ("time", "id", "logsource", "asset", "actor_org", "quantity", "unit", "fields")
"""Columns that are read."""

MISSING = frozenset(
    {
        "gap-lost", "gap-orphan", "mirror-gap", "balance-lot", "balance-step", "yield-low", "diversion-elsewhere",
        "diversion-consignee", "diversion-no-licence", "record-withdrawn", "grade-purer", "relabel-lot",
    }
)  # fmt: skip
"""Rules whose lots are missing, diverted or hidden."""

WITHIN = timedelta(days=180)
"""How long after a lot went missing offers are held against it."""
ENOUGH = 0.75
"""Agreement from which an offer is told; 1 is everything."""

_KILOGRAMS = {"KGM": 1.0, "": 1.0, "GRM": 0.001, "TNE": 1000.0}
_LONGEST = 200


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One offer, as it was read."""

    transfer: str
    at: datetime
    by: str
    """Who offers; never a person."""
    lot: str = ""
    material: str = ""
    nines: float | None = None
    kilograms: float | None = None
    price: float | None = None
    """Of one kilogram."""
    currency: str = ""
    packaging: str = ""


def read(transfers: pa.Table) -> list[Offer]:
    """Return the offers among some transfers."""
    rows = transfers.filter(pc.equal(transfers["logsource"].cast(pa.string()), LOGSOURCE))
    return [_offer(row) for row in rows.select(list(COLUMNS)).to_pylist()]


def _offer(row: Mapping[str, Any]) -> Offer:
    fields = {name: value[:_LONGEST].strip() for name, value in row["fields"] or () if value}
    quantity, factor = row["quantity"], _KILOGRAMS.get(row["unit"] or "")
    nines = grade(fields.get("grade") or fields.get("purity", ""))
    return Offer(
        transfer=row["id"].hex(),
        at=row["time"],
        by=fields.get("counterparty") or row["actor_org"] or "",
        lot=fields.get("lot") or row["asset"] or "",
        material=fields.get("material", ""),
        nines=nines if isfinite(nines) else None,
        kilograms=quantity * factor if quantity and factor else None,
        price=_number(fields.get("price", "")),
        currency=fields.get("currency", "").upper(),
        packaging=fields.get("packaging", "").casefold(),
    )


def check(chain: Chain, offers: Sequence[Offer], told: Sequence[Statement]) -> Iterator[Statement]:
    """Tell offers that agree with a lot that another check found missing; of each offer the best."""
    missing = [one for one in told if one.rule in MISSING]
    prices = _prices(chain)
    for offer in offers:
        best = max((_agreement(chain, offer, one, prices) for one in missing), key=lambda m: m[0], default=None)
        if best is None or best[0] < ENOUGH:
            continue
        agreement, statement, parts = best
        item = name(chain.history.items[int(chain.history.rows.item.codes[statement.rows[0]])])
        yield Statement(
            "offer-matched",
            list(statement.rows),
            Severity.HIGH,
            {"by": offer.by or "—", "lot": item, "agreement": f"{agreement:.0%}", "offered": f"{offer.at:%Y-%m-%d}"},
            tuple(Part(what, value, usual=usual, share=share) for what, value, usual, share in parts),
            transfers=(offer.transfer,),
        )


_Agreed = tuple[str, str, str, float]


def _agreement(
    chain: Chain, offer: Offer, statement: Statement, prices: Mapping[tuple[str, str], float]
) -> tuple[float, Statement, list[_Agreed]]:
    """Return how far an offer agrees with a missing lot, and in what."""
    history, row = chain.history, statement.rows[0]
    item = int(history.rows.item.codes[row])
    moment = history.moment(int(history.rows.event[row]))
    if not moment <= offer.at <= moment + WITHIN:
        return 0.0, statement, []
    lot = name(history.items[item])
    if offer.lot and (offer.lot == history.items[item] or offer.lot == lot.rpartition("/")[2]):
        return 1.0, statement, [("lot", offer.lot, lot, 1.0)]
    material = chain.contents.material.word(item)
    if not offer.material or offer.material != material:
        return 0.0, statement, []
    parts: list[_Agreed] = [("material", offer.material, material, 0.2)]
    parts += _agreed(chain, offer, statement, material, prices)
    return sum(share for *_, share in parts), statement, parts


def _agreed(
    chain: Chain, offer: Offer, statement: Statement, material: str, prices: Mapping[tuple[str, str], float]
) -> Iterator[_Agreed]:
    history, row = chain.history, statement.rows[0]
    label = history.stated("grade")
    known = [
        grade(label.word(int(one))) for one in np.flatnonzero(history.rows.item.codes == history.rows.item.codes[row])
    ]
    grades = [one for one in known if isfinite(one)]
    if offer.nines is not None and grades and abs(offer.nines - grades[0]) <= 0.3:
        yield "grade", f"{offer.nines:.2f}", f"{grades[0]:.2f}", 0.2
    weight = _missing_weight(chain, statement)
    if offer.kilograms and weight and abs(log(offer.kilograms / weight)) <= 0.02:
        yield "kg", f"{offer.kilograms:.6g}", f"{weight:.6g}", 0.3
    packaging = history.stated("packaging").word(int(row)).casefold()
    if offer.packaging and offer.packaging == packaging:
        yield "packaging", offer.packaging, packaging, 0.1
    usual = prices.get((material, offer.currency))
    if offer.price and usual and offer.price < 0.8 * usual:
        yield "price per kg", f"{offer.price:.6g}", f"{usual:.6g}", 0.2


def _missing_weight(chain: Chain, statement: Statement) -> float:
    """Return how many kilograms are missing: all of a lot that is gone, the difference of one that arrived as less."""
    weights = chain.history.rows.kilograms[list(statement.rows)]
    if statement.rule == "mirror-gap":
        return float(abs(weights[1] - weights[0]))
    return float(weights[0]) if isfinite(weights[0]) else 0.0


def _prices(chain: Chain) -> dict[tuple[str, str], float]:
    """Return the usual price of a kilogram of each material in each currency: the median of all shipments."""
    history, sent = chain.history, chain.movements.sent
    value, currency = (history.stated(name_).take(sent) for name_ in ("value", "currency"))
    material = chain.contents.material.take(history.rows.item.codes[sent])
    price = value.each(lambda word: _number(word) or np.nan, np.nan) / history.rows.kilograms[sent]
    group = np.where(np.isfinite(price), material.codes * (len(currency.words) + 1) + currency.codes, -1)
    found = {}
    for some in grouped(group):
        if group[some[0]] >= 0:
            found[material.word(int(some[0])), currency.word(int(some[0]))] = float(np.median(price[some]))
    return found


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and number > 0 else None

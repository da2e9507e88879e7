"""Balance accounts: what each site had, took in, made, used and sent on of each material, month by month.

Accounts are computed from the custody events and stored nowhere: an event that comes late changes the month that it
belongs to. Months are those of China (UTC+8), where the product flow is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
import numpy as np

from waybill.epcis.history.arrays import NONE, Amounts, Mask, Numbers
from waybill.epcis.history.contents import Contents
from waybill.epcis.history.history import History
from waybill.model.chemistry import RARE_EARTHS, conversion, known_composition
from waybill.model.custody import EventKind, Role

CHARACTERISTIC = "characteristic"
"""What a lot is claimed to be (certified, recycled, of an origin), as documents state it of the lot."""

_CHINA = 8 * 3_600_000_000
_DAY = 86_400_000_000
MOVES = ("received", "made", "used", "shipped", "removed")
"""What changes a stock; the first two add to it."""
_ADDS = 2


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One site's account of one material with one characteristic in one month, in kilograms."""

    site: str
    material: str
    """As documents state it; empty where they do not."""
    characteristic: str
    month: date
    """Its first day."""
    opening: float
    received: float
    made: float
    used: float
    shipped: float
    removed: float
    """Taken off the books: destroyed, sampled, lost."""
    closing: float
    contained: dict[str, float] = {}
    """Of the closing stock, kilograms of each rare earth that its formula holds."""

    @property
    def balanced(self) -> bool:
        """Whether no more left than there was."""
        return self.closing >= -0.0005 * max(1.0, self.received + self.made + self.opening)


def accounts(history: History) -> list[Account]:
    """Return every account that anything was booked on, by site, material, characteristic and month."""
    rows, kind = booked(history)
    if not len(rows):
        return []
    material, characteristic = (
        history.of_item(name).take(history.rows.item.codes[rows]) for name in ("material", CHARACTERISTIC)
    )
    site = history.places.here[history.rows.event[rows]]
    month = months(history.time[history.rows.event[rows]])
    keys = np.stack([site, material.codes, characteristic.codes, month], axis=1)
    found, number = np.unique(keys, axis=0, return_inverse=True)
    kilograms = history.rows.kilograms[rows]
    sums = np.stack(
        [np.bincount(number.reshape(-1), kilograms * (kind == move), len(found)) for move in range(len(MOVES))], axis=1
    )
    change = sums[:, :_ADDS].sum(axis=1) - sums[:, _ADDS:].sum(axis=1)
    new = np.r_[True, (found[1:, :3] != found[:-1, :3]).any(axis=1)]
    closing = _running(change, new)
    names = ([*material.words, ""], [*characteristic.words, ""])  # the last one is that of nothing
    return [
        _account(history.places.name(key[0]), (names[0][key[1]], names[1][key[2]]), key[3], amounts, stock)
        for key, amounts, stock in zip(found.tolist(), sums.tolist(), closing.tolist(), strict=True)
    ]


def booked(history: History) -> tuple[Numbers, Numbers]:
    """Return the rows that change a stock, and which of ``MOVES`` each is."""
    rows = history.rows
    weighed = rows.is_class & np.isfinite(rows.kilograms) & (history.places.here[rows.event] != NONE)
    what, kind = weighed & rows.in_role(Role.WHAT), np.full(len(rows.event), NONE)
    of_object: list[tuple[Mask, int]] = [
        (history.arrives, 0),
        (history.is_kind(EventKind.OBJECT, "ADD"), 1),
        (history.leaves, 3),
        (history.is_kind(EventKind.OBJECT, "DELETE"), 4),
    ]
    for events, move in of_object:
        kind[what & events[rows.event]] = move
    kind[weighed & rows.in_role(Role.OUTPUT)] = 1
    kind[weighed & rows.in_role(Role.INPUT)] = 2
    found = np.flatnonzero(kind != NONE)
    return found, kind[found]


def months(time: Numbers) -> Numbers:
    """Return the months of moments, counted from January 1970, as people in China have them."""
    moments = (time + _CHINA).astype("datetime64[us]")
    return np.asarray(moments.astype("datetime64[M]").astype(np.int64))


def days(time: Numbers) -> Numbers:
    """Return the days of moments, counted from 1 January 1970, as people in China have them."""
    return (time + _CHINA) // _DAY


def first_day(month: int) -> date:
    """Return the first day of a month that is counted from January 1970."""
    return date(1970 + month // 12, month % 12 + 1, 1)


def in_terms_of(some: Sequence[Account], substance: str, element: str) -> float:
    """Return the closing stock of some accounts as kilograms of a substance, by an element that both hold.

    Raises ValueError where the substance does not hold the element; materials that do not are left out.
    """
    known = (one for one in some if known_composition(one.material).get(element))
    return sum(one.closing * conversion(one.material, substance, element) for one in known)


def share_of(history: History, contents: Contents, rows: Numbers, element: str) -> Amounts:
    """Return the kilograms of an element that each of some rows holds."""
    return np.asarray(contents.share(element)[history.rows.item.codes[rows]] * history.rows.kilograms[rows])


def _account(site: str, what: tuple[str, str], month: int, amounts: list[float], closing: float) -> Account:
    material, characteristic = what
    shares = known_composition(material)
    return Account(
        site=site,
        material=material,
        characteristic=characteristic,
        month=first_day(month),
        opening=closing - sum(amounts[:_ADDS]) + sum(amounts[_ADDS:]),
        closing=closing,
        contained={element: shares[element] * closing for element in shares if element in RARE_EARTHS},
        **dict(zip(MOVES, amounts, strict=True)),
    )


def _running(change: Amounts, new: Mask) -> Amounts:
    """Return the running sum of changes, begun anew where an account begins."""
    total = np.cumsum(change)
    starts = np.flatnonzero(new)
    before = total[starts] - change[starts]
    return np.asarray(total - np.repeat(before, np.diff(np.r_[starts, len(change)])))

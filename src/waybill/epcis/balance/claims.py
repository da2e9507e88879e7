"""Claims: whether what a site sends on with a characteristic came in with it, by the rules of a custody model.

For mass balance and book and claim, credits are kilograms of an element: what comes in with the characteristic is
credited, what is shipped with it is debited, and at the end of each period the credit may not be overdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec
import numpy as np

from waybill.epcis.balance.accounts import CHARACTERISTIC, booked, first_day, months, share_of
from waybill.epcis.balance.models import Model
from waybill.epcis.history.arrays import NONE
from waybill.epcis.history.contents import Contents
from waybill.epcis.history.history import History
from waybill.model.custody import EventKind, Role

TOLERANCE = 0.005
"""Share of a credit that scales and assays may err by."""


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """What a site was credited and debited of an element with a characteristic, up to the end of one period."""

    site: str
    characteristic: str
    element: str
    begins: date
    """The first day of the period."""
    credited: float
    """Kilograms that came in, or began there, with the characteristic, in the period."""
    debited: float
    """Kilograms that were shipped with it."""
    balance: float
    """Kilograms left at the end of the period, over all periods."""

    @property
    def reconciled(self) -> bool:
        """Whether no more was claimed than there was."""
        return self.balance >= -TOLERANCE * max(self.credited, self.debited)


class Mixture(msgspec.Struct, frozen=True, kw_only=True):
    """A step that put out lots with a characteristic and took in lots without it, or of several sources."""

    event: str
    site: str
    characteristic: str
    inputs: tuple[str, ...]
    """The lots that should not have gone in."""


def credits(history: History, contents: Contents, element: str, *, period: int = 12) -> list[Credit]:
    """Return the credits of every site and characteristic, for periods of so many months since January 1970."""
    rows, kind = booked(history)
    event = history.rows.event[rows]
    claim = history.of_item(CHARACTERISTIC).take(history.rows.item.codes[rows])
    begins = (kind == 1) & ~history.rows.in_role(Role.OUTPUT)[rows]  # made of something else is no new credit
    counts = (claim.codes != NONE) & (begins | (kind == 0) | (kind == 3))
    rows, kind, event, claim = rows[counts], kind[counts], event[counts], claim.take(counts)
    if not len(rows):
        return []
    held = share_of(history, contents, rows, element)
    keys = np.stack([history.places.here[event], claim.codes, months(history.time[event]) // period], axis=1)
    found, number = np.unique(keys, axis=0, return_inverse=True)
    number = number.reshape(-1)
    credited = np.bincount(number, held * (kind != 3), len(found))
    debited = np.bincount(number, held * (kind == 3), len(found))
    result: list[Credit] = []
    for (site, word, span), plus, minus in zip(found.tolist(), credited.tolist(), debited.tolist(), strict=True):
        name, characteristic = history.places.name(site), claim.words[word]
        last = result[-1] if result else None
        same = last is not None and (last.site, last.characteristic) == (name, characteristic)
        carried = last.balance if last is not None and same else 0.0
        result.append(
            Credit(
                site=name,
                characteristic=characteristic,
                element=element,
                begins=first_day(span * period),
                credited=plus,
                debited=minus,
                balance=carried + plus - minus,
            )
        )
    return [one for one in result if one.credited or one.debited]


def mixtures(history: History, model: Model) -> Iterator[Mixture]:
    """Yield the steps that break a model in which the characteristic goes with the goods; other models allow them."""
    if not model.follows_goods:
        return
    rows = history.rows
    claim = history.of_item(CHARACTERISTIC).codes[rows.item.codes]
    words = history.of_item(CHARACTERISTIC).words
    made = history.is_kind(EventKind.TRANSFORMATION)[rows.event]
    inputs, outputs = made & rows.in_role(Role.INPUT), made & rows.in_role(Role.OUTPUT)
    for event in np.unique(rows.event[outputs & (claim != NONE)]).tolist():
        some = np.flatnonzero(rows.event == event)
        for said in np.unique(claim[some[outputs[some]]]):
            wrong = some[inputs[some] & (claim[some] != said)]
            if model is Model.IDENTITY_PRESERVED and not len(wrong) and inputs[some].sum() > 1:
                wrong = some[inputs[some]]
            if said != NONE and len(wrong):
                yield Mixture(
                    event=history.events["id"][event].as_py(),
                    site=history.places.name(int(history.places.here[event])),
                    characteristic=words[int(said)],
                    inputs=tuple(sorted({history.items[int(rows.item.codes[row])] for row in wrong})),
                )

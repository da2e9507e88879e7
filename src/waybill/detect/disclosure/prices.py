"""Compares a price paid with public money with the market: references for the same thing at about the same time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import median

import msgspec

from waybill.model.disclosures import Price, PriceRole, folded

DEFAULT_EXCESS = 0.30
"""Share above the market's median from which a price is a finding."""

LEAST_REFERENCES = 3
"""References below which nothing is said of a price."""

LEAST_SOURCES = 2
"""Different places that the references must come from: one seller's list is no market."""

WINDOW = timedelta(days=365)
"""Longest time between a price and a reference for it, before or after."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A price and the references that are comparable with it."""

    paid: Price
    references: tuple[Price, ...]
    """Same item, unit, currency and quality, within a year; by price."""
    other_qualities: int
    """References for the same item that were not compared, since their quality is another."""

    @property
    def is_market(self) -> bool:
        """Whether there are enough references, from several places."""
        sources = {folded(one.source) for one in self.references}
        return len(self.references) >= LEAST_REFERENCES and len(sources) >= LEAST_SOURCES

    @property
    def market(self) -> Decimal:
        """The median of the references."""
        return median(one.price for one in self.references)

    @property
    def excess(self) -> float:
        """Share by which the price is above the market; below zero where it is below."""
        return float(self.paid.price / self.market) - 1

    def is_above(self, share: float) -> bool:
        """Whether the price is above the market by at least this share."""
        return self.paid.price >= self.market * (1 + Decimal(str(share)))

    @property
    def lowest(self) -> Decimal:
        """The lowest reference."""
        return self.references[0].price

    @property
    def highest(self) -> Decimal:
        """The highest reference."""
        return self.references[-1].price

    @property
    def quantities(self) -> tuple[Decimal, Decimal] | None:
        """The smallest and the largest quantity among the references; None where a reference has none."""
        known = [one.quantity for one in self.references if one.quantity is not None]
        return (min(known), max(known)) if known and len(known) == len(self.references) else None


def compare(prices: Iterable[Price]) -> list[Comparison]:
    """Return each price that was paid with its references, by id."""
    every = {one.id: one for one in prices}
    by_item: dict[tuple[str, str, str], list[Price]] = {}
    for one in every.values():
        if one.role is PriceRole.REFERENCE:
            by_item.setdefault(_item(one), []).append(one)
    paid = sorted((one for one in every.values() if one.role is PriceRole.PAID), key=lambda one: one.id)
    return [_comparison(one, by_item.get(_item(one), [])) for one in paid]


def _item(price: Price) -> tuple[str, str, str]:
    return folded(price.item), folded(price.unit), price.currency


def _comparison(paid: Price, references: Sequence[Price]) -> Comparison:
    near = [one for one in references if abs(one.day - paid.day) <= WINDOW]
    alike = [one for one in near if folded(one.quality) == folded(paid.quality)]
    alike.sort(key=lambda one: (one.price, one.id))
    return Comparison(paid=paid, references=tuple(alike), other_qualities=len(near) - len(alike))

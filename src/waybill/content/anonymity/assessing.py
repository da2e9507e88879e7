"""All that is to be said of how the persons of a table hide: counts, names of columns and numbers of rows, no value."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa

from waybill.content.anonymity.classes import Classes, Column, Wanted, classes, column, exposed, variety
from waybill.content.anonymity.proposing import Proposal, propose
from waybill.model.errors import UsageError

_SIZES, _ROWS = 5, 10
"""Sizes of classes that are listed, and rows of each."""


class Smallest(msgspec.Struct, frozen=True):
    """The classes of one size."""

    size: int
    classes: int
    rows: tuple[int, ...]
    """Numbers of the first rows that are in them, from 1; the heading is not counted."""


class Spread(msgspec.Struct, frozen=True):
    """How different the values of a sensitive column are within classes."""

    column: str
    distinct: int
    """The fewest different values in a class."""
    entropy: float
    """e to the least entropy of a class."""
    distance: float
    """The greatest distance of a class from the whole table, 0 to 1 (t-closeness)."""
    told: int
    """Rows whose value can be told: everybody in their class has the same."""


class Driver(msgspec.Struct, frozen=True):
    """What a quasi-identifier does to the rest."""

    column: str
    different: int
    """How many different values it has."""
    k_without: int
    at_risk_without: int
    """Rows at risk if the column were left out."""


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """How the persons of a table hide among each other."""

    rows: int
    classes: int
    k: int
    alone: int
    """Rows that share their quasi-identifiers with no other."""
    fewer: int
    """Rows in classes of fewer than the k that was asked for."""
    at_risk: int
    """Rows in classes that are not as they were asked to be, in whatever way."""
    smallest: tuple[Smallest, ...]
    spreads: tuple[Spread, ...]
    drivers: tuple[Driver, ...]
    """The column without which the fewest rows are at risk comes first."""
    proposal: Proposal | None
    """What would reach what is asked for; None where nothing would, and where it is reached."""

    @property
    def is_reached(self) -> bool:
        """Whether every class is as it was asked to be."""
        return self.at_risk == 0


def assess(
    table: pa.Table,
    quasi_identifiers: Sequence[str],
    sensitive: Sequence[str] = (),
    wanted: Wanted | None = None,
    *,
    most_left_out: float = 0.05,
) -> Assessment:
    """Look at how the rows of a table hide; a proposal leaves out at most such a share of them.

    Raises UsageError for columns that are not there, none at all, or the same in two roles.
    """
    wanted = wanted or Wanted()
    _check(table, quasi_identifiers, sensitive, wanted)
    told = [column(name, table[name]) for name in dict.fromkeys(quasi_identifiers)]
    hidden = [column(name, table[name]) for name in dict.fromkeys(sensitive)]
    found = classes([one.numbers for one in told])
    bad = exposed(found, hidden, wanted)
    at_risk = int(found.sizes[bad].sum())
    return Assessment(
        rows=table.num_rows,
        classes=len(found.sizes),
        k=found.k,
        alone=int(np.count_nonzero(found.sizes == 1)),
        fewer=int(found.sizes[found.sizes < wanted.k].sum()),
        at_risk=at_risk,
        smallest=tuple(_smallest(found)),
        spreads=tuple(_spread(found, one) for one in hidden),
        drivers=tuple(_drivers(told, hidden, wanted)),
        proposal=propose(told, hidden, wanted, int(most_left_out * table.num_rows)) if at_risk else None,
    )


def _check(table: pa.Table, quasi_identifiers: Sequence[str], sensitive: Sequence[str], wanted: Wanted) -> None:
    there = ", ".join(table.column_names)
    missing = [name for name in (*quasi_identifiers, *sensitive) if name not in table.column_names]
    if missing or not quasi_identifiers:
        raise UsageError("there is no such column", where=", ".join(missing), expected=there)
    if both := set(quasi_identifiers) & set(sensitive):
        raise UsageError("a column is either a quasi-identifier or sensitive", where=", ".join(sorted(both)))
    if wanted.k < 1 or wanted.l < 1 or wanted.entropy < 1 or not 0 <= wanted.t <= 1:
        raise UsageError("this cannot be asked for", expected="k, l and entropy of 1 or more, t from 0 to 1")


def _smallest(found: Classes) -> list[Smallest]:
    """Return the smallest classes, by size."""
    sizes, counts = np.unique(found.sizes, return_counts=True)
    own = found.sizes[found.of_row]
    return [
        Smallest(size, count, tuple((np.flatnonzero(own == size)[:_ROWS] + 1).tolist()))
        for size, count in list(zip(sizes.tolist(), counts.tolist(), strict=True))[:_SIZES]
    ]


def _spread(found: Classes, one: Column) -> Spread:
    if not len(found.sizes):
        return Spread(one.name, 0, 0.0, 0.0, 0)
    own = variety(found, one)
    told = int(found.sizes[own.distinct == 1].sum())
    entropy, distance = round(float(own.entropy.min()), 4), round(float(own.distance.max()), 4)
    return Spread(one.name, int(own.distinct.min()), entropy, distance, told)


def _drivers(told: Sequence[Column], hidden: Sequence[Column], wanted: Wanted) -> list[Driver]:
    """Return what each quasi-identifier does; without the only one, all rows are alike."""
    drivers = []
    for one in told:
        others = [other.numbers for other in told if other is not one] or [np.zeros_like(one.numbers)]
        found = classes(others)
        at_risk = int(found.sizes[exposed(found, hidden, wanted)].sum())
        drivers.append(Driver(one.name, len(one.different), found.k, at_risk))
    return sorted(drivers, key=lambda driver: (driver.at_risk_without, -driver.different, driver.column))

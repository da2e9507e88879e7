"""How well the persons of a table hide among each other: k-anonymity (Sweeney, 2002) and l-diversity (2007)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from waybill.model.errors import UsageError

_COUNT = "__count"


@dataclass(frozen=True, slots=True)
class Anonymity:
    """How persons hide among those who share their quasi-identifiers."""

    k: int
    """The size of the smallest such class; 1: somebody stands alone, 0: the table is empty."""
    classes: int
    rows: int
    alone: int
    """Rows that share their quasi-identifiers with no other."""


@dataclass(frozen=True, slots=True)
class Diversity:
    """How many different sensitive values the classes have."""

    distinct: int
    """Distinct l-diversity: the fewest different values in a class."""
    entropy: float
    """Entropy l-diversity: e to the least entropy of a class; never above ``distinct``."""
    uniform: int
    """Rows of classes that have one value only: to know the class is to know the value."""


def k_anonymity(table: pa.Table, quasi_identifiers: Sequence[str]) -> Anonymity:
    """Return how the rows of a table hide among each other; an absent value equals an absent one. Raises UsageError."""
    _known(table, quasi_identifiers)
    sizes = _sizes(table, quasi_identifiers)[_COUNT].to_numpy()
    alone = int(np.count_nonzero(sizes == 1))
    return Anonymity(int(sizes.min(initial=table.num_rows)), len(sizes), table.num_rows, alone)


def l_diversity(table: pa.Table, quasi_identifiers: Sequence[str], sensitive: str) -> Diversity:
    """Return how different the values of a sensitive column are within classes. Raises UsageError."""
    _known(table, [*quasi_identifiers, sensitive])
    if not table.num_rows:
        return Diversity(0, 0.0, 0)
    pairs = _sizes(table, [*quasi_identifiers, sensitive])
    counts = pairs[_COUNT].to_numpy().astype(float)
    keys = pa.StructArray.from_arrays(
        [pairs[name].combine_chunks() for name in quasi_identifiers], list(quasi_identifiers)
    )
    of_class = _numbers(keys)
    sizes, different = np.bincount(of_class, counts), np.bincount(of_class)
    share = counts / sizes[of_class]
    entropy = np.bincount(of_class, -share * np.log(share))
    return Diversity(int(different.min()), float(np.exp(entropy.min())), int(sizes[different == 1].sum()))


def _known(table: pa.Table, columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in table.column_names]
    if missing or not columns:
        raise UsageError("there is no such column", where=", ".join(missing), expected=", ".join(table.column_names))


def _sizes(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Return each combination of values with its number of rows."""
    ones = pa.array(np.ones(table.num_rows, np.int64))
    grouped = table.select(list(dict.fromkeys(columns))).append_column(_COUNT, ones)
    return (
        grouped.group_by(list(dict.fromkeys(columns)))
        .aggregate([(_COUNT, "sum")])
        .rename_columns([*dict.fromkeys(columns), _COUNT])
    )


def _numbers(keys: pa.StructArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a number for each row, equal where the rows are."""
    known: dict[tuple[object, ...], int] = {}
    rows = zip(*(keys.field(at).to_pylist() for at in range(keys.type.num_fields)), strict=True)
    return np.array([known.setdefault(row, len(known)) for row in rows], np.int64)

"""Rows that share their quasi-identifiers, and how different the sensitive values of each such class are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,9})?", re.ASCII)
_SPAN = 1 << 62
_ROUNDING = 1e-9


class Column(NamedTuple):
    """The values of a column."""

    name: str
    numbers: Numbers
    """For each row the place of its value among the different ones; an absent value equals an absent one."""
    different: tuple[str, ...]
    """As text; ``""`` where there is none. In order, where all are numbers."""
    ordered: bool
    """Whether all are numbers."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What every class is asked for."""

    k: int = 5
    """Rows, at least (k-anonymity)."""
    l: int = 2  # noqa: E741 -- the name of the measure
    """Different values of each sensitive column, at least (distinct l-diversity)."""
    entropy: float = 1.0
    """e to the entropy of these values, at least (entropy l-diversity); 1: not asked."""
    t: float = 1.0
    """Distance of their distribution from that of the whole table, at most (t-closeness); 1: not asked."""


class Classes(NamedTuple):
    """Rows put together by their quasi-identifiers."""

    of_row: Numbers
    """For each row its class."""
    sizes: Numbers

    @property
    def k(self) -> int:
        """The size of the smallest class; 0 where there is no row."""
        return int(self.sizes.min(initial=len(self.of_row)))


class Variety(NamedTuple):
    """How different the values of a sensitive column are, for each class."""

    distinct: Numbers
    entropy: Floats
    """e to the entropy; never above ``distinct``."""
    distance: Floats
    """From the distribution of the whole table, 0 to 1: half the sum of differences, or of numbers how far they lie
    from each other in order (earth mover's distance)."""


def column(name: str, values: pa.ChunkedArray) -> Column:
    """Return a column of a table, of whatever type."""
    encoded = values.cast(pa.large_string()).fill_null("").dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    numbers, different = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()
    if not different or not all(NUMBER.fullmatch(value) for value in different):
        return Column(name, numbers, tuple(different), ordered=False)
    order = sorted(range(len(different)), key=lambda place: float(different[place]))
    return Column(name, np.argsort(order)[numbers], tuple(different[place] for place in order), ordered=True)


def classes(numbers: Sequence[Numbers]) -> Classes:
    """Return the classes of rows whose values have the same numbers in every column."""
    joined, span = np.zeros(len(numbers[0]), np.int64), 1
    for one in numbers:
        width = int(one.max(initial=0)) + 1
        if span * width >= _SPAN:
            joined = np.unique(joined, return_inverse=True)[1]
            span = len(joined)
        joined, span = joined * width + one, span * width
    _, of_row, sizes = np.unique(joined, return_inverse=True, return_counts=True)
    return Classes(of_row, sizes)


def variety(of: Classes, sensitive: Column) -> Variety:
    """Return how different the values of a sensitive column are within each class."""
    values = max(1, len(sensitive.different))
    pairs, counts = np.unique(of.of_row * values + sensitive.numbers, return_counts=True)
    owner, value = np.divmod(pairs, values)
    share = counts / of.sizes[owner]
    number = len(of.sizes)
    distinct = np.bincount(owner, minlength=number)
    entropy = np.exp(np.bincount(owner, -share * np.log(share), minlength=number))
    whole = np.bincount(sensitive.numbers, minlength=values) / max(1, len(sensitive.numbers))
    far = (
        _moved(owner, value, share, whole, number) if sensitive.ordered else _apart(owner, value, share, whole, number)
    )
    return Variety(distinct, entropy, far)


def exposed(of: Classes, sensitive: Sequence[Column], wanted: Wanted) -> npt.NDArray[np.bool_]:
    """Return which classes are not as they are asked to be."""
    found = of.sizes < wanted.k
    for one in sensitive:
        own = variety(of, one)
        found |= own.distinct < wanted.l
        found |= own.entropy < wanted.entropy - _ROUNDING
        found |= own.distance > wanted.t + _ROUNDING
    return found


def _apart(owner: Numbers, value: Numbers, share: Floats, whole: Floats, number: int) -> Floats:
    """Return half the sum of differences between the shares of each class and those of the table."""
    present = np.bincount(owner, np.abs(share - whole[value]), minlength=number)
    covered = np.bincount(owner, whole[value], minlength=number)
    return np.clip((present + 1 - covered) / 2, 0.0, 1.0)


def _moved(owner: Numbers, value: Numbers, share: Floats, whole: Floats, number: int) -> Floats:
    """Return how far shares must be moved along the order of values to become those of the table.

    That is the sum over all values of how far the cumulated shares differ. Between two values of a class its own
    cumulated share stands still while the table's grows past it: each such stretch is summed at once.
    """
    if len(whole) < 2:
        return np.zeros(number)
    grown = np.cumsum(whole)
    summed = np.concatenate([[0.0], np.cumsum(grown)])
    first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]]) if len(owner) else np.zeros(0, np.int64)
    running = np.cumsum(share)
    own = running - np.repeat(running[first] - share[first], np.diff(np.r_[first, len(owner)]))
    end = np.r_[value[1:], 0]
    end[np.r_[first[1:] - 1, len(owner) - 1] if len(owner) else first] = len(whole)
    past = np.clip(np.searchsorted(grown, own), value, end)
    after = own * (2 * past - value - end) + summed[value] + summed[end] - 2 * summed[past]
    before = summed[value[first]]
    total = np.bincount(owner, after, minlength=number)
    total[owner[first]] += before
    return np.clip(total / (len(whole) - 1), 0.0, 1.0)

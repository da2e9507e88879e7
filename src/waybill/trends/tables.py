"""Counts in two ways, by words that are fixed beforehand: what may be published, in one lane or the other."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from waybill.model.words import Intent
from waybill.trends.incidents import CLASSES, UNKNOWN, Incident
from waybill.trends.vocabulary import vocabulary

Counts = npt.NDArray[np.int64]

TRADES = (
    "11", "21", "22", "23", "31", "32", "33", "42", "44", "45", "48", "49", "51", "52", "53", "54", "55", "56", "61",
    "62", "71", "72", "81", "92",
)  # fmt: skip
"""Sectors of NAICS 2022 by the first two digits of their codes."""


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by rows and columns; an incident may count in several cells of a row."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Way:
    """One way of counting: by which words, and which of them an incident has."""

    words: Callable[[Sequence[int]], tuple[str, ...]]
    """The words, given the years that are asked for; never from the data, which would tell of it."""
    of: Callable[[Incident], Iterable[str]]
    most: int
    """How many an incident may count under in what is published to all."""


WAYS: Mapping[str, Way] = {
    "year": Way(lambda years: tuple(map(str, years)), lambda one: [str(one.occurred.year)], 1),
    "intent": Way(lambda _: tuple(str(word) for word in Intent), lambda one: [str(one.intent)], 1),
    "origin": Way(lambda _: ("official", "unofficial", "unknown"), lambda one: [str(one.origin)], 1),
    "trade": Way(lambda _: (*TRADES, UNKNOWN), lambda one: [one.trade if one.trade in TRADES else UNKNOWN], 1),
    "action": Way(lambda _: tuple(sorted(vocabulary().words("action"))), lambda one: sorted(one.kinds), 2),
    "asset": Way(lambda _: (*sorted(CLASSES), UNKNOWN), lambda one: sorted(one.classes), 2),
}
"""How incidents may be counted."""


def count(incidents: Iterable[Incident], name: str, years: Sequence[int], *, most: bool = False) -> Table:
    """Return a table such as ``year-action`` of the incidents of some years.

    ``most``: an incident counts under so many words of each way as its table allows, for the privacy of all.
    """
    first, _, second = name.partition("-")
    one_way, other = WAYS[first], WAYS[second]
    rows, columns = one_way.words(years), other.words(years)
    row_of, column_of = ({word: number for number, word in enumerate(words)} for words in (rows, columns))
    counts = np.zeros((len(rows), len(columns)), dtype=np.int64)
    wanted = set(years)
    for one in incidents:
        if one.occurred.year not in wanted:
            continue
        for row in _some(one_way, one, most):
            for column in _some(other, one, most):
                counts[row_of[row], column_of[column]] += 1
    return Table(name, rows, columns, counts)


def as_csv(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Return lines of CSV; None is an empty cell."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return stream.getvalue()


def width(name: str) -> int:
    """Return in how many cells of a table an incident counts at most, where that is bounded."""
    first, _, second = name.partition("-")
    return WAYS[first].most * WAYS[second].most


def _some(way: Way, one: Incident, most: bool) -> list[str]:
    words = list(way.of(one))
    return words[: way.most] if most else words

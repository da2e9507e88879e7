"""Asks a correlation of every window of one group of records, in one pass over them by time.

A window ends at a record's time and holds all records from one time span before it, both ends included.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from waybill.detect.sigma.correlations import COMPARE, Correlation, Kind, fulfils
from waybill.detect.sigma.predicates import number_of


class Entry(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A record that one of the correlation's rules matched, with what its finding needs of it."""

    time: int
    """Microseconds since 1970."""
    id: str
    """Of the transfer, as hex."""
    rule: int
    """Number of the rule among the correlation's."""
    values: tuple[str | None, ...] = ()
    """Of the fields whose values count."""
    actor: str = ""
    asset: str = ""
    channel: str = ""
    outcome: str = ""
    source: str = ""
    origin: str = ""
    position: int = 0


class Window(Protocol):
    """What a condition needs to know of the records in a window."""

    def enter(self, entry: Entry) -> None:
        """Take a record in."""

    def leave(self, entry: Entry) -> None:
        """Let the oldest record go."""

    def holds(self, start: int) -> bool:
        """Return whether the window that began at ``start`` fulfils the condition."""


def episodes(correlation: Correlation, entries: Sequence[Entry]) -> Iterator[tuple[int, int, int]]:
    """Yield each window that fulfils the condition: when it ends, and the first and one past the last of its entries.

    ``entries`` are sorted.
    """
    window = _WINDOWS[correlation.kind](correlation)
    first = place = 0
    while place < len(entries):
        end = entries[place].time
        while place < len(entries) and entries[place].time == end:
            window.enter(entries[place])
            place += 1
        while entries[first].time < end - correlation.span:
            window.leave(entries[first])
            first += 1
        if window.holds(end - correlation.span):
            yield end, first, place


class _Counting:
    """How many records, or distinct values, there are."""

    def __init__(self, correlation: Correlation) -> None:
        self._by_value = correlation.kind is Kind.VALUE_COUNT
        self._holds, self._wanted = COMPARE[correlation.compare], correlation.count
        self._seen: Counter[object] = Counter()
        self._entries = 0

    def enter(self, entry: Entry) -> None:
        self._entries += 1
        if None not in entry.values:
            self._seen[entry.values] += 1

    def leave(self, entry: Entry) -> None:
        self._entries -= 1
        if None not in entry.values:
            self._seen[entry.values] -= 1
            if not self._seen[entry.values]:
                del self._seen[entry.values]

    def holds(self, start: int) -> bool:
        return self._holds(len(self._seen) if self._by_value else self._entries, self._wanted)


class _Meeting:
    """Which rules have matched; every one, or as the condition says."""

    def __init__(self, correlation: Correlation) -> None:
        self._expression = correlation.expression
        self._rules = len(correlation.rules)
        self._seen: Counter[int] = Counter()

    def enter(self, entry: Entry) -> None:
        self._seen[entry.rule] += 1

    def leave(self, entry: Entry) -> None:
        self._seen[entry.rule] -= 1
        if not self._seen[entry.rule]:
            del self._seen[entry.rule]

    def holds(self, start: int) -> bool:
        if self._expression is None:
            return len(self._seen) == self._rules
        return fulfils(self._expression, self._seen)


class _Following(_Meeting):
    """Likewise, one rule after the other as they are named; rules that are absent are passed over."""

    def __init__(self, correlation: Correlation) -> None:
        super().__init__(correlation)
        self._times: dict[int, list[int]] = {}

    def enter(self, entry: Entry) -> None:
        super().enter(entry)
        insort(self._times.setdefault(entry.rule, []), entry.time)

    def leave(self, entry: Entry) -> None:
        super().leave(entry)
        self._times[entry.rule].remove(entry.time)

    def holds(self, start: int) -> bool:
        if not super().holds(start):
            return False
        reached = start
        for rule in sorted(self._seen):
            times = self._times[rule]
            place = bisect_left(times, reached)
            if place == len(times):
                return False
            reached = times[place]
        return True


class _Measuring:
    """Sum, mean, median or another percentile of the numbers there are."""

    def __init__(self, correlation: Correlation) -> None:
        self._holds, self._wanted = COMPARE[correlation.compare], correlation.count
        percentile = 50 if correlation.kind is Kind.VALUE_MEDIAN else correlation.percentile
        self._measure: Callable[[Sequence[float]], float] = {
            Kind.VALUE_SUM: sum,
            Kind.VALUE_AVG: lambda numbers: sum(numbers) / len(numbers),
        }.get(correlation.kind, lambda numbers: _percentile(numbers, percentile))
        self._numbers: list[float] = []

    def enter(self, entry: Entry) -> None:
        for number in _numbers(entry):
            insort(self._numbers, number)

    def leave(self, entry: Entry) -> None:
        for number in _numbers(entry):
            self._numbers.pop(bisect_left(self._numbers, number))

    def holds(self, start: int) -> bool:
        return bool(self._numbers) and self._holds(self._measure(self._numbers), self._wanted)


def _numbers(entry: Entry) -> list[float]:
    """Return the number of the entry's value, if it writes one."""
    value = entry.values[0] if entry.values else None
    number = None if value is None else number_of(value)
    return [] if number is None else [number]


def _percentile(numbers: Sequence[float], percentile: float) -> float:
    """Return a percentile of sorted numbers, between two of them by their distance (as SQL's ``percentile_cont``)."""
    place = (len(numbers) - 1) * percentile / 100
    below = int(place)
    above = min(below + 1, len(numbers) - 1)
    return numbers[below] + (numbers[above] - numbers[below]) * (place - below)


_WINDOWS: dict[Kind, Callable[[Correlation], Window]] = {
    Kind.EVENT_COUNT: _Counting,
    Kind.VALUE_COUNT: _Counting,
    Kind.TEMPORAL: _Meeting,
    Kind.TEMPORAL_ORDERED: _Following,
    Kind.VALUE_SUM: _Measuring,
    Kind.VALUE_AVG: _Measuring,
    Kind.VALUE_PERCENTILE: _Measuring,
    Kind.VALUE_MEDIAN: _Measuring,
}

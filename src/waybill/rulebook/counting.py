"""The counts that laws ask for: distinct persons, exactly, by exporter and year or by pair and twelve months.

China counts per exporter since 1 January, over all recipients, and leaves exempt exports out (CAC Order 16, articles 3
to 8). The United States count per exporter and recipient over the preceding twelve months (28 CFR 202.205). Both come
from the same entries, so that either can be counted again from the start. Never sketches: near a threshold an
estimate is a wrong answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import msgspec
from pyroaring import BitMap

from waybill.rulebook.deciding import Regime

PACE_DAYS = 90
"""Days from which it is forecast when a threshold will be reached."""

MOST_DAYS = 3_650
"""What lies further ahead is not forecast."""


class Span(StrEnum):
    """What a count runs over."""

    YEAR = "year"
    """An exporter's, since 1 January."""
    PAIR = "pair"
    """An exporter's to one recipient, over the preceding twelve months."""


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of data whose persons are counted: how, and which fact of the rulebook holds the count."""

    span: Span
    regime: str
    fact: str


CATEGORIES: Mapping[str, Category] = {
    "personal": Category(Span.YEAR, "cn-data", "persons_this_year"),
    "sensitive": Category(Span.YEAR, "cn-data", "sensitive_persons_this_year"),
    "us-omic": Category(Span.PAIR, "us-data", "us_omic_persons"),
    "us-genomic": Category(Span.PAIR, "us-data", "us_genomic_persons"),
    "us-biometric": Category(Span.PAIR, "us-data", "us_biometric_persons"),
    "us-location": Category(Span.PAIR, "us-data", "us_location_devices"),
    "us-health": Category(Span.PAIR, "us-data", "us_health_persons"),
    "us-financial": Category(Span.PAIR, "us-data", "us_financial_persons"),
    "us-identifier": Category(Span.PAIR, "us-data", "us_identifier_persons"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """The persons whose data of one category an exporter gave a recipient on a day."""

    day: date
    exporter: str
    recipient: str
    category: str
    exempt: bool
    """On a ground that is not counted by year."""
    persons: BitMap
    """Numbers of the persons."""


class Count(msgspec.Struct, frozen=True):
    """How a count stands."""

    category: str
    exporter: str
    recipient: str
    """Empty for a count by year."""
    persons: int
    """Distinct persons that count."""
    threshold: int | None
    """The next one that the rules of the day name; None if none is left."""
    distance: int | None
    """How many more persons reach it."""
    crossing: date | None
    """When it will be reached at the pace of the last 90 days; None if not before the count begins anew."""
    across_new_year: int
    """Distinct persons of the last twelve months, whatever the year."""
    split: bool
    """Those of the last twelve months reach a threshold that those of this year and of the last, each, do not."""


@dataclass(frozen=True, slots=True)
class Split:
    """Exporters that belong together, and reach a threshold that none of them reaches alone."""

    category: str
    exporters: tuple[str, ...]
    persons: int
    """Distinct persons of all of them."""
    most: int
    """Distinct persons of the one that has the most."""
    threshold: int


def since_january(entries: Iterable[Entry], exporters: Sequence[str], category: str, day: date) -> BitMap:
    """Return the persons of these exporters together since 1 January, the day included, exempt exports not."""
    first = date(day.year, 1, 1)
    return _together(one for one in _of(entries, exporters, category) if first <= one.day <= day and not one.exempt)


def twelve_months(entries: Iterable[Entry], exporter: str, recipient: str | None, category: str, day: date) -> BitMap:
    """Return the persons of the twelve months up to a day: of a pair, or to all recipients if none is named."""
    first = year_before(day)
    return _together(
        one
        for one in _of(entries, [exporter], category)
        if first < one.day <= day and (one.recipient == recipient if recipient is not None else not one.exempt)
    )


def counts(entries: Sequence[Entry], regimes: Mapping[str, Regime], day: date) -> list[Count]:
    """Return how every count stands on a day, by the rules of that day."""
    yearly = sorted({(one.category, one.exporter) for one in entries if _span(one) is Span.YEAR})
    pairs = sorted({(one.category, one.exporter, one.recipient) for one in entries if _span(one) is Span.PAIR})
    return [
        *(_Counting(entries, regimes, day, category).of_year(exporter) for category, exporter in yearly),
        *(_Counting(entries, regimes, day, category).of_pair(exporter, to) for category, exporter, to in pairs),
    ]


def split_over_affiliates(
    entries: Sequence[Entry], groups: Iterable[Sequence[str]], regimes: Mapping[str, Regime], day: date
) -> list[Split]:
    """Return where exporters that belong together reach a threshold since 1 January that none of them reaches alone."""
    found = []
    for exporters in groups:
        for category, kind in CATEGORIES.items():
            if kind.span is not Span.YEAR:
                continue
            single = {one: len(since_january(entries, [one], category, day)) for one in exporters}
            together = len(since_january(entries, exporters, category, day))
            most = max(single.values(), default=0)
            reached = [one for one in thresholds(regimes[kind.regime], kind.fact) if most < one <= together]
            if reached:
                counted = tuple(sorted(name for name, count in single.items() if count))
                found.append(Split(category, counted, together, most, reached[-1]))
    return found


def thresholds(regime: Regime, fact: str) -> list[int]:
    """Return the counts from which a rule of the regime applies, smallest first."""
    found = set()
    for rule in regime.rules:
        for atom in rule.when:
            if atom.fact == fact and isinstance(atom.value, int):
                found.add(atom.value + 1 if atom.operator in {">", "<="} else atom.value)
    return sorted(found)


def year_before(day: date) -> date:
    """Return the same day of the year before; 28 February for 29 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


@dataclass(frozen=True, slots=True)
class _Counting:
    """Counts of one category on a day."""

    entries: Sequence[Entry]
    regimes: Mapping[str, Regime]
    day: date
    category: str

    @property
    def thresholds(self) -> list[int]:
        kind = CATEGORIES[self.category]
        return thresholds(self.regimes[kind.regime], kind.fact)

    def of_year(self, exporter: str) -> Count:
        """Return the count of an exporter since 1 January."""
        day, first = self.day, date(self.day.year, 1, 1)
        persons = since_january(self.entries, [exporter], self.category, day)
        last_year = since_january(self.entries, [exporter], self.category, first - timedelta(days=1))
        months = len(twelve_months(self.entries, exporter, None, self.category, day))
        start = day - timedelta(days=PACE_DAYS)
        before = since_january(self.entries, [exporter], self.category, start) if start >= first else BitMap()
        crossing = self._crossing(persons, before, max(start, first - timedelta(days=1)))
        in_time = crossing is not None and crossing.year == day.year  # the count begins anew after that
        split = any(len(persons) < one <= months and len(last_year) < one for one in self.thresholds)
        count = self._count(exporter, "", persons)
        return msgspec.structs.replace(
            count, crossing=crossing if in_time else None, across_new_year=months, split=split
        )

    def of_pair(self, exporter: str, recipient: str) -> Count:
        """Return the count of a pair over twelve months."""
        start = self.day - timedelta(days=PACE_DAYS)
        earlier = [one for one in self.entries if one.day <= start]
        persons, before = (
            twelve_months(entries, exporter, recipient, self.category, self.day) for entries in (self.entries, earlier)
        )
        count = self._count(exporter, recipient, persons)
        return msgspec.structs.replace(count, crossing=self._crossing(persons, before, start))

    def _count(self, exporter: str, recipient: str, persons: BitMap) -> Count:
        threshold = self._next(persons)
        distance = None if threshold is None else threshold - len(persons)
        return Count(self.category, exporter, recipient, len(persons), threshold, distance, None, len(persons), False)

    def _next(self, persons: BitMap) -> int | None:
        return next((one for one in self.thresholds if one > len(persons)), None)

    def _crossing(self, persons: BitMap, before: BitMap, start: date) -> date | None:
        """Return when the next threshold is reached if new persons go on coming as they did since ``start``."""
        threshold = self._next(persons)
        fresh, days = len(persons - before), (self.day - start).days
        if threshold is None or not fresh or not days:
            return None
        needed = -(-(threshold - len(persons)) * days // fresh)  # rounded up
        return self.day + timedelta(days=needed) if needed <= MOST_DAYS else None


def _of(entries: Iterable[Entry], exporters: Sequence[str], category: str) -> Iterable[Entry]:
    return (one for one in entries if one.category == category and one.exporter in exporters)


def _together(entries: Iterable[Entry]) -> BitMap:
    return BitMap.union(BitMap(), *(one.persons for one in entries))


def _span(entry: Entry) -> Span:
    return CATEGORIES[entry.category].span

"""Which records tell of the same incident twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from waybill.trends.incidents import Incident

Key = tuple[str, str]
"""Source and id."""


def by_id(incidents: Sequence[Incident]) -> dict[int, int]:
    """Return, for each record whose id another one has, which counts: the one coded last, of those the last read.

    Keys and values are positions in ``incidents``; the records that count are no keys.
    """
    latest: dict[Key, int] = {}
    for position, one in enumerate(incidents):
        known = latest.get((one.source, one.id))
        if known is None or _coded(one) >= _coded(incidents[known]):
            latest[one.source, one.id] = position
    return {
        position: latest[one.source, one.id]
        for position, one in enumerate(incidents)
        if latest[one.source, one.id] != position
    }


def alike(incidents: Sequence[Incident]) -> list[tuple[int, int]]:
    """Return pairs of records that look like one incident: one victim, one known day, the same kinds of action.

    They are told to a person and not joined: an organisation may well send two letters to a wrong address in a day.
    """
    seen: dict[tuple[str, date, frozenset[str]], int] = {}
    pairs = []
    for position, one in enumerate(incidents):
        if one.day is None or not one.victim:
            continue
        key = one.victim.casefold(), one.day, one.kinds
        if key in seen:
            pairs.append((seen[key], position))
        else:
            seen[key] = position
    return pairs


def without(incidents: Iterable[Incident], doubles: Iterable[int]) -> list[Incident]:
    """Return the incidents that count."""
    out = set(doubles)
    return [one for position, one in enumerate(incidents) if position not in out]


def _coded(one: Incident) -> date:
    return one.coded_at or date.min

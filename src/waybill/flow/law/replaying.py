"""What a change of rules would make of the past: kept assessments and stored transfers, and which outcomes flip.

Transfers that moved a registered asset out of its home are assessed under the rules in force and under the changed
ones, with what the register says of the asset now. Between two days on which any rule changes all transfers stand
alike, so that stretches are assessed and not days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from waybill.detect.unauthorised.moves import destination, home_jurisdiction, is_outside
from waybill.flow.installation import Installation
from waybill.flow.law.assessments import Replay, again, kept_records
from waybill.flow.law.grading import facts_of
from waybill.flow.law.rule_set import facts_everywhere
from waybill.flow.permit_use import move_of
from waybill.lake import questions
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import MOVING
from waybill.rulebook import Outcome, Rulebook, assess
from waybill.rulebook.facts import Value

Says = tuple[Outcome, ...]
"""What a regime says: one outcome, or those that are possible."""

_Key = tuple[str, Says, Says, str, str, date]
"""All of a flip but how many transfers it is about."""

_DAY = timedelta(days=1)
_KEPT = 4_096


@dataclass(frozen=True, slots=True)
class Flip:
    """Transfers of which a regime would say something else."""

    regime: str
    before: Says
    after: Says
    asset: str
    to_country: str
    """Empty where nobody knows."""
    since: date
    """First day of the stretch of days on which the rules stand so."""
    transfers: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Rerun:
    """What a change of rules would make of the past."""

    transfers: int
    """Transfers that were assessed."""
    flips: tuple[Flip, ...]
    """The most transfers first."""
    assessments: int
    replays: tuple[Replay, ...]
    """Kept assessments that come out otherwise."""


def rerun(installation: Installation, changed: Rulebook, today: date) -> Rerun:
    """Return what these rules, instead of those in force, make of kept assessments and of all stored transfers."""
    records = kept_records()
    replays = [again(changed, record, kept) for record, kept in records]
    seen, flips = _transfers(installation, installation.law.current(), changed, today)
    ordered = sorted(flips, key=lambda one: (-one.transfers, one.regime, one.asset, one.to_country, one.since))
    return Rerun(seen, tuple(ordered), len(records), tuple(one for one in replays if one.flipped))


def _transfers(installation: Installation, before: Rulebook, after: Rulebook, today: date) -> tuple[int, list[Flip]]:
    from waybill.register import profiles

    register, said = installation.register(), {id: one.facts for id, one in profiles.every().items()}
    everywhere, days = facts_everywhere(installation), _days_of_change((before, after))
    seen, found = 0, dict[_Key, Flip]()
    by = _Both(before, after, today)
    for asset, row in _moved(installation, register, days):
        move = move_of(row, asset, register)
        if not is_outside(move, asset, register):
            continue
        home, end = home_jurisdiction(move, asset, register), destination(move, asset, register)
        went = {"from_country": home, "to_country": end.jurisdiction}
        facts = everywhere | facts_of(asset, said.get(asset.id, {})) | {name: at for name, at in went.items() if at}
        day = days[row["span"] - 1] if row["span"] else days[0] - _DAY
        seen += row["transfers"]
        for regime, one, other in by.otherwise(facts, day):
            key = regime, one, other, asset.id, end.jurisdiction, day
            found[key] = _flip(found.get(key), key, row)
    return seen, list(found.values())


def _moved(
    installation: Installation, register: RegisterSnapshot, days: list[date]
) -> Iterable[tuple[Asset, Mapping[str, Any]]]:
    """Return what moved of registered assets, by all that an assessment depends on."""
    edges = [datetime.combine(day, time(), UTC) for day in days]
    with installation.lake.snapshot() as snapshot:
        named = snapshot.query("SELECT DISTINCT asset FROM transfers WHERE asset IS NOT NULL")["asset"].to_pylist()
        assets = {name: asset for name in named if (asset := register.asset_of(name))}
        if not assets:
            return []
        parameters = {"assets": sorted(assets), "edges": edges, "actions": sorted(MOVING)}
        rows = snapshot.query(questions.text("uses"), parameters).to_pylist()
    return [(assets[row["asset"]], row) for row in rows]


class _Both:
    """Assesses under both sets of rules, each set of facts once."""

    def __init__(self, before: Rulebook, after: Rulebook, known: date) -> None:
        self._books = before, after
        self._known = known
        self._otherwise = lru_cache(_KEPT)(self._compare)

    def otherwise(self, facts: Mapping[str, Value], day: date) -> list[tuple[str, Says, Says]]:
        """Return the regimes that say something else: then and now."""
        return self._otherwise(tuple(sorted(facts.items())), day)

    def _compare(self, facts: tuple[tuple[str, Value], ...], day: date) -> list[tuple[str, Says, Says]]:
        told = [
            {one.regime: (one.outcome,) if one.outcome else one.possible for one in made.answers}
            for made in (assess(book, dict(facts), day, self._known) for book in self._books)
        ]
        regimes = dict.fromkeys(regime for answers in told for regime in answers)
        pairs = ((regime, told[0].get(regime, ()), told[1].get(regime, ())) for regime in regimes)
        return [(regime, one, other) for regime, one, other in pairs if one != other]


def _flip(known: Flip | None, key: _Key, row: Mapping[str, Any]) -> Flip:
    transfers, last = (known.transfers, known.last) if known else (0, row["last"])
    return Flip(*key, transfers + row["transfers"], max(last, row["last"]))


def _days_of_change(books: Iterable[Rulebook]) -> list[date]:
    """Return the days from which any rule stands otherwise than on the day before."""
    days: set[date] = set()
    for book in books:
        for _, rule in book.rules.values():
            days.add(rule.first)
            for event in rule.events:
                days.update({event.first, *([event.last + _DAY] if event.last else [])})
    return sorted(days)

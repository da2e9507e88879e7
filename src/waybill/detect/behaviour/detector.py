"""The detector: adds up what is new, takes each day once it is over, and tells who stands out."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.behaviour import harvest
from waybill.detect.behaviour.atoms import COLUMNS, DAY, atoms, summed
from waybill.detect.behaviour.conformal import SMALL, rejected
from waybill.detect.behaviour.kinds import Company
from waybill.detect.behaviour.memory import pack, pack_table, unpack, unpack_table
from waybill.detect.behaviour.observer import Observer
from waybill.detect.behaviour.people import Event, events
from waybill.detect.behaviour.scorer import Scored
from waybill.detect.behaviour.telling import NAME, Case, finding
from waybill.model.findings import Finding
from waybill.model.protocols import Result, State, Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Scope

OPEN_DAYS = 2
"""The newest days, to which records may still come; they are judged on what is there, and learnt when they are over."""

DEFAULT_RATE = 0.0005
"""Promised share of benign person-days that are told: one in 2,000."""

TOGETHER = 14
"""Days within which what is told of somebody is one finding."""

CONFIDENT = 0.2
"""Expected share of false ones among what is told with confidence (Benjamini and Hochberg, over ``LOOK_BACK`` days)."""
LOOK_BACK = 30

NEW = 10.0
"""Decayed days of somebody's habits below which nothing is told: there are no habits yet."""

_OBSERVER, _OPEN, _EVENTS, _CASES, _P = "observer", "open/", "events", "cases", "p"
_CALLERS = "callers"


class BehaviourDetector:
    """Tells people and services whose day is unlike their own habits and unlike their peers' day, with the reasons.

    Everybody is scored on every day. ``rate`` (setting ``behaviour_rate``) is promised: of the person-days on which
    nothing is wrong, that share is told, measured against the last six weeks. ``career_places`` are ids of places of
    the register whose visits count as a sign of leaving; by default none do.
    """

    name: ClassVar[str] = NAME
    columns: tuple[str, ...] = COLUMNS
    scope: ClassVar[Scope] = Scope.FOLD
    history: ClassVar[timedelta] = timedelta(0)

    def __init__(self, rate: float = DEFAULT_RATE, career_places: Sequence[str] = ()) -> None:
        self._rate = rate
        self._career_places = tuple(career_places)

    def keys(self, tables: Tables) -> pa.Array:
        """Return nothing: this detector is not partitioned."""
        raise NotImplementedError

    def run(self, tables: Tables, state: State) -> Result:
        """Add the rows up; without rows, take the days that are over and say what stands out."""
        kept = dict(state)
        if tables.transfers.num_rows:
            told = events(tables)
            kept[_EVENTS] = [*kept.get(_EVENTS, []), *(list(event) for event in told)]
            added = atoms(tables, Company(tables.register, self._career_places))
            kept[f"{_OPEN}{sum(key.startswith(_OPEN) for key in kept)}"] = pack_table(added)
            return Result([], kept)
        return self._judge(kept, tables)

    def _judge(self, kept: dict[str, Any], tables: Tables) -> Result:
        pieces = [unpack_table(kept.pop(key)) for key in sorted(kept) if key.startswith(_OPEN)]
        if not pieces:
            return Result([], kept)
        rows = summed(pa.concat_tables(pieces))
        observer = unpack(kept.get(_OBSERVER))
        late = int(pc.sum(pc.less_equal(rows["day"], observer.last)).as_py() or 0) if rows.num_rows else 0
        rows = rows.filter(pc.greater(rows["day"], observer.last))
        if not rows.num_rows:
            return Result([], kept, _remarks(late))
        newest = pc.max(rows["day"]).as_py()
        newest = max(newest, int(tables.now.timestamp() * 1_000_000) // DAY) if tables.now else newest
        over = rows.filter(pc.less_equal(rows["day"], newest - OPEN_DAYS))
        still = rows.filter(pc.greater(rows["day"], newest - OPEN_DAYS))
        told = [Event(*event) for event in kept.get(_EVENTS, [])]
        past = [event for event in told if event.day <= newest - OPEN_DAYS]
        callers = harvest.restored(kept.get(_CALLERS, []))
        found = harvest.judge(callers, over, tables.register)
        ahead_of = harvest.judge(copy.deepcopy(callers), still, tables.register)
        kept[_CALLERS] = harvest.stored(callers)
        cases = _Cases(kept.get(_CASES, {}), kept.get(_P, []), self._rate)
        found += ahead_of + cases.judge(observer, over, past, tables.register)
        kept[_OBSERVER], kept[_CASES], kept[_P] = pack(observer), cases.known, cases.recent
        ahead = _Cases(copy.deepcopy(cases.known), list(cases.recent), self._rate)
        future = [event for event in told if event.day > newest - OPEN_DAYS]
        found += ahead.judge(copy.deepcopy(observer), still, future, tables.register)
        kept[_EVENTS] = [list(event) for event in future]
        kept[f"{_OPEN}0"] = pack_table(still)
        return Result(found, kept, _remarks(late))


class _Cases:
    """What was told of whom, and the p-values of the last weeks."""

    def __init__(self, known: dict[str, list[int]], recent: list[list[Any]], rate: float) -> None:
        self.known, self.recent, self._rate = known, recent, rate

    def judge(
        self, observer: Observer, atoms: pa.Table, told: list[Event], register: RegisterSnapshot
    ) -> list[Finding]:
        """Take days, and return what is to be told of them."""
        found: list[Finding] = []
        for scored in observer.days(atoms, told, register):
            day = scored.day
            self.recent = [*(kept for kept in self.recent if kept[0] > day - LOOK_BACK), _day_of(scored)]
            small = np.array([p for _, _, some in self.recent for p in some])
            limit = rejected(small, sum(count for _, count, _ in self.recent), CONFIDENT)
            names = list(observer.people.entities)
            known_days = observer.scorer.surprise.own.days[scored.entities]
            chosen = np.flatnonzero((scored.p <= self._rate) & (known_days > NEW))
            for row in chosen[np.argsort(scored.p[chosen], kind="stable")].tolist():
                entity = int(scored.entities[row])
                case = self._case(names[entity], entity, day)
                own = atoms.filter(pc.and_(pc.equal(atoms["day"], day), pc.equal(atoms["actor"], case.name)))
                found.append(finding(case, row, scored, own, confident=bool(scored.p[row] <= limit)))
        return found

    def _case(self, name: str, entity: int, day: int) -> Case:
        begin, last = self.known.get(name, [day, day])
        if day - last > TOGETHER:
            begin = day
        self.known[name] = [begin, day]
        return Case(entity, name, begin)


def _day_of(scored: Scored) -> list[Any]:
    return [scored.day, len(scored.p), scored.p[scored.p <= SMALL].tolist()]


def _remarks(late: int) -> tuple[str, ...]:
    if not late:
        return ()
    return (f"behaviour: {late:,} sums of records came more than {OPEN_DAYS} days late and count for no habit",)

"""The detector: adds up what is new, takes each day once it is over, and tells who stands out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.behaviour import harvest, watching
from waybill.detect.behaviour.atoms import COLUMNS, DAY, atoms, summed
from waybill.detect.behaviour.judge import Judge
from waybill.detect.behaviour.kinds import Company
from waybill.detect.behaviour.memory import pack, pack_table, unpack, unpack_table
from waybill.detect.behaviour.people import Event, events
from waybill.detect.behaviour.telling import NAME
from waybill.model.protocols import Result, State, Tables
from waybill.model.words import Scope

OPEN_DAYS = 2
"""The newest days, to which records may still come; they are judged on what is there, and learnt when they are over."""

DEFAULT_RATE = 0.0005
"""Promised share of benign person-days that are told: one in 2,000."""

_OBSERVER, _CALLERS, _OPEN, _EVENTS = "observer", "callers", "open/", "events"
_CASES, _RECENT, _CONFIRMED = "cases", "recent", "confirmed"


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
        """Take the days that are over, and judge those that are not on what is there so far."""
        pieces = [unpack_table(kept.pop(key)) for key in sorted(kept) if key.startswith(_OPEN)]
        observer = unpack(kept.get(_OBSERVER))
        for name, day in kept.pop(_CONFIRMED, []):
            if name in observer.people.entities:
                observer.scorer.heads.confirm(observer.people.entities[name], day)
                kept[_OBSERVER] = pack(observer)
        if not pieces:
            return Result([], kept)
        rows = summed(pa.concat_tables(pieces))
        if not rows.num_rows:
            return Result([], kept)
        late = int(pc.sum(pc.less_equal(rows["day"], observer.last)).as_py())
        rows = rows.filter(pc.greater(rows["day"], observer.last))
        if not rows.num_rows:
            return Result([], kept, _remarks(late))
        newest = pc.max(rows["day"]).as_py()
        newest = max(newest, int(tables.now.timestamp() * 1_000_000) // DAY) if tables.now else newest
        over = pc.less_equal(rows["day"], newest - OPEN_DAYS)
        told = [Event(*event) for event in kept.get(_EVENTS, [])]
        past = [event for event in told if event.day <= newest - OPEN_DAYS]
        kept[_EVENTS] = [list(event) for event in told if event.day > newest - OPEN_DAYS]
        judge = Judge(
            observer,
            harvest.restored(kept.get(_CALLERS)),
            watching.restored(kept.get(_RECENT)),
            dict(kept.get(_CASES, {})),
            self._rate,
        )
        found = judge.take(rows.filter(over), past, tables.register)
        kept[_OBSERVER], kept[_CALLERS] = pack(observer), harvest.stored(judge.callers)
        kept[_CASES] = dict(judge.cases)
        still = rows.filter(pc.invert(over))
        kept[f"{_OPEN}0"] = pack_table(still)
        found += judge.take(still, [event for event in told if event not in past], tables.register)
        kept[_RECENT] = watching.stored(judge.recent)
        return Result(found, kept, _remarks(late))


def confirmed(state: State, subject: str, day: int) -> State:
    """Return the state after an analyst confirmed on a day (since 1970) that what was told of somebody is right.

    The days of that person leave the calibration at the next run.
    """
    return {**state, _CONFIRMED: [*state.get(_CONFIRMED, []), [subject, day]]}


def recent_days(state: State) -> list[watching.Recent]:
    """Return what the detector keeps of the last weeks for people to look at."""
    return watching.restored(state.get(_RECENT))


def _remarks(late: int) -> tuple[str, ...]:
    if not late:
        return ()
    return (f"behaviour: {late:,} sums of records came more than {OPEN_DAYS} days late and count for no habit",)

"""The detector: adds up what is new, takes each day once it is over, and tells who stands out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.behaviour import harvest, watching
from waybill.detect.behaviour.adding import DAY
from waybill.detect.behaviour.atoms import COLUMNS, SCHEMA, atoms, summed
from waybill.detect.behaviour.judge import Judge
from waybill.detect.behaviour.kinds import Company
from waybill.detect.behaviour.looking import DayScore, history
from waybill.detect.behaviour.memory import pack, pack_table, unpack, unpack_table
from waybill.detect.behaviour.people import Event, events
from waybill.detect.behaviour.sequences import Memory
from waybill.detect.behaviour.telling import NAME
from waybill.model.protocols import Result, State, Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Scope

OPEN_DAYS = 2
"""The newest days, to which records may still come; they are judged on what is there, and learnt when they are over."""

DEFAULT_RATE = 0.0005
"""Promised share of benign person-days that are told: one in 2,000."""

_OBSERVER, _CALLERS, _OPEN, _EVENTS = "observer", "callers", "open/", "events"
_CASES, _RECENT, _CONFIRMED = "cases", "recent", "confirmed"
_SEQUENCES = "sequences"
_STILL = f"{_OPEN}still"
"""What was added up of days that were open when they were last judged."""
_ASKED = "asked"
"""The day on which they were, and what was confirmed by then: asked the same again, there is nothing new to say."""


class BehaviourDetector:
    """Tells people and services whose day is unlike their own habits and unlike their peers' day, with the reasons.

    Everybody is scored on every day. ``rate`` (setting ``behaviour_rate``) is promised: of the person-days on which
    nothing is wrong, that share is told, measured against the last six weeks. ``career_places`` are ids of places of
    the register whose visits count as a sign of leaving; by default none do. People of ``priority_roles`` are told more
    readily, others that much less.
    """

    name: ClassVar[str] = NAME
    columns: tuple[str, ...] = COLUMNS
    scope: ClassVar[Scope] = Scope.FOLD
    history: ClassVar[timedelta] = timedelta(0)

    def __init__(
        self, rate: float = DEFAULT_RATE, career_places: Sequence[str] = (), priority_roles: Sequence[str] = ()
    ) -> None:
        self._rate = rate
        self._priority = frozenset(priority_roles)
        self._career_places = tuple(career_places)
        self._company: tuple[RegisterSnapshot, Company] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was asked of a register."""
        return {**self.__dict__, "_company": None}

    def keys(self, tables: Tables) -> pa.Array:
        """Return nothing: this detector is not partitioned."""
        raise NotImplementedError

    def run(self, tables: Tables, state: State) -> Result:
        """Add the rows up; without rows, take the days that are over and say what stands out."""
        kept = dict(state)
        if tables.transfers.num_rows:
            told = events(tables)
            kept[_EVENTS] = [*kept.get(_EVENTS, []), *(list(event) for event in told)]
            if self._company is None or self._company[0] is not tables.register:
                self._company = tables.register, Company(tables.register, self._career_places)
            added = atoms(tables, self._company[1])
            kept[f"{_OPEN}{sum(key.startswith(_OPEN) for key in kept)}"] = pack_table(added)
            return Result([], kept)
        return self._judge(kept, tables)

    def _judge(self, kept: dict[str, Any], tables: Tables) -> Result:
        """Take the days that are over, and judge those that are not on what is there so far."""
        fresh = _open(kept) not in ([], [_STILL])
        today = int(tables.now.timestamp() * 1_000_000) // DAY if tables.now else -1
        asked = [today, kept.get(_CONFIRMED, [])]
        if not fresh and kept.get(_ASKED) == asked:
            return Result([], kept)
        observer = unpack(kept.get(_OBSERVER))
        observer.priority = self._priority
        rows = summed(
            pa.concat_tables([SCHEMA.empty_table(), *(unpack_table(kept.pop(key), SCHEMA) for key in _open(kept))])
        )
        late = int(pc.sum(pc.less_equal(rows["day"], observer.last)).as_py() or 0)
        rows = rows.filter(pc.greater(rows["day"], observer.last))
        newest = max(pc.max(rows["day"]).as_py() or 0, today)
        over = pc.less_equal(rows["day"], newest - OPEN_DAYS)
        told = [Event(*event) for event in kept.get(_EVENTS, [])]
        past = [event for event in told if event.day <= newest - OPEN_DAYS] if rows.num_rows else []
        judge = Judge(
            observer,
            harvest.restored(kept.get(_CALLERS)),
            watching.restored(kept.get(_RECENT)),
            dict(kept.get(_CASES, {})),
            self._rate,
            msgspec.convert(kept.get(_SEQUENCES, {}), Memory),
        )
        found = judge.take(rows.filter(over), past, tables.register)
        for name, day in kept.get(_CONFIRMED, []):
            observer.confirm(name, day)
        kept[_OBSERVER], kept[_CALLERS] = pack(observer), harvest.stored(judge.callers)
        kept[_CASES], kept[_SEQUENCES] = dict(judge.cases), msgspec.to_builtins(judge.memory)
        kept[_EVENTS] = [list(event) for event in told if event not in past]
        still = rows.filter(pc.invert(over))
        kept[_STILL] = pack_table(still)
        found += judge.take(still, [event for event in told if event not in past], tables.register)
        kept[_RECENT] = watching.stored(judge.recent)
        kept[_ASKED] = asked
        return Result(found, kept, _remarks(late))


def _open(kept: dict[str, Any]) -> list[str]:
    """Return the keys under which sums of days that are open are kept."""
    return [key for key in sorted(kept) if key.startswith(_OPEN)]


def confirmed(state: State, days: Iterable[tuple[str, int]]) -> State:
    """Return the state with what analysts confirmed, all of it: whose finding was right, and its last day (since 1970).

    Such days leave the calibration at the next run.
    """
    return {**state, _CONFIRMED: [list(one) for one in days]}


def score_history(state: State, subject: str) -> list[DayScore]:
    """Return the scores of an entity's last weeks, day by day beside its peers'; none where nothing is known of it."""
    return history(state[_OBSERVER], recent_days(state), subject) if _OBSERVER in state else []


def recent_days(state: State) -> list[watching.Recent]:
    """Return what the detector keeps of the last weeks for people to look at."""
    return watching.restored(state.get(_RECENT))


def _remarks(late: int) -> tuple[str, ...]:
    if not late:
        return ()
    return (f"behaviour: {late:,} sums of records came more than {OPEN_DAYS} days late and count for no habit",)

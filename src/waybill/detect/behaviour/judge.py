"""Decides of each day who is told: at the promised rate, once there are habits, days of one person together."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.behaviour import chains, harvest, sequences, watching
from waybill.detect.behaviour.atoms import number_of
from waybill.detect.behaviour.conformal import rejected
from waybill.detect.behaviour.harvest import Callers
from waybill.detect.behaviour.kinds import TAKES_OUT, are_of
from waybill.detect.behaviour.observer import Observer
from waybill.detect.behaviour.people import Event
from waybill.detect.behaviour.scorer import Scored
from waybill.detect.behaviour.sequences import Known, Memory
from waybill.detect.behaviour.telling import finding, watched
from waybill.detect.behaviour.watching import LOOK_BACK, MOST_WATCHED, Recent, Watched
from waybill.model.findings import Finding
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Grade, Severity

TOGETHER = 14
"""Days within which what is told of somebody is one finding."""

CONFIDENT = 0.2
"""Expected share of false ones among what is told with confidence, over the last 30 days (Benjamini, Hochberg)."""

NEW = 10.0
"""Decayed days of somebody's habits below which nothing is told: there are no habits yet."""


@dataclass(slots=True)
class Judge:
    """Takes days, and remembers what was told of whom."""

    observer: Observer
    callers: Callers
    recent: list[Recent]
    cases: dict[str, list[int]]
    """The first and the last day on which somebody was told."""
    rate: float
    memory: Memory = field(default_factory=Memory)
    """What is remembered for sequences."""

    def take(self, atoms: pa.Table, told: list[Event], register: RegisterSnapshot) -> list[Finding]:
        """Take the days of these atoms, and return what is to be told of them."""
        found = harvest.judge(self.callers, atoms, register)
        today = pc.max(atoms["day"]).as_py() or 0
        watch_from = today - LOOK_BACK
        for scored in self.observer.days(atoms, told, register):
            own = atoms.filter(pc.and_(pc.equal(atoms["day"], scored.day), pc.invert(atoms["aside"])))
            found += self._day(scored, own, watch=scored.day > watch_from)
            ended = sequences.judge(self.memory, scored.day, own, self._known(scored.day))
            found += [chains.finding(sequence, scored.day, register) for sequence in ended]
        self.cases = {name: days for name, days in self.cases.items() if days[1] > today - 2 * TOGETHER}
        return found

    def _known(self, day: int) -> Known:
        """Return what habits tell of machines and of what was opened."""
        novelty, names = self.observer.novelty, list(self.observer.people.entities)

        def owner(machine: int) -> tuple[str, int]:
            number, days = novelty.owners.get(machine, (-1, 0))
            return names[number] if number >= 0 else "", days

        return Known(owner, lambda name, area: novelty.opened_since(number_of(name), area, day))

    def _day(self, scored: Scored, atoms: pa.Table, *, watch: bool) -> list[Finding]:
        people = self.observer.people
        names = list(people.entities)
        habits = self.observer.scorer.surprise.own.days[scored.entities] > NEW
        chosen = np.flatnonzero((scored.p <= self.rate) & habits).tolist()
        first = np.argsort(-scored.score, kind="stable")[: MOST_WATCHED * watch].tolist()
        said = {}
        for row in {*chosen, *first}:
            name = names[scored.entities[row]]
            said[row] = watched(name, row, scored, atoms.filter(pc.equal(atoms["actor"], name)), told=row in chosen)
        roles = [people.role_of(names[entity]) for entity in scored.entities.tolist()]
        self.recent = [one for one in watching.kept(self.recent, scored.day) if one.day != scored.day]
        seen = [watching.shortened(said[row]) for row in first]
        self.recent.append(watching.recent(scored, roles, self.rate, seen))
        limit = rejected(watching.small_values(self.recent), sum(one.count for one in self.recent), CONFIDENT)
        grave = _took_grave(atoms)
        return [
            finding(one, self._begin(one), Severity.HIGH if one.p <= limit or one.subject in grave else Severity.MEDIUM)
            for one in (said[row] for row in chosen)
        ]

    def _begin(self, one: Watched) -> int:
        """Return the first day of the days that are told together with this one, and note that it is told."""
        begin, last = self.cases.get(one.subject, [one.day, one.day])
        if one.day - last > TOGETHER:
            begin = one.day
        self.cases[one.subject] = [begin, one.day]
        return begin


def _took_grave(atoms: pa.Table) -> frozenset[str]:
    """Return those who took something out whose grade is important or core."""
    takes = are_of(atoms, TAKES_OUT)
    rows = atoms.filter(pc.and_(takes, pc.greater_equal(atoms["rank"], Grade.IMPORTANT.rank)))
    return frozenset(pc.unique(rows["actor"]).to_pylist())

"""Takes days in order, and says of each what stands out; all that is remembered from day to day is in one object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.behaviour.atoms import number_of
from waybill.detect.behaviour.days import Day, Novelty
from waybill.detect.behaviour.people import Event, People, Stratum
from waybill.detect.behaviour.scorer import Scored, Scorer
from waybill.model.register import RegisterSnapshot


@dataclass(slots=True)
class Observer:
    """Everybody's habits up to a day."""

    people: People = field(default_factory=People)
    novelty: Novelty = field(default_factory=Novelty)
    scorer: Scorer = field(default_factory=Scorer)
    last: int = -1
    """The last day that was taken."""
    priority: frozenset[str] = frozenset()
    """Roles that count more; told anew at each run."""

    def days(self, atoms: pa.Table, events: Iterable[Event], register: RegisterSnapshot) -> Iterator[Scored]:
        """Take all days of these atoms that are later than the last, and yield what is said of each.

        What somebody does with assets in which the public has an interest is left out: it must not point at a source;
        and so is what a permit lets go where it goes.
        """
        told = sorted(events)
        ordered = atoms.filter(pc.invert(atoms["aside"])).sort_by([("time", "ascending"), ("id", "ascending")])
        numbers = ordered["day"].to_numpy()
        for day in np.unique(numbers[numbers > self.last]).tolist():
            begin, end = np.searchsorted(numbers, [day, day + 1]).tolist()
            while told and told[0].day <= day:
                self._hear(told.pop(0))
            yield self._day(day, ordered.slice(begin, end - begin), register)
            self.last = day
        for event in told:
            self._hear(event)

    def confirm(self, name: str, day: int) -> None:
        """Let the days up to this one, of which an analyst said that what was told is right, be no measure."""
        if name in self.people.entities:
            self.scorer.heads.confirm(self.people.entities[name], day)

    def _hear(self, event: Event) -> None:
        if self.people.hear(event) and event.actor in self.people.entities:
            self.scorer.change_post(np.array([self.people.entities[event.actor]]))

    def _day(self, day: int, atoms: pa.Table, register: RegisterSnapshot) -> Scored:
        coded = atoms["actor"].combine_chunks().dictionary_encode()
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.unify_dictionaries().chunk(0)
        names = coded.dictionary.to_pylist()
        index = coded.indices.to_numpy()
        codes = np.array([self.people.number(name) for name in names], np.int64)
        rows = Day.of_atoms(atoms, codes[index], np.array([number_of(name) for name in names], np.uint64)[index])
        by_number = dict(zip(codes.tolist(), names, strict=True))
        present = [by_number[entity] for entity in rows.entities.tolist()]
        groups = np.array([self.people.group(name, register) for name in present], np.int64)
        off = self.novelty.is_day_off(day, sum(self.people.is_person(name, register) for name in present))
        strata = np.array([self.people.stratum(name, day, register, day_off=off) for name in present], np.int64)
        context = np.array(
            [
                self.people.context(name, Stratum(stratum), self.priority)
                for name, stratum in zip(present, strata, strict=True)
            ],
            np.int64,
        )
        figures = self.novelty.figures(day, rows, groups, day_off=off)
        roles = self.people.roles(groups)
        return self.scorer.day(day, rows.entities, groups, strata, figures, roles=roles, context=context)

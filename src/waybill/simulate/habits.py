"""How often somebody does what on a day: log-normal habits that drift, uneven days, deadlines and one-off spikes.

A person's rate for each kind of deed is the peer group's times a log-normal factor that stays and one that drifts (an
autoregression with .97 a day). A day's count is a gamma-Poisson draw (shape 2.5), so that days differ more than chance
alone would have them. Shapes follow published figures on office logs; none of them is fitted to a detector.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from waybill.simulate.people import Person
from waybill.simulate.trades import Role
from waybill.simulate.working_days import is_working_day

Counts = npt.NDArray[np.int64]
Rates = npt.NDArray[np.float64]


class Deed(IntEnum):
    """Kinds of deeds that systems record."""

    SIGN_IN = 0
    MAIL = 1
    OPEN = 2
    SAVE = 3
    SHARE = 4
    WEB = 5
    QUERY = 6
    CODE = 7
    PROGRAM = 8
    PRINT = 9
    STICK = 10


_A_DAY: dict[Role, tuple[float, ...]] = {
    # sign-in, mail, open, save, share, web, query, code, program, print, stick
    Role.LINE: (1.3, 0.6, 1.5, 0.2, 0.0, 1.5, 0.2, 0.0, 1.2, 0.05, 0.0),
    Role.TECHNICIAN: (1.6, 1.6, 3.0, 0.9, 0.02, 3.0, 0.6, 0.1, 2.0, 0.1, 0.02),
    Role.ENGINEER: (1.6, 3.2, 4.5, 1.6, 0.05, 4.5, 1.0, 1.8, 2.2, 0.15, 0.012),
    Role.OFFICE: (1.5, 4.2, 3.4, 1.1, 0.05, 4.5, 1.2, 0.0, 1.0, 0.4, 0.008),
    Role.SALES: (1.6, 5.2, 3.0, 1.0, 0.1, 5.5, 0.6, 0.0, 1.0, 0.3, 0.012),
    Role.MANAGER: (1.6, 5.4, 3.4, 0.9, 0.08, 4.5, 0.4, 0.0, 1.0, 0.3, 0.008),
    Role.ADMINISTRATOR: (3.2, 2.2, 2.4, 0.7, 0.02, 6.5, 2.2, 1.2, 4.5, 0.05, 0.02),
}
"""Deeds of a working day at deeds 1.0, by peer group."""

SHAPE = 2.5
"""Of the gamma factor of a day."""
_MEMORY, _DRIFT = 0.97, 0.06
_WEEKEND = {Role.LINE: 0.3, Role.TECHNICIAN: 0.2, Role.ADMINISTRATOR: 0.12}
"""Share of people at work on a day off; of other roles 4 in 100."""
_ILL = 0.03
_SPIKE = 0.004
"""Share of days on which somebody does one thing several times as often as usual, for no bad reason."""
_MIGRATION_DAYS = 14


class Diary:
    """The days of one organisation: who does what how often, and which units have a deadline."""

    def __init__(
        self, draw: np.random.Generator, people: Sequence[Person], days: Sequence[date], *, busy: float
    ) -> None:
        """Draw everything at once; ``busy`` multiplies all rates."""
        self.migration = days[len(days) * 2 // 3]
        """The day on which the organisation moves to a new service for files."""
        units = sorted({unit.name for person in people for unit in (person.unit, person.moved_to) if unit})
        self._pressure = {unit: _deadlines(draw, len(days)) for unit in units}
        self._days = {day: number for number, day in enumerate(days)}
        self.counts: Counts = self._draw(draw, people, days, busy)
        """By person, day and kind of deed."""

    def has_deadline(self, unit: str, day: date) -> bool:
        """Return whether a unit works late on that day."""
        return bool(self._pressure[unit][self._days[day]] > 1)

    def _draw(self, draw: np.random.Generator, people: Sequence[Person], days: Sequence[date], busy: float) -> Counts:
        rates = busy * self._rates(people, days) * draw.lognormal(0, 0.5, (len(people), 1, len(Deed)))
        rates *= np.exp(_drifting(draw, (len(people), len(days), len(Deed))))
        rates *= _present(draw, people, days)[:, :, None]
        start = self._days[self.migration]
        rates[:, start : start + _MIGRATION_DAYS, Deed.SAVE] *= 2.5
        spikes = draw.random(rates.shape) < _SPIKE / len(Deed)
        rates = np.where(spikes, rates * draw.lognormal(2.2, 0.7, rates.shape), rates)
        rates *= draw.gamma(SHAPE, 1 / SHAPE, rates.shape)
        counts = draw.poisson(rates)
        counts[:, :, Deed.SIGN_IN] = np.maximum(counts[:, :, Deed.SIGN_IN], counts.sum(axis=2) > 0)
        return counts

    def _rates(self, people: Sequence[Person], days: Sequence[date]) -> Rates:
        """Return the usual rates of everyone's unit on each day, raised by its deadlines."""
        return np.array(
            [
                [np.array(_A_DAY[unit.role]) * self._pressure[unit.name][number] for number, unit in enumerate(units)]
                for units in ([person.unit_on(day) for day in days] for person in people)
            ]
        )


def _deadlines(draw: np.random.Generator, days: int) -> Rates:
    """Return by how much each day of a unit is busier than usual: two to six days now and then."""
    pressure = np.ones(days)
    for _ in range(draw.poisson(2.0 * days / 120)):
        start = draw.integers(0, days)
        pressure[start : start + draw.integers(2, 7)] *= draw.uniform(1.6, 3.2)
    return pressure


def _drifting(draw: np.random.Generator, shape: tuple[int, int, int]) -> Rates:
    """Return how far habits have drifted by each day, as logarithms."""
    steps = draw.normal(0, _DRIFT, shape)
    for day in range(1, shape[1]):
        steps[:, day] += _MEMORY * steps[:, day - 1]
    return steps


def _present(draw: np.random.Generator, people: Sequence[Person], days: Sequence[date]) -> Rates:
    """Return 1 where somebody works on a day, less on a day off that is worked, else 0."""
    chances = draw.random((len(people), len(days)))
    present = np.zeros((len(people), len(days)))
    for row, person in enumerate(people):
        for column, day in enumerate(days):
            if not person.is_employed(day) or person.is_on_vacation(day):
                continue
            if is_working_day(day):
                present[row, column] = float(chances[row, column] > _ILL)
            elif chances[row, column] < _WEEKEND.get(person.unit.role, 0.04):
                present[row, column] = 0.5
    return present

"""The people of a company and what becomes of them: roles, teams, shifts, joiners, movers, leavers, vacations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from waybill.simulate.population.roles import HABITS, NAMES, ROLES, TEAMS_PER_ROLE

Numbers = npt.NDArray[np.int64]
Rates = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEVER = 1 << 20
"""A day that does not come."""

_HABIT_SPREAD = 0.5
"""Standard deviation of a person's log-normal factor for each kind of deed."""
_JOINERS, _MOVERS, _LEAVERS = 0.05, 0.05, 0.06
_SHIFTS = ((0, 0.75), (8, 0.15), (14, 0.10))
"""Hours by which a shift of line workers and technicians begins later, and its share."""
_PRESENT = 0.97


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody who works for the company at some time; a row each."""

    role: Numbers
    team: Numbers
    new_role: Numbers
    """The role after a move."""
    moves: Numbers
    """The day of the move, ``NEVER`` for most."""
    joins: Numbers
    notice: Numbers
    leaves: Numbers
    """The first day away."""
    superior: Numbers
    with_media: Flags
    shift: Rates
    begins: Rates
    lasts: Rates
    late: Rates
    habits: Rates
    """A factor for each person and kind of deed."""
    away: Flags
    """By person and day: on vacation."""
    present: Flags
    """By person and day: at work."""
    working: Flags
    """By day: offices are open."""

    def __len__(self) -> int:
        return len(self.role)

    def role_on(self, days: Numbers) -> Numbers:
        """Return everybody's role on each of some days, by day and person."""
        return np.where(self.moves[None, :] <= days[:, None], self.new_role, self.role)

    def team_on(self, days: Numbers) -> Numbers:
        """Return everybody's team on each of some days, by day and person."""
        moved = self.new_role * TEAMS_PER_ROLE + self.team % TEAMS_PER_ROLE
        return np.where(self.moves[None, :] <= days[:, None], moved, self.team)


def hire(draw: np.random.Generator, people: int, days: int) -> Staff:
    """Return the staff of a company of so many people over so many days, of which the first is a Monday."""
    shares = np.array([role.share for role in ROLES])
    role = draw.choice(len(ROLES), people, p=shares / shares.sum())
    team = role * TEAMS_PER_ROLE + draw.integers(0, TEAMS_PER_ROLE, people)
    managers = np.flatnonzero(role == NAMES.index("manager"))
    chance = draw.random((3, people))
    joins = np.where(chance[0] < _JOINERS, draw.integers(10, days - 20, people), 0)
    is_leaver = (chance[1] < _LEAVERS) & (joins == 0)
    leaves = np.where(is_leaver, draw.integers(days // 3, days, people), NEVER)
    notice = np.where(is_leaver, leaves - draw.integers(12, 30, people), NEVER)
    moves = np.where((chance[2] < _MOVERS) & ~is_leaver, draw.integers(30, days - 10, people), NEVER)
    shift = np.zeros(people)
    on_shifts = role < 2  # line workers and technicians
    shift[on_shifts] = draw.choice([hours for hours, _ in _SHIFTS], on_shifts.sum(), p=[share for _, share in _SHIFTS])
    working = _working_days(draw, days)
    away = _vacations(draw, people, days)
    weekend = np.array([ROLES[number].weekend for number in role]) * draw.lognormal(0, 0.8, people)
    present = np.where(working, draw.random((people, days)) < _PRESENT, draw.random((people, days)) < weekend[:, None])
    day = np.arange(days)
    present &= ~away & (day >= joins[:, None]) & (day < leaves[:, None])
    return Staff(
        role=role,
        team=team,
        new_role=np.where(moves < NEVER, draw.choice(len(ROLES), people, p=shares / shares.sum()), role),
        moves=moves,
        joins=joins,
        notice=notice,
        leaves=leaves,
        superior=draw.choice(managers, people) if len(managers) else np.zeros(people, np.int64),
        with_media=draw.random(people) < np.array([ROLES[number].with_media for number in role]),
        shift=shift,
        begins=np.clip(draw.normal(8.3, 0.8, people), 6, 10.5),
        lasts=np.clip(draw.normal(8.8, 0.7, people), 7, 11),
        late=np.array([ROLES[number].late for number in role]) * draw.lognormal(0, 0.8, people),
        habits=draw.lognormal(0, _HABIT_SPREAD, (people, len(HABITS))),
        away=away,
        present=present,
        working=working,
    )


def _working_days(draw: np.random.Generator, days: int) -> Flags:
    """Return on which days offices are open: not on weekends, nor on two holidays a quarter."""
    working = np.arange(days) % 7 < 5
    working[draw.choice(np.flatnonzero(working), max(1, days // 45), replace=False)] = False
    return working


def _vacations(draw: np.random.Generator, people: int, days: int) -> Flags:
    away = np.zeros((people, days), bool)
    day = np.arange(days)
    for _ in range(2):
        begin = draw.integers(0, days, (people, 1))
        away |= (day >= begin) & (day < begin + draw.integers(3, 13, (people, 1)))
    return away

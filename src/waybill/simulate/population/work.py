"""Everyday work: habits that drift, uneven days, deadlines, one move to a new service, and spikes for no bad reason."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from waybill.simulate.population import events as places
from waybill.simulate.population.events import Events
from waybill.simulate.population.roles import HABITS, NAMES, ROLES, TEAMS, Deed
from waybill.simulate.population.staff import Numbers, Rates, Staff

_MEMORY, _DRIFT = 0.97, 0.06
_SHAPE = 2.5
"""Of the gamma factor of a day: days differ more than chance alone would have them."""
_DAY_OFF = 0.45
_SPIKE = 0.004
"""Share of somebody's days on which one thing is done about nine times as often."""
_SPIKY = (Deed.COPY, Deed.MAIL_INSIDE, Deed.MAIL_OUTSIDE, Deed.UPLOAD, Deed.DOWNLOAD, Deed.READ, Deed.DELETE)
_PRESSURE = np.array([0, 0.6, 0.8, 0.5, 0.5, 0.5, 0.8, 0.8, 1, 0.8])
"""By kind of deed: the power to which a deadline's factor applies."""
_MIGRATION_DAYS, _MIGRATION = 14, 2.5
_LATE_AT_DEADLINES = 0.35
_FAVOURITES = 40


class Work:
    """Draws what everybody does on every day."""

    def __init__(self, draw: np.random.Generator, staff: Staff) -> None:
        self._draw, self._staff = draw, staff
        self._days = staff.present.shape[1]
        self._migration = self._days * 2 // 3
        pressure, self._late = _deadlines(draw, self._days)
        days = np.arange(self._days)
        self._role, self._team = staff.role_on(days), staff.team_on(days)
        self._pressure = pressure[self._team, days[:, None]]
        self._on_notice = staff.notice[None, :] <= days[:, None]
        popularity = 1 / np.arange(1, places.SITES + 1) ** 1.05
        self._popular = np.cumsum(popularity / popularity.sum())
        self._favourites = self._site((len(staff), _FAVOURITES))

    def do(self, events: Events) -> None:
        """Add every record of everyday work."""
        counts = self._counts()
        late = self._lateness()
        day, person = np.nonzero(self._staff.present.T)
        hour = self._staff.begins[person] + self._staff.shift[person] + self._draw.normal(0, 0.15, len(person))
        events.add(Deed.SIGN_IN, person, day, hour)
        for number, deed in enumerate(HABITS):
            self._record(events, deed, counts[:, :, number], late)
        career = self._draw.poisson(np.where(self._on_notice, 1.2, 0.02)) * self._staff.present.T
        day, person, hour = self._spread(career, late)
        events.add(Deed.CAREER, person, day, hour, place=self._draw.choice(list(places.CAREER_SITES), len(person)))

    def hours(self, person: Numbers, late: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return hours within the person's working day, a share of them after its end."""
        staff, count = self._staff, len(person)
        begins = staff.begins[person] + staff.shift[person]
        hour = begins + self._draw.beta(1.3, 1.3, count) * staff.lasts[person]
        after = begins + staff.lasts[person] + self._draw.exponential(1.7, count)
        return np.where(self._draw.random(count) < late, after, hour)

    def _counts(self) -> Numbers:
        """Return how often everybody does what, by day, person and kind of deed."""
        staff, draw = self._staff, self._draw
        rates = _rates(self._role, staff) * staff.habits * np.exp(_drifting(draw, (*self._role.shape, len(HABITS))))
        rates *= np.where(staff.working, 1.0, _DAY_OFF)[:, None, None]
        rates *= self._pressure[:, :, None] ** _PRESSURE
        rates[self._migration : self._migration + _MIGRATION_DAYS, :, Deed.UPLOAD] *= _MIGRATION
        rates *= draw.gamma(_SHAPE, 1 / _SHAPE, rates.shape)
        day, person = np.nonzero(draw.random(self._role.shape) < _SPIKE)
        deed = draw.choice(_SPIKY, len(day))
        rates[day, person, deed] = (rates[day, person, deed] + 1) * draw.lognormal(2.2, 0.7, len(day))
        rates[:, :, Deed.MAIL_INSIDE] *= np.where(self._on_notice, 1.5, 1)
        rates[:, :, Deed.MAIL_OUTSIDE] *= np.where(self._on_notice, 1.4, 1)
        takes_own = self._on_notice & (draw.random(self._role.shape) < 0.06)  # leavers copy what is theirs
        rates[:, :, Deed.COPY] += np.where(takes_own, draw.uniform(3, 15, self._role.shape), 0)
        counts = draw.poisson(rates) * staff.present.T[:, :, None]
        counts[:, :, Deed.PLUG_IN] = np.maximum(counts[:, :, Deed.PLUG_IN], counts[:, :, Deed.COPY] > 0)
        return counts

    def _lateness(self) -> Rates:
        """Return which share of each person's deeds on each day is done after the day's end."""
        own, deadline = self._staff.late, self._late[self._team, np.arange(self._days)[:, None]]
        works_late = self._draw.random(self._role.shape) < np.clip(own * 1.2 + deadline, 0, 0.9)
        late: Rates = np.where(works_late, np.maximum(np.clip(own * 0.5 + deadline, 0, 0.6), 0.15), 0.0)
        return late

    def _spread(self, counts: Numbers, late: Rates) -> tuple[Numbers, Numbers, npt.NDArray[np.float64]]:
        """Return day, person and hour of each single deed."""
        day, person = np.nonzero(counts)
        times = counts[day, person]
        day, person = np.repeat(day, times), np.repeat(person, times)
        return day, person, self.hours(person, late[day, person])

    def _record(self, events: Events, deed: Deed, counts: Numbers, late: Rates) -> None:
        draw = self._draw
        day, person, hour = self._spread(counts, late)
        count = len(person)
        if deed is Deed.SIGN_IN:
            events.add(deed, person, day, hour, machine=self._machines(day, person))
        elif deed in (Deed.VISIT, Deed.UPLOAD, Deed.DOWNLOAD):
            size = draw.lognormal(12.5 if deed is Deed.UPLOAD else 11, 1.6, count)
            events.add(deed, person, day, hour, place=self._sites(deed, day, person), size=size.astype(np.int64))
        elif deed is Deed.COPY:
            size = draw.lognormal(12.5, 1.5, count).astype(np.int64)
            events.add(deed, person, day, hour, size=size, controlled=(draw.random(count) < 0.08).astype(np.int64))
        elif deed is Deed.READ:
            own = self._team[day, person] * places.DOCUMENTS + (places.DOCUMENTS * draw.random(count) ** 2).astype(
                np.int64
            )
            stray = draw.random(count) < 0.03
            document = np.where(stray, draw.integers(0, places.ALL_DOCUMENTS, count), own)
            size = draw.lognormal(12, 1.3, count).astype(np.int64)
            events.add(deed, person, day, hour, document=document, size=size, controlled=1)
        elif deed in (Deed.MAIL_INSIDE, Deed.MAIL_OUTSIDE):
            self._mail(events, deed, day, person, hour)
        else:
            events.add(deed, person, day, hour)

    def _machines(self, day: Numbers, person: Numbers) -> Numbers:
        """Return the machines signed in to: mostly one's own, of administrators often others'."""
        count, people = len(person), len(self._staff)
        elsewhere = np.where(self._role[day, person] == NAMES.index("it-administrator"), 0.55, 0.04)
        shared = people + (person * 7 + self._draw.integers(0, 3, count)) % 100
        anyone = self._draw.integers(0, people, count)
        other = np.where(self._draw.random(count) < 0.7, shared, anyone)
        return np.where(self._draw.random(count) < elsewhere, other, person)

    def _sites(self, deed: Deed, day: Numbers, person: Numbers) -> Numbers:
        draw, count = self._draw, len(person)
        favourite = self._favourites[person, (_FAVOURITES * draw.random(count) ** 2.2).astype(np.int64)]
        known = draw.random(count) < (0.9 if deed is Deed.UPLOAD else 0.93)
        site = np.where(known, favourite, self._site((count,)))
        if deed is Deed.UPLOAD:
            site = np.where(draw.random(count) < 0.03, personal_cloud(person), site)
            site = np.where((day >= self._migration) & (draw.random(count) < 0.4), places.MIGRATION_SITE, site)
        return site

    def _mail(self, events: Events, deed: Deed, day: Numbers, person: Numbers, hour: npt.NDArray[np.float64]) -> None:
        draw, count = self._draw, len(person)
        attached = np.where(draw.random(count) < 0.18, draw.lognormal(12.5, 1.3, count), 0)
        size = (draw.lognormal(10, 1.2, count) + attached).astype(np.int64)
        receivers = 1 + draw.poisson(0.8, count)
        if deed is Deed.MAIL_INSIDE:
            to_many = draw.random(count) < 0.004
            receivers = np.where(to_many, draw.integers(20, 90, count), receivers)
            events.add(deed, person, day, hour, size=size, receivers=receivers)
            return
        usual = (person * 13 + (12 * draw.random(count) ** 2).astype(np.int64) * 31) % places.PARTNER_COUNT
        partner = np.where(draw.random(count) < 0.9, usual, draw.integers(0, places.PARTNER_COUNT, count))
        place = np.where(draw.random(count) < 0.02, places.PERSONAL_MAIL + person, places.PARTNERS + partner)
        events.add(deed, person, day, hour, place=place, size=size, receivers=receivers)

    def _site(self, shape: tuple[int, ...]) -> Numbers:
        return np.searchsorted(self._popular, self._draw.random(shape)).clip(0, places.SITES - 1)


def personal_cloud(person: Numbers) -> Numbers:
    """Return the site where somebody keeps private files."""
    return places.PERSONAL_CLOUD + (person * 7_919) % places.PERSONAL_CLOUDS


def _rates(role: Numbers, staff: Staff) -> Rates:
    """Return the usual rates of everybody's role, by day, person and kind of deed."""
    table = np.array([(r.sign_ins - 1, 0, 0, *r[5:12]) for r in ROLES])
    rates: Rates = table[role]
    copies = np.array([one.copies for one in ROLES])[role]
    rates[:, :, Deed.PLUG_IN] = np.where(staff.with_media, 2.2, 0.004)
    rates[:, :, Deed.COPY] = np.where(staff.with_media, copies, 0.01)
    return rates


def _drifting(draw: np.random.Generator, shape: tuple[int, int, int]) -> Rates:
    """Return how far habits have drifted by each day, as logarithms."""
    steps: Rates = draw.normal(0, _DRIFT, shape)
    for day in range(1, shape[0]):
        steps[day] += _MEMORY * steps[day - 1]
    return steps


def _deadlines(draw: np.random.Generator, days: int) -> tuple[Rates, Rates]:
    """Return by team and day how much busier than usual it is, and which share is done late."""
    pressure, late = np.ones((TEAMS, days)), np.zeros((TEAMS, days))
    for team in range(TEAMS):
        for _ in range(draw.poisson(2.0 * days / 120)):
            begin = draw.integers(0, days)
            span = slice(begin, begin + draw.integers(2, 7))
            pressure[team, span] *= draw.uniform(1.6, 3.2)
            late[team, span] = _LATE_AT_DEADLINES
    return pressure, late

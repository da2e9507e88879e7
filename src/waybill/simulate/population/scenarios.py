"""Eight ways in which insiders take data, staged among people about whom nothing else changes.

The first five are those of the CERT insider-threat test data (Glasser and Lindauer, 2013), with the lengths and shares
after hours that its answer files show; the last three are slow, sudden and borrowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from waybill.simulate.population import events as places
from waybill.simulate.population.events import Events, Hours, Numbers
from waybill.simulate.population.roles import NAMES, Deed
from waybill.simulate.population.staff import NEVER, Flags, Staff
from waybill.simulate.population.work import Work, personal_cloud

LEARNING = 0.42
"""Share of the days before the first of these deeds."""


@dataclass(slots=True)
class Stage:
    """Where scenarios are played: who has a part already, and which days of whom are bad."""

    draw: np.random.Generator
    staff: Staff
    work: Work
    events: Events
    truth: set[tuple[int, int, int]] = field(default_factory=set)
    """Person, day, scenario."""
    taken: set[int] = field(default_factory=set)

    @property
    def days(self) -> int:
        """How many days there are."""
        return len(self.staff.working)

    @property
    def first(self) -> int:
        """The first day of bad deeds."""
        return int(self.days * LEARNING)

    def settled(self) -> Flags:
        """Return about whom nothing changes in these days."""
        able: Flags = (self.staff.leaves == NEVER) & (self.staff.moves == NEVER) & (self.staff.joins < 20)
        return able

    def in_role(self, *roles: str) -> Flags:
        """Return who is in one of these roles."""
        among: Flags = np.isin(self.staff.role, [NAMES.index(role) for role in roles])
        return among

    def cast(self, able: Flags, count: int) -> Iterator[int]:
        """Choose people for a part, once each."""
        free = [person for person in np.flatnonzero(able & self.settled()).tolist() if person not in self.taken]
        chosen = self.draw.choice(free, min(count, len(free)), replace=False).tolist() if free else []
        self.taken.update(chosen)
        yield from chosen

    def begin(self, before_end: int) -> int:
        """Return a day to begin at, so many days before the end at the latest."""
        return int(self.draw.integers(self.first, max(self.first + 1, self.days - before_end)))

    def days_at_work(self, person: int, begin: int, length: int) -> list[int]:
        """Return somebody's working days from one day on."""
        days = np.arange(begin, min(begin + length, self.days))
        there: list[int] = days[self.staff.working[days] & ~self.staff.away[person, days]].tolist()
        return there

    def add(self, deed: Deed, person: int, day: int, hour: Hours, **columns: Numbers | int) -> None:
        """Add records of one person on one day."""
        self.events.add(deed, np.full(len(hour), person), day, hour, **columns)

    def in_hours(self, person: int, count: int) -> Hours:
        """Return hours within somebody's working day."""
        return self.work.hours(np.full(count, person), np.zeros(count))

    def sizes(self, count: int, mean: float, spread: float = 1.0) -> Numbers:
        """Return sizes in bytes, log-normal."""
        return self.draw.lognormal(mean, spread, count).astype(np.int64)

    def documents(self, count: int) -> Numbers:
        """Return controlled documents of any team."""
        return self.draw.integers(0, places.ALL_DOCUMENTS, count)

    def mark(self, person: int, day: int, scenario: int) -> None:
        """Say that this day of this person is bad."""
        self.truth.add((person, day, scenario))


def _leaks_at_night(stage: Stage) -> None:
    """1: no removable media and no late work before; then a few nights with a stick and a site for leaks."""
    draw, staff = stage.draw, stage.staff
    for person in stage.cast(~staff.with_media & (staff.late < 0.05) & (staff.shift == 0), 8):
        begin = stage.begin(15)
        for day in draw.choice(np.arange(begin, begin + 12), int(draw.integers(2, 5)), replace=False).tolist():
            night = float(draw.uniform(20, 23.5) if draw.random() < 0.5 else draw.uniform(24.2, 28))
            files, uploads = int(draw.integers(3, 16)), int(draw.integers(1, 4))
            stage.add(Deed.SIGN_IN, person, day, np.array([night]))
            stage.add(Deed.PLUG_IN, person, day, np.array([night + 0.2]))
            hour, controlled = night + draw.uniform(0.2, 1.2, files), (draw.random(files) < 0.5).astype(np.int64)
            stage.add(Deed.COPY, person, day, hour, size=stage.sizes(files, 12.5, 1.5), controlled=controlled)
            hour, size = night + draw.uniform(0.3, 1.3, uploads), stage.sizes(uploads, 14)
            stage.add(Deed.UPLOAD, person, day, hour, place=places.LEAK_SITE, size=size, controlled=1)
            stage.mark(person, day, 1)
            if night >= 24:
                stage.mark(person, day + 1, 1)


def _leaves_for_a_competitor(stage: Stage) -> None:
    """2: eight weeks of career sites and mail to competitors, then much more on a stick in the last weeks."""
    draw = stage.draw
    able = stage.in_role("technician", "sales", "software-engineer", "scientist", "engineer")
    for person in stage.cast(able, 8):
        days = stage.days_at_work(person, stage.begin(58), 56)
        for number, day in enumerate(days):
            visits = int(draw.poisson(2.5))
            if visits:
                place = draw.choice(list(places.CAREER_SITES), visits)
                stage.add(Deed.CAREER, person, day, stage.in_hours(person, visits), place=place)
                stage.mark(person, day, 2)
            if number % 7 == 3:
                hour, competitor = np.array([stage.staff.begins[person] + 4]), draw.choice(list(places.COMPETITORS))
                stage.add(Deed.MAIL_OUTSIDE, person, day, hour, place=int(competitor), size=30_000)
            if number >= len(days) - 14:
                files, plugs = int(draw.poisson(9)), int(draw.poisson(4))
                controlled = (draw.random(files) < 0.4).astype(np.int64)
                size = stage.sizes(files, 12.5, 1.5)
                stage.add(Deed.COPY, person, day, stage.in_hours(person, files), size=size, controlled=controlled)
                stage.add(Deed.PLUG_IN, person, day, stage.in_hours(person, plugs))
                stage.mark(person, day, 2)


def _sabotages_the_superior(stage: Stage) -> None:
    """3: an administrator fetches spyware, puts it on the superior's machine, and mails everybody as the superior."""
    for person in stage.cast(stage.in_role("it-administrator"), 4):
        days = stage.days_at_work(person, stage.begin(10), stage.days)
        if len(days) < 2:
            continue
        first, second = days[:2]
        superior = int(stage.staff.superior[person])
        stage.add(Deed.DOWNLOAD, person, first, np.array([13.0, 13.3, 14.0]), place=places.SPYWARE_SITE, size=200_000)
        stage.add(Deed.PLUG_IN, person, first, np.array([15.0, 16.0]), machine=np.array([person, superior]))
        stage.add(Deed.COPY, person, first, np.array([15.2]), size=250_000)
        stage.add(Deed.SIGN_IN, person, first, np.array([15.9]), machine=superior)
        stage.mark(person, first, 3)
        stage.add(Deed.SIGN_IN, superior, second, np.array([19.5]), machine=person)
        receivers = np.array([400, 350, 300])
        stage.add(Deed.MAIL_INSIDE, superior, second, np.array([19.6, 19.7, 19.8]), size=20_000, receivers=receivers)
        stage.mark(superior, second, 3)


def _mails_home_from_others(stage: Stage) -> None:
    """4: signs in to other people's machines, reads there and mails it home, more and more often."""
    draw = stage.draw
    for person in stage.cast(stage.in_role("technician", "scientist", "engineer", "clerk"), 8):
        days = stage.days_at_work(person, stage.begin(70), 70)
        for day, chance in zip(days, np.linspace(0.08, 0.4, len(days)), strict=True):
            if draw.random() >= chance:
                continue
            reads, mails = int(draw.integers(4, 14)), int(draw.integers(1, 5))
            other, hour = int(draw.integers(0, len(stage.staff))), float(draw.uniform(10, 19))
            stage.add(Deed.SIGN_IN, person, day, np.array([hour]), machine=other)
            _reads(stage, person, day, hour + draw.uniform(0, 1, reads), machine=other)
            place, size = places.PERSONAL_MAIL + person, stage.sizes(mails, 14)
            at = hour + draw.uniform(0, 1, mails)
            stage.add(Deed.MAIL_OUTSIDE, person, day, at, place=place, size=size, controlled=1)
            stage.mark(person, day, 4)


def _uploads_after_layoffs(stage: Stage) -> None:
    """5: uploads to a cloud within two days."""
    draw = stage.draw
    for person in stage.cast(np.ones(len(stage.staff), bool), 5):
        for day in stage.days_at_work(person, stage.begin(8), stage.days)[:2]:
            count = int(draw.integers(4, 20))
            size = stage.sizes(count, 13.5)
            place = places.PERSONAL_CLOUD + 1
            stage.add(Deed.UPLOAD, person, day, draw.uniform(11, 16, count), place=place, size=size, controlled=1)
            stage.mark(person, day, 5)


def _slow_and_low(stage: Stage) -> None:
    """6: a few files a day to a private cloud, for six weeks, in working hours."""
    draw = stage.draw
    for person in stage.cast(stage.in_role("software-engineer", "scientist", "engineer"), 8):
        for day in stage.days_at_work(person, stage.begin(45), 42):
            if draw.random() >= 0.8:
                continue
            uploads, reads = int(draw.integers(1, 5)), int(draw.integers(2, 7))
            hour, size = stage.in_hours(person, uploads), stage.sizes(uploads, 13.5, 0.8)
            place = int(personal_cloud(np.array(person)))
            stage.add(Deed.UPLOAD, person, day, hour, place=place, size=size, controlled=1)
            _reads(stage, person, day, stage.in_hours(person, reads))
            stage.mark(person, day, 6)


def _all_at_once(stage: Stage) -> None:
    """7: collects, uploads and deletes within one day."""
    draw = stage.draw
    for person in stage.cast(stage.in_role("software-engineer", "scientist", "engineer", "finance"), 6):
        day = next(iter(stage.days_at_work(person, stage.begin(6), stage.days)), None)
        if day is None:
            continue
        reads, uploads, deletions = int(draw.integers(80, 300)), int(draw.integers(1, 5)), int(draw.integers(20, 80))
        hour, document = float(draw.uniform(9, 15)), draw.integers(0, places.DOCUMENTS, reads)
        document += int(stage.staff.team[person]) * places.DOCUMENTS
        _reads(stage, person, day, hour + draw.uniform(0, 2, reads), document=document)
        place, size = 3_500 + int(draw.integers(0, 300)), stage.sizes(uploads, 19, 0.7)
        stage.add(Deed.UPLOAD, person, day, hour + 2 + draw.uniform(0, 0.5, uploads), place=place, size=size)
        stage.add(Deed.DELETE, person, day, hour + 2.6 + draw.uniform(0, 0.3, deletions))
        stage.mark(person, day, 7)


def _borrowed_account(stage: Stage) -> None:
    """8: three nights of reading everywhere, from machines that nobody knows."""
    draw, people = stage.draw, len(stage.staff)
    for person in stage.cast(stage.staff.shift == 0, 6):
        begin = stage.begin(6)
        for day in range(begin, begin + 3):
            machine, hour = people + 100 + int(draw.integers(0, 40)), float(draw.uniform(1, 4))
            reads = int(draw.integers(8, 40))
            stage.add(Deed.SIGN_IN, person, day, np.array([hour]), machine=machine)
            _reads(stage, person, day, hour + draw.uniform(0, 1.5, reads), machine=machine)
            stage.mark(person, day, 8)


def _reads(
    stage: Stage, person: int, day: int, hour: Hours, *, document: Numbers | None = None, machine: int | None = None
) -> None:
    count = len(hour)
    document = stage.documents(count) if document is None else document
    size = stage.sizes(count, 12, 1.3)
    machine = person if machine is None else machine
    stage.add(Deed.READ, person, day, hour, document=document, size=size, controlled=1, machine=machine)


SCENARIOS: tuple[Callable[[Stage], None], ...] = (
    _leaks_at_night,
    _leaves_for_a_competitor,
    _sabotages_the_superior,
    _mails_home_from_others,
    _uploads_after_layoffs,
    _slow_and_low,
    _all_at_once,
    _borrowed_account,
)
"""In the order of their numbers, from 1."""

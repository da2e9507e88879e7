"""The organisations and their people: who works where, on which shift, and who joins, moves, or leaves when."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from waybill.simulate.names import Names
from waybill.simulate.trades import PLANS, Role, Trade, UnitPlan
from waybill.simulate.truth import Size

SHIFTS = (0, 8, 14)
"""Hours at which the shifts of line workers and technicians begin."""

_MORE_PEOPLE = {Size.SMALL: 1.0, Size.YEAR: 4.5}
_JOINERS, _MOVERS, _LEAVERS, _CONTRACTORS = 0.05, 0.05, 0.06, 0.06
"""Shares of the people, for one world."""
_AT_ONE_MACHINE = 3
"""Line workers that share a machine."""
NOTICE = timedelta(days=30)
"""From notice given to the last day (Labour Contract Law of China, article 37)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works for one of the organisations."""

    account: str
    trade: Trade
    unit: UnitPlan
    number: str
    """The number that the personnel system knows the person by."""
    login: str
    """What the person is called where code is kept."""
    host: str
    address: str
    begins: float
    """Hour at which the day begins."""
    lasts: float
    """Hours of a day's work."""
    joined: date | None = None
    """None: was there from the first day."""
    moved: date | None = None
    moved_to: UnitPlan | None = None
    leaves: date | None = None
    """The last day."""
    contractor: bool = False
    away: tuple[tuple[date, date], ...] = ()
    """First and last days of vacations."""

    @property
    def notice(self) -> date | None:
        """The day on which notice was given."""
        return self.leaves - NOTICE if self.leaves else None

    def unit_on(self, day: date) -> UnitPlan:
        """Return the unit that the person works in."""
        return self.moved_to if self.moved and self.moved_to and day >= self.moved else self.unit

    def is_employed(self, day: date) -> bool:
        """Return whether the person works for the organisation on that day."""
        return (self.joined is None or self.joined <= day) and (self.leaves is None or day <= self.leaves)

    def is_on_vacation(self, day: date) -> bool:
        """Return whether the person is on vacation."""
        return any(first <= day <= last for first, last in self.away)

    @property
    def is_settled(self) -> bool:
        """Whether nothing about the person's employment changes in this world."""
        return not (self.joined or self.moved or self.leaves or self.contractor)


@dataclass(slots=True)
class Organisation:
    """One of the seven; it is known by its trade only."""

    trade: Trade
    domain: str
    network: str
    """The first two parts of its private addresses."""
    people: list[Person] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The word that begins its domain."""
        return self.domain.partition(".")[0]

    @property
    def windows_domain(self) -> str:
        """The name of its Windows domain."""
        return self.label.upper()

    def mail(self, person: Person) -> str:
        """Return somebody's mail address."""
        return f"{person.account}@{self.domain}"

    def unit(self, role: Role) -> list[Person]:
        """Return the people who are in a role all the time."""
        return [person for person in self.people if person.unit.role is role and person.is_settled]

    def give_career(self, person: Person, career: Person) -> None:
        """Let something else become of somebody."""
        self.people[self.people.index(person)] = career

    def in_unit(self, name: str) -> list[Person]:
        """Return the people who are in one unit all the time."""
        return [person for person in self.people if person.unit.name == name and person.is_settled]


def found(random: Random, names: Names, first: date, last: date, size: Size) -> dict[Trade, Organisation]:
    """Return the organisations with all who work for them at some time of the world."""
    networks = random.sample(range(16, 250), len(Trade))
    organisations = {}
    for trade, network in zip(Trade, networks, strict=True):
        organisation = Organisation(trade, f"{names.label()}.example", f"10.{network}")
        prefix = names.label()[: random.choice((3, 4, 5))].upper()
        staff = _staff(trade, round(PLANS[trade].people * _MORE_PEOPLE[size]))
        for number, unit in enumerate(staff):
            account = names.account()
            begins, lasts = _hours(random, unit.role)
            person = Person(
                account=account,
                trade=trade,
                unit=unit,
                number=f"E{names.digits(6)}",
                login=f"{account.replace('.', '-')}{random.randrange(10, 100)}",
                host=f"{prefix}{random.choice(('-WS-', '-PC', '-NB', '-'))}{names.digits(5)}",
                address=f"{organisation.network}.{1 + number // 200}.{10 + number % 200}",
                begins=begins,
                lasts=lasts,
            )
            if number >= len(PLANS[trade].units):  # one of each unit is there all the time
                person = _with_career(random, person, first, last)
            organisation.people.append(person)
        _share_machines(organisation.people)
        organisations[trade] = organisation
    return organisations


def _share_machines(people: list[Person]) -> None:
    """Let line workers of a unit use one machine between three of them."""
    last: dict[str, list[Person]] = {}
    for number, person in enumerate(people):
        if person.unit.role is Role.LINE:
            group = last.setdefault(person.unit.name, [])
            people[number] = replace(person, host=group[0].host, address=group[0].address) if group else person
            group.append(person)
            if len(group) == _AT_ONE_MACHINE:
                group.clear()


def _staff(trade: Trade, count: int) -> list[UnitPlan]:
    """Return a unit for each of ``count`` people; every unit has at least one and keeps its share of the rest."""
    units = PLANS[trade].units
    staff = list(units)
    while len(staff) < count:
        staff.append(min(units, key=lambda unit: staff.count(unit) / unit.weight))
    return staff


def _hours(random: Random, role: Role) -> tuple[float, float]:
    """Return when somebody's day begins and how long it lasts."""
    if role in (Role.LINE, Role.TECHNICIAN):
        return random.choices(SHIFTS, weights=(10, 75, 15))[0] + random.random() / 3, 8.0
    return min(max(random.gauss(8.3, 0.6), 6.5), 10.5), min(max(random.gauss(8.8, 0.6), 7.5), 11.0)


def _with_career(random: Random, person: Person, first: date, last: date) -> Person:
    """Let somebody join, move or leave, or none of it, and go on vacation."""
    span = (last - first).days
    day, chance = first + timedelta(days=random.randrange(span // 4, span - 10)), random.random()
    away = [first + timedelta(days=random.randrange(span)) for _ in range(1 + span // 150)]
    person = replace(
        person,
        contractor=random.random() < _CONTRACTORS,
        away=tuple((start, start + timedelta(days=random.randrange(3, 12))) for start in away),
    )
    if chance < _JOINERS:
        return replace(person, joined=day)
    if chance < _JOINERS + _MOVERS:
        return replace(person, moved=day, moved_to=random.choice(PLANS[person.trade].units))
    if chance < _JOINERS + _MOVERS + _LEAVERS:
        return replace(person, leaves=day)
    return person

"""Where a chain runs: mines, plants, works, hubs and customers, with their coordinates and who owns them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from waybill.model.register import Party, Place
from waybill.model.words import PartyKind
from waybill.simulate.chain import identifiers
from waybill.simulate.names import Names


class Task(StrEnum):
    """What a site does."""

    MINE = "mine"
    PLANT = "plant"
    SMELTER = "smelter"
    MAGNETS = "magnets"
    MOTORS = "motors"
    HUB = "hub"
    CUSTOMER = "customer"
    FAB = "fab"
    BOARDS = "boards"
    SERVERS = "servers"
    HALL = "hall"


@dataclass(frozen=True, slots=True)
class Site:
    """One site; its register id is its name."""

    name: str
    task: Task
    country: str
    """ISO 3166-1 alpha-2."""
    number: str
    """Its location number."""
    latitude: float
    longitude: float

    @classmethod
    def at(cls, name: str, task: Task, country: str, number: int, where: tuple[float, float]) -> Site:
        """Return a site with a location number made of ``number``."""
        return cls(name, task, country, identifiers.gln(number), *where)

    @property
    def patterns(self) -> tuple[str, ...]:
        """How events name it and who runs it."""
        return self.id, f"{self.id}/*", self.party

    @property
    def id(self) -> str:
        """The place as events name it."""
        return identifiers.location(self.number)

    @property
    def gate(self) -> str:
        """Where goods leave and arrive."""
        return identifiers.location(self.number, "gate")

    @property
    def party(self) -> str:
        """The party that runs it, as events name it."""
        return identifiers.party(self.number)

    @property
    def place(self) -> Place:
        """The site in the register."""
        return Place(id=self.name, jurisdiction=self.country, patterns=self.patterns)

    @property
    def organisation(self) -> Party:
        """Who runs it, in the register."""
        return Party(id=self.party, kind=PartyKind.ORGANISATION, jurisdiction=self.country, org=self.name)


_PLAN: tuple[tuple[Task, str, float, float], ...] = (
    (Task.MINE, "CN", 25.8, 114.9),
    (Task.MINE, "CN", 41.8, 109.9),
    (Task.MINE, "MM", 25.9, 98.1),
    (Task.PLANT, "CN", 24.9, 115.0),
    (Task.SMELTER, "CN", 28.7, 115.9),
    (Task.MAGNETS, "CN", 29.9, 121.6),
    (Task.MOTORS, "CN", 31.2, 121.5),
    (Task.HUB, "SG", 1.3, 103.8),
    (Task.CUSTOMER, "DE", 48.8, 9.2),
    (Task.CUSTOMER, "JP", 35.2, 136.9),
    (Task.CUSTOMER, "VN", 10.8, 106.7),
    (Task.CUSTOMER, "US", 33.4, -112.0),
    (Task.FAB, "CN", 31.3, 120.6),
    (Task.BOARDS, "CN", 22.6, 114.1),
    (Task.SERVERS, "CN", 34.3, 108.9),
    (Task.HALL, "CN", 26.6, 106.7),
    (Task.HALL, "MY", 1.5, 103.7),
)
"""What there is, in which country, and roughly where."""


def sites(random: Random, names: Names) -> tuple[Site, ...]:
    """Return the sites of a chain, with names, numbers and positions of their own."""
    taken = random.sample(range(10_000_000, 99_999_999), len(_PLAN))
    return tuple(
        Site(
            f"{task}-{names.label()}",
            task,
            country,
            identifiers.gln(number),
            round(latitude + random.uniform(-0.5, 0.5), 4),
            round(longitude + random.uniform(-0.5, 0.5), 4),
        )
        for number, (task, country, latitude, longitude) in zip(taken, _PLAN, strict=True)
    )

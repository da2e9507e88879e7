"""An organisation at work: the files, sites, tables and correspondents of its people, and the journal of its systems.

Everybody has favourites, drawn from what the unit works on, and comes back to the first of them most of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from waybill.simulate.journal import Journal, Tag
from waybill.simulate.names import Names, outside_address
from waybill.simulate.people import Organisation, Person
from waybill.simulate.sources import transfers
from waybill.simulate.sources.log import Layout
from waybill.simulate.trades import PLANS, Trade, TradePlan, UnitPlan

_FILES = 300
"""In the library of a unit."""
_FAVOURITES = 40
_CONTROLLED = 0.12
"""Share of a unit's files that lie in the folder that the register knows."""
_MOVED = 0.4
"""Share of the web that is the new service, once the organisation has moved there."""
_STRAYS = 0.03
"""Share of files opened that are another unit's."""

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Desk:
    """What one person works with, the favourites first."""

    files: tuple[str, ...]
    sites: tuple[str, ...]
    tables: tuple[str, ...]
    repositories: tuple[str, ...]
    colleagues: tuple[str, ...]
    """Their mail addresses."""
    outsiders: tuple[str, ...]


class Office:
    """One organisation, as the systems that record it see it."""

    def __init__(
        self, organisation: Organisation, journal: Journal, random: Random, names: Names, partners: Sequence[str]
    ) -> None:
        """Furnish the office; ``partners`` are domains it writes to, the most frequent first."""
        self.organisation = organisation
        self.journal = journal
        self.random = random
        self.names = names
        self.partners = tuple(partners)
        self.sites = tuple(f"{names.of(_SERVERS)}.{names.label()}.example" for _ in range(160))
        """Hosts on the web that people here go to."""
        self.new_service = f"files.{names.label()}.example"
        """Where the organisation moves its files to in the course of the world."""
        self.shared_host = f"{names.label()[:4].upper()}-FS{random.randrange(1, 9)}"
        """The file server, which everybody signs in to."""
        self.printer = f"{names.label()[:4].upper()}-PRN{random.randrange(1, 30)}"
        self.database = names.label()
        self.vital = f"{names.of(_VITAL[organisation.trade])}_{names.token(4)}"
        """The table that matters most, which is nobody's everyday work."""
        self.bucket = f"{names.label()}-work"
        self.moved = False
        """Whether it has moved there."""
        self._controlled = {unit.name: f"{names.of(_CONTROLLED_FOLDERS)}-{names.token(4)}" for unit in self.plan.units}
        self._libraries: dict[str, tuple[str, ...]] = {}
        self._sticks: dict[str, str] = {}
        self._desks: dict[tuple[str, str], Desk] = {}

    @property
    def plan(self) -> TradePlan:
        """What organisations of its trade are made of."""
        return PLANS[self.organisation.trade]

    @property
    def site_id(self) -> str:
        """Id of its place in the register."""
        return f"{self.organisation.trade}-site"

    @property
    def own_places(self) -> tuple[str, ...]:
        """How logs name its places, beside the machines of its people."""
        label = self.organisation.label
        return (
            f".{self.organisation.domain}",
            f"{self.organisation.network}.0.0/16",
            self.shared_host,
            self.printer,
            rf"\\{self.shared_host}*",
            f"https://{label}.sharepoint.example/*",
            f"s3://{self.bucket}",
        )

    def names_of_folder(self, folder: str) -> tuple[str, ...]:
        """Return how logs name a folder of its libraries."""
        label, windows = self.organisation.label, folder.replace("/", "\\")
        site = f"https://{label}.sharepoint.example/sites/work"
        return (
            f"{folder}/*",
            f"D:\\{windows}\\*",
            f"{site}/{folder}/*",
            f"/projects/{folder}/*",
            f"s3://{self.bucket}/{folder}/*",
        )

    @property
    def names_of_vital(self) -> tuple[str, ...]:
        """Return how logs name the table that matters most."""
        table = f"public.{self.vital}"
        return self.vital, table, f"{self.database}.{table}"

    def write(self, layout: Layout, moment: datetime, record: bytes, tag: Tag | None = None) -> None:
        """Let one of its sources write a record."""
        self.journal.add(self.organisation.label, layout, moment, record, tag)

    def moment(self, person: Person, day: date, *, late: float) -> datetime:
        """Return a moment of somebody's working day, or with the chance ``late`` of the evening after it."""
        hour = person.begins + person.lasts * self.random.betavariate(1.3, 1.3)
        if self.random.random() < late:
            hour = person.begins + person.lasts + self.random.expovariate(1 / 1.7)
        return at(day, hour)

    def favourite(self, things: Sequence[Thing]) -> Thing:
        """Return one of these things, the first ones most often."""
        return things[int(len(things) * self.random.random() ** 2.2)]

    def size(self, typical: float = 90_000) -> int:
        """Return a size in bytes."""
        return int(typical * self.random.lognormvariate(0, 1.3))

    def site(self, desk: Desk) -> str:
        """Return a host on the web; once it has moved, often that of the new service for files."""
        return self.new_service if self.moved and self.random.random() < _MOVED else self.favourite(desk.sites)

    def stick(self, person: Person) -> str:
        """Return the serial number of the stick that somebody has."""
        return self._sticks.setdefault(person.account, self.names.token(16).upper())

    def open_file(self, unit: UnitPlan) -> str:
        """Return a file of a unit that nobody controls."""
        while (file := self.favourite(self.library(unit))).startswith(self.controlled(unit)):
            pass
        return file

    def controlled_file(self, unit: UnitPlan) -> str:
        """Return a file of a unit that needs a permit to leave."""
        return next(file for file in self.library(unit) if file.startswith(self.controlled(unit)))

    def mail(
        self,
        moment: datetime,
        sender: str,
        receiver: str,
        thing: str,
        *,
        size: int,
        attached: int,
        tag: Tag | None = None,
    ) -> None:
        """Let the mail gateway write that a message passed, in Waybill's own format."""
        columns = {
            "action": "send",
            "channel": "email",
            "outcome": "success",
            "actor": sender,
            "actor_kind": "person",
            "actor_org": self.organisation.domain,
            "application": "mail-gateway",
            "asset": thing,
            "asset_kind": "document",
            "from_place": self.organisation.domain,
            "to_party": receiver,
            "to_place": receiver.partition("@")[2],
            "bytes": size,
            "records": attached,
        }
        self.write(transfers.LAYOUT, moment, transfers.transfer(moment, **columns), tag)

    def file(self, person: Person, unit: UnitPlan) -> str:
        """Return a file that somebody of this unit uses; now and then one of another unit."""
        if self.random.random() < _STRAYS:
            unit = self.random.choice(self.plan.units)
        return self.favourite(self.desk(person, unit).files)

    def desk(self, person: Person, unit: UnitPlan) -> Desk:
        """Return what somebody works with in a unit."""
        key = person.account, unit.name
        if key not in self._desks:
            self._desks[key] = self._furnish(person, unit)
        return self._desks[key]

    def _furnish(self, person: Person, unit: UnitPlan) -> Desk:
        others = [self.organisation.mail(other) for other in self.organisation.people if other is not person]
        outsiders = [f"{self.names.account()}@{self.favourite(self.partners)}" for _ in range(8)]
        return Desk(
            files=self._some(self.library(unit), _FAVOURITES),
            sites=self._some(self.sites, _FAVOURITES),
            tables=self._some(self.plan.tables, 3),
            repositories=self._some(self.plan.repositories, 3),
            colleagues=self._some(others, 12),
            outsiders=tuple(outsiders),
        )

    def _some(self, things: Sequence[Thing], count: int) -> tuple[Thing, ...]:
        return tuple(self.random.sample(things, min(count, len(things))))

    def library(self, unit: UnitPlan) -> tuple[str, ...]:
        """Return the files of a unit as paths; some of them lie in its controlled folder."""
        if unit.name not in self._libraries:
            self._libraries[unit.name] = tuple(self._file(unit) for _ in range(_FILES))
        return self._libraries[unit.name]

    def _file(self, unit: UnitPlan) -> str:
        general = f"{unit.name}/{self.names.of(_FOLDERS)}"
        folder = self.controlled(unit) if self.random.random() < _CONTROLLED else general
        return f"{folder}/{self.names.of(self.plan.topics)}-{self.names.token(6)}{self.names.of(self.plan.endings)}"

    def controlled(self, unit: UnitPlan) -> str:
        """Return the folder of a unit that the register knows as an asset."""
        return f"{unit.name}/{self._controlled[unit.name]}"

    @property
    def outside_address(self) -> str:
        """Return any address on the Internet."""
        return outside_address(self.random)


_VITAL = {
    Trade.MAGNETS: ("formulas", "grades"),
    Trade.CHIPS: ("process", "masks"),
    Trade.SHOP: ("customers", "members", "buyers", "accounts"),
    Trade.CLINIC: ("patients", "subjects"),
    Trade.DRONES: ("geometries",),
    Trade.COAL: ("casualties",),
    Trade.TOWN: ("budgets", "tenders", "price_limits"),
}
_FOLDERS = ("2025", "archive", "drafts", "公共", "项目", "归档")
_CONTROLLED_FOLDERS = ("受控", "内控", "controlled", "keep", "vault", "专档")
_SERVERS = ("www", "news", "shop", "docs", "cdn", "api", "img")


def at(day: date, hour: float) -> datetime:
    """Return the moment ``hour`` hours after midnight in China, but not after the day's end."""
    seconds = min(max(hour, 0.0), 23.999) * 3600
    return datetime.combine(day, time(), UTC) + timedelta(microseconds=round((seconds - 8 * 3600) * 1_000_000))

"""Who appears in the sample day: four invented organisations known by their role, their people, machines and places.

Names are put together from small pools, so that every seed gives others, and none is a real person's by intent. All
domains end in ``example`` and all addresses come from documentation or private blocks (RFC 2606, RFC 5737, RFC 1918).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

SURNAMES = ("lin", "zhou", "qian", "sun", "wu", "zheng", "feng", "chu", "wei", "jiang", "shen", "han", "yang", "zhu")
INITIALS = "abcdefghjkmnpqrstwxyz"
NIGHT = 0.12
"""Share of records outside working hours."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """One of the organisations; ``role`` is what it is called."""

    role: str
    domain: str
    network: str
    """First two parts of its private addresses."""
    people: tuple[str, ...]
    hosts: tuple[str, ...]


class Cast:
    """Draws everything that is left to chance; the same seed draws the same."""

    def __init__(self, seed: int, day: date, name: str) -> None:
        self.random = Random(f"{seed}/{name}")
        self.day = day
        # The organisations must be the same for all feeds of a seed, and nobody works for two of them.
        founding = Random(f"{seed}/organisations")
        names = [f"{surname}.{initial}" for surname in SURNAMES for initial in INITIALS]
        founding.shuffle(names)
        self.magnet_maker = _found(founding, "magnet maker", "magnets.example", "10.10", names[:40])
        self.chip_house = _found(founding, "chip design house", "chips.example", "10.20", names[40:80])
        self.shop = _found(founding, "shop platform", "shop.example", "10.30", names[80:140])
        self.clinic = _found(founding, "clinic", "clinic.example", "10.40", names[140:170])

    @property
    def organisations(self) -> tuple[Organisation, ...]:
        """All four."""
        return self.magnet_maker, self.chip_house, self.shop, self.clinic

    def moment(self) -> datetime:
        """Return a time of the day: mostly the working hours of China (01:00 to 10:00 UTC)."""
        start, hours = (0.0, 24.0) if self.random.random() < NIGHT else (1.0, 9.0)
        return self.at(start + hours * self.random.random())

    def at(self, hour: float) -> datetime:
        """Return the moment ``hour`` hours after midnight UTC, to the microsecond."""
        return datetime.combine(self.day, time(), UTC) + timedelta(microseconds=round(hour * 3_600_000_000))

    def organisation(self) -> Organisation:
        """Return any of the organisations."""
        return self.random.choice(self.organisations)

    def person(self, organisation: Organisation) -> str:
        """Return the account name of somebody who works there."""
        return self.random.choice(organisation.people)

    def host(self, organisation: Organisation) -> str:
        """Return the name of one of its machines."""
        return self.random.choice(organisation.hosts)

    def address(self, organisation: Organisation) -> str:
        """Return one of its private addresses."""
        return f"{organisation.network}.{self.random.randrange(0, 8)}.{self.random.randrange(2, 250)}"

    def digits(self, count: int) -> str:
        """Return a string of digits that does not begin with 0."""
        return str(self.random.randrange(10 ** (count - 1), 10**count))

    def token(self, count: int = 12) -> str:
        """Return a string of lower-case hexadecimal digits."""
        return f"{self.random.getrandbits(4 * count):0{count}x}"

    def uuid(self) -> str:
        """Return a version 4 UUID (RFC 9562)."""
        token = self.token(32)
        return f"{token[:8]}-{token[8:12]}-4{token[13:16]}-a{token[17:20]}-{token[20:]}"


def _found(random: Random, role: str, domain: str, network: str, people: Sequence[str]) -> Organisation:
    prefix = domain[:2].upper()
    hosts = [f"{prefix}-WS-{number:04d}" for number in random.sample(range(100, 9999), len(people))]
    return Organisation(role, domain, network, tuple(people), tuple(hosts))

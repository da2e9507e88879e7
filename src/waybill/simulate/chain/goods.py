"""What flows through a chain: trade items with their materials and headings, lots, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from waybill.simulate.chain import identifiers
from waybill.simulate.names import Names

ORE, CONCENTRATE, POWDER, MOTOR, WAFER, DIE, BOARD, SERVER = (
    "ore",
    "concentrate",
    "polishing powder",
    "motor",
    "wafer",
    "die",
    "board",
    "server",
)
MAGNET = "Nd2Fe14B"
IRON = "Fe14B"
"""Iron with the boron that magnets need."""


@dataclass(frozen=True, slots=True)
class Good:
    """A kind of goods: heading of the Harmonized System, and the usual price of a kilogram or piece in US dollars."""

    material: str
    heading: str
    price: float


GOODS: Mapping[str, Good] = {
    good.material: good
    for good in (
        Good(ORE, "253090", 0.4),
        Good(CONCENTRATE, "253090", 6),
        Good("La2O3", "284690", 0.7),
        Good("CeO2", "284610", 1.4),
        Good("Pr6O11", "284690", 62),
        Good("Nd2O3", "284690", 64),
        Good("Dy2O3", "284690", 240),
        Good("Tb4O7", "284690", 860),
        Good("Nd", "280530", 80),
        Good(IRON, "720299", 0.9),
        Good(POWDER, "382499", 2.2),
        Good(MAGNET, "850511", 55),
        Good(MOTOR, "850131", 40),
        Good(WAFER, "381800", 300),
        Good(DIE, "854231", 90),
        Good(BOARD, "847330", 900),
        Good(SERVER, "847150", 9_000),
    )
}
"""By material: a formula where it is one substance. Prices are made up, near those of the market."""

OXIDES = ("La2O3", "CeO2", "Pr6O11", "Nd2O3", "Dy2O3", "Tb4O7")
"""What the plant separates."""

LANTHANIDE_OXIDES = (
    "La2O3", "CeO2", "Pr6O11", "Nd2O3", "Sm2O3", "Eu2O3", "Gd2O3", "Tb4O7", "Dy2O3", "Ho2O3", "Er2O3", "Tm2O3",
    "Yb2O3", "Lu2O3",
)  # fmt: skip
_LIGHT = (0.27, 0.49, 0.05, 0.155, 0.012, 0.002, 0.006, 0.0009, 0.003, 0.0004, 0.001, 0.0002, 0.0006, 0.0001)
_HEAVY = (0.22, 0.03, 0.06, 0.24, 0.05, 0.006, 0.06, 0.011, 0.066, 0.013, 0.037, 0.005, 0.03, 0.004)


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of a lot, or one serialised thing where there is no ``quantity``."""

    item: str
    quantity: float | None = None
    unit: str = "KGM"


@dataclass(slots=True)
class Lot:
    """One lot; ``shares`` are mass fractions of what it holds, ``papers`` what its papers say."""

    item: str
    material: str
    kilograms: float
    origin: str
    shares: Mapping[str, float]
    papers: dict[str, Any] = field(default_factory=dict)
    assayed: str = ""
    """The event in which it was assayed last."""

    @property
    def all(self) -> Amount:
        """The whole lot."""
        return Amount(self.item, self.kilograms)


@dataclass(slots=True)
class Catalogue:
    """The trade items of a chain; every kind of goods has one."""

    random: Random
    names: Names
    items: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = self.random.sample(range(10_000_000, 99_999_999), len(GOODS))
        self.items = dict(zip(GOODS, map(identifiers.gtin, numbers), strict=True))

    def lot(self, material: str) -> str:
        """Return a new lot of a material."""
        return identifiers.lot(self.items[material], self.names.token(8).upper())

    def serial(self, material: str) -> str:
        """Return a new thing of a kind."""
        return identifiers.serial(self.items[material], self.names.digits(10))

    def pallet(self) -> str:
        """Return a new pallet."""
        return identifiers.pallet(int(self.names.digits(12)))

    def master_data(self) -> dict[str, Any]:
        """Return what the catalogue says of every trade item, as a vocabulary of an EPCIS document."""
        return {
            "type": "urn:epcglobal:epcis:vtype:EPCClass",
            "vocabularyElementList": [
                {
                    "id": f"https://id.gs1.org/01/{item}",
                    "attributes": [{"id": "https://waybill.invalid/vocabulary/material", "attribute": material}],
                }
                for material, item in self.items.items()
            ],
        }


def patterns(random: Random, count: int) -> list[dict[str, float]]:
    """Return as many rare-earth patterns: the share of each oxide in all, between light and heavy deposits."""
    found = []
    for number in range(count):
        heaviness = (0.9, 0.05, 0.6)[number % 3]
        mixed = [
            (light * (1 - heaviness) + heavy * heaviness) * random.lognormvariate(0, 0.15)
            for light, heavy in zip(_LIGHT, _HEAVY, strict=True)
        ]
        total = sum(mixed)
        found.append(dict(zip(LANTHANIDE_OXIDES, (share / total for share in mixed), strict=True)))
    return found

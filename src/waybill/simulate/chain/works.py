"""What sites of a chain do, in the order of custody: dig, concentrate, separate, reduce, make, pack, ship, receive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from random import Random
from typing import Any

from waybill.model.chemistry import composition
from waybill.simulate.chain.goods import CONCENTRATE, GOODS, IRON, MAGNET, ORE, OXIDES, Amount, Catalogue, Lot, patterns
from waybill.simulate.chain.scribe import Scribe
from waybill.simulate.chain.sites import Site, Task

LABELS = (("2N", 2.0), ("2N5", 2.301), ("3N", 3.0), ("3N5", 3.301), ("4N", 4.0))
"""Grades as papers state them, and what they promise: the negative logarithm of the impurities."""

_SPEEDS = {"sea": 32.0, "air": 750.0, "road": 55.0}
"""Kilometres an hour."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A shipment under way."""

    event: str
    origin: Site
    destination: Site
    arrives: datetime
    amounts: tuple[Amount, ...]


class Works:
    """All sites at work; every method writes what the sites capture."""

    def __init__(self, random: Random, sites: Sequence[Site], catalogue: Catalogue, scribe: Scribe) -> None:
        self.random, self.sites, self.catalogue, self.scribe = random, sites, catalogue, scribe
        mines = self.every(Task.MINE)
        self.patterns = dict(zip((mine.name for mine in mines), patterns(random, len(mines)), strict=True))

    def every(self, task: Task) -> list[Site]:
        """Return the sites that do this."""
        return [site for site in self.sites if site.task is task]

    def only(self, task: Task) -> Site:
        """Return the first site that does this."""
        return self.every(task)[0]

    def customer(self, country: str) -> Site:
        """Return the customer in a country."""
        return next(site for site in self.every(Task.CUSTOMER) if site.country == country)

    def near(self, value: float, deviation: float) -> float:
        """Return a value with a relative error."""
        return value * max(0.5, self.random.gauss(1, deviation))

    # ---------------------------------------------------------------- making

    def dig(self, mine: Site, time: datetime, *, pattern: Mapping[str, float] | None = None) -> Lot:
        """Return a new lot of ore; ``pattern`` is another one than the mine's."""
        kilograms, grade = self.near(20_000, 0.1), self.near(0.055, 0.08)
        true = pattern or self.patterns[mine.name]
        shares = {oxide: grade * share for oxide, share in true.items()}
        lot = Lot(self.catalogue.lot(ORE), ORE, kilograms, mine.country, shares)
        stated = {"countryOfOrigin": mine.country, "lotNumber": lot.item.rpartition("/")[2]}
        event = self.scribe.observe(
            mine, time, "commissioning", [lot.all], action="ADD", assay=self._assayed(lot, 0.03), ilmd=stated
        )
        self.scribe.write(mine, event)
        return lot

    def concentrate(self, mine: Site, time: datetime, ore: Lot) -> Lot:
        """Return the concentrate of a lot of ore: sixty per cent oxides."""
        total, recovered = sum(ore.shares.values()), self.near(0.85, 0.008)
        kilograms = ore.kilograms * total * recovered / 0.6
        shares = {oxide: 0.6 * share / total for oxide, share in ore.shares.items()}
        lot = Lot(self.catalogue.lot(CONCENTRATE), CONCENTRATE, kilograms, ore.origin, shares)
        made = self.scribe.transform(
            mine, time, "creating_class_instance", [ore.all], [lot.all], ilmd={"countryOfOrigin": ore.origin}
        )
        self.scribe.write(mine, made)
        self.inspect(mine, time + timedelta(hours=5), lot, error=0.008)
        return lot

    def separate(
        self,
        plant: Site,
        time: datetime,
        concentrates: Sequence[Lot],
        *,
        yields: float = 0.95,
        of: Mapping[str, float] | None = None,
        residue: bool = False,
        graded: Mapping[str, tuple[str, float]] | None = None,
    ) -> tuple[str, dict[str, Lot]]:
        """Return the event and the separated oxides; ``of`` gives single oxides another yield.

        With ``residue`` what was not recovered is recorded as a lot of its own; ``graded`` gives single oxides a grade
        on their papers and a purity.
        """
        lots: dict[str, Lot] = {}
        rest: dict[str, float] = {}
        for oxide in OXIDES:
            held = sum(lot.kilograms * lot.shares[oxide] for lot in concentrates)
            recovered = self.near((of or {}).get(oxide, yields), 0.004)
            rest[oxide] = max(0.0, held * (0.95 - recovered))
            label, promised = self.random.choice(LABELS)
            purity = 1 - 10 ** -(promised + self.random.uniform(0.02, 0.26))
            label, purity = (graded or {}).get(oxide, (label, purity))
            papers = {"grade": label}
            origin = concentrates[0].origin
            lots[oxide] = Lot(
                self.catalogue.lot(oxide), oxide, held * recovered / purity, origin, {oxide: purity}, papers
            )
        outputs = list(lots.values())
        if residue:
            weight = sum(rest.values()) / 0.5
            left = Lot(
                self.catalogue.lot(CONCENTRATE), CONCENTRATE, weight, concentrates[0].origin,
                {oxide: kilograms / weight for oxide, kilograms in rest.items()},
            )  # fmt: skip
            outputs.append(left)
        made = self.scribe.transform(
            plant,
            time,
            "creating_class_instance",
            [lot.all for lot in concentrates],
            [lot.all for lot in outputs],
            ilmd={"countryOfOrigin": concentrates[0].origin},
        )
        event = self.scribe.write(plant, made)
        for lot in outputs:
            self.inspect(plant, time + timedelta(hours=6), lot, error=0.0 if lot.material in OXIDES else 0.01)
        return event, lots

    def inspect(self, site: Site, time: datetime, lot: Lot, *, error: float) -> None:
        """Assay a lot; a separated oxide's purity is stated as it is, beside the grade on its papers."""
        stated = {"grade": lot.papers["grade"]} if "grade" in lot.papers else {}
        event = self.scribe.observe(site, time, "inspecting", [lot.all], assay=self._assayed(lot, error), **stated)
        lot.assayed = self.scribe.write(site, event)

    def _assayed(self, lot: Lot, error: float) -> dict[str, float]:
        return {substance: self.near(share, error) if error else share for substance, share in lot.shares.items()}

    def reduce(self, smelter: Site, time: datetime, oxide: Lot) -> tuple[str, Lot]:
        """Return the event and the metal made of neodymium oxide."""
        held = oxide.kilograms * oxide.shares[oxide.material] * composition(oxide.material)["Nd"]
        metal = Lot(self.catalogue.lot("Nd"), "Nd", held * self.near(0.97, 0.004), oxide.origin, {})
        made = self.scribe.transform(smelter, time, "creating_class_instance", [oxide.all], [metal.all])
        return self.scribe.write(smelter, made), metal

    def sinter(self, works: Site, time: datetime, metal: Lot) -> tuple[str, Lot]:
        """Return the event and the magnets made of neodymium and iron."""
        kilograms = metal.kilograms * self.near(0.96, 0.004) / composition(MAGNET)["Nd"]
        iron = Lot(self.catalogue.lot(IRON), IRON, kilograms * 0.74, "CN", {})
        self.scribe.write(
            works, self.scribe.observe(works, time - timedelta(hours=1), "commissioning", [iron.all], action="ADD")
        )
        magnets = Lot(self.catalogue.lot(MAGNET), MAGNET, kilograms, metal.origin, {})
        made = self.scribe.transform(works, time, "creating_class_instance", [metal.all, iron.all], [magnets.all])
        return self.scribe.write(works, made), magnets

    # ---------------------------------------------------------------- moving

    def ship(
        self,
        origin: Site,
        destination: Site,
        time: datetime,
        amounts: Sequence[Amount],
        *,
        licence: str = "",
        mode: str = "",
        late: timedelta = timedelta(),
        **papers: Any,
    ) -> Sent:
        """Ship something, and return when it will arrive; ``papers`` are what they say."""
        mode = mode or ("road" if origin.country == destination.country else "sea")
        hours = distance(origin, destination) / _SPEEDS[mode] + self.random.uniform(12, 48)
        documents = [{"type": "desadv", "bizTransaction": f"urn:epcglobal:cbv:bt:{origin.number}:{self._number()}"}]
        if licence:
            kind = "https://waybill.invalid/vocabulary/export-licence"
            documents.append({"type": kind, "bizTransaction": f"https://waybill.invalid/licence/{licence}"})
        event = self.scribe.observe(
            origin,
            time,
            "shipping",
            amounts,
            place=origin.gate,
            mode=mode,
            disposition="in_transit",
            bizTransactionList=documents,
            sourceList=[{"type": "possessing_party", "source": origin.party}],
            destinationList=[
                {"type": "possessing_party", "destination": destination.party},
                {"type": "location", "destination": destination.id},
            ],
            **papers,
        )
        written = self.scribe.write(origin, event, late=late)
        return Sent(written, origin, destination, time + timedelta(hours=hours), tuple(amounts))

    def ship_lot(
        self, origin: Site, destination: Site, time: datetime, lot: Lot, kilograms: float | None = None, **more: Any
    ) -> Sent:
        """Ship a lot, or so many kilograms of it, with the papers that such goods have."""
        weight, good = kilograms or lot.kilograms, GOODS[lot.material]
        papers = {
            "hsCode": good.heading,
            "countryOfOrigin": lot.origin,
            "value": round(weight * good.price * self.random.lognormvariate(0, 0.08), 2),
            "currency": "USD",
            "netWeight": round(weight, 2),
            "grossWeight": round(weight * 1.04, 2),
            "packaging": "drum" if lot.material in OXIDES else "bag",
            **lot.papers,
        }
        return self.ship(origin, destination, time, [Amount(lot.item, weight)], **{**papers, **more})

    def receive(self, sent: Sent, *, at: Site | None = None, share: float = 1.0, moment: datetime | None = None) -> str:
        """Receive what was sent, ``share`` of it, where it was sent to or ``at`` another site."""
        place = at or sent.destination
        amounts = [
            Amount(one.item, None if one.quantity is None else one.quantity * share, one.unit) for one in sent.amounts
        ]
        event = self.scribe.observe(
            place,
            moment or sent.arrives,
            "receiving",
            amounts,
            place=place.gate,
            disposition="in_progress",
            sourceList=[{"type": "possessing_party", "source": sent.origin.party}],
            destinationList=[{"type": "possessing_party", "destination": place.party}],
        )
        return self.scribe.write(place, event)

    def pack(self, site: Site, time: datetime, things: Sequence[str]) -> str:
        """Return the pallet that some things are on now."""
        pallet = self.catalogue.pallet()
        children = [Amount(thing) for thing in things]
        self.scribe.write(
            site, self.scribe.gather("AggregationEvent", site, time, "packing", parent=pallet, children=children)
        )
        return pallet

    def unpack(self, site: Site, time: datetime, pallet: str, things: Sequence[str]) -> None:
        """Take things from their pallet."""
        children = [Amount(thing) for thing in things]
        event = self.scribe.gather(
            "AggregationEvent", site, time, "unpacking", parent=pallet, children=children, action="DELETE"
        )
        self.scribe.write(site, event)

    def _number(self) -> str:
        return self.catalogue.names.digits(9)


def distance(one: Site, other: Site) -> float:
    """Return the great-circle distance in kilometres."""
    latitude, longitude = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    chord = sin(latitude / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(longitude / 2) ** 2
    return 12_742 * asin(sqrt(chord))

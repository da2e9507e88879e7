"""The ordinary course of a chain, week by week: rare earths from the mine to the motor, silicon to the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from waybill.simulate.chain.goods import BOARD, DIE, MOTOR, POWDER, SERVER, WAFER, Amount, Lot
from waybill.simulate.chain.sites import Site, Task
from waybill.simulate.chain.works import Works

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_BUYERS = ("DE", "JP", "VN", "US")
_SAMPLES = 4
"""Small shipments of cerium oxide a week."""
_MOST = 95.0
"""Kilograms of one of them."""


@dataclass(slots=True)
class Course:
    """What goes on every week; ``licences`` are the numbers of the licences by country."""

    works: Works
    licences: dict[str, str]
    powder: Lot | None = field(default=None)

    def week(self, monday: datetime) -> None:
        """Let every site work for a week."""
        works = self.works
        for number, mine in enumerate(works.every(Task.MINE)):
            self.earths(mine, monday + number * 7 * _HOUR)
        self.silicon(monday + 2 * _HOUR)
        self._samples(monday)

    def concentrate_at_plant(self, mine: Site, time: datetime) -> tuple[Lot, datetime]:
        """Return a lot of concentrate that has arrived at the plant, and when."""
        works, plant = self.works, self.works.only(Task.PLANT)
        ore = works.dig(mine, time)
        lot = works.concentrate(mine, time + 20 * _HOUR, ore)
        sent = works.ship_lot(mine, plant, time + 2 * _DAY, lot, mode="road")
        works.receive(sent)
        return lot, sent.arrives

    def earths(self, mine: Site, time: datetime) -> None:
        """Take a lot of ore through to magnets, motors and customers."""
        works, plant = self.works, self.works.only(Task.PLANT)
        lot, arrived = self.concentrate_at_plant(mine, time)
        _, oxides = works.separate(plant, arrived + 2 * _DAY, [lot])
        ready = arrived + 4 * _DAY
        for material, country in (("Dy2O3", "DE"), ("Tb4O7", "JP"), ("Pr6O11", "US")):
            licence = self.licences[country]
            self.deliver(plant, works.customer(country), ready, oxides[material], licence=licence, endUse="motors")
        self.through_hub(ready, oxides["La2O3"])
        self.magnets(ready, oxides["Nd2O3"])

    def deliver(self, origin: Site, destination: Site, time: datetime, lot: Lot, **papers: Any) -> None:
        """Ship a lot and receive it."""
        works = self.works
        works.receive(works.ship_lot(origin, destination, time, lot, **papers))

    def through_hub(self, time: datetime, lot: Lot) -> None:
        """Ship a lot to Vietnam by way of the hub, with the papers that it has."""
        works, hub = self.works, self.works.only(Task.HUB)
        arrived = works.ship_lot(works.only(Task.PLANT), hub, time, lot)
        works.receive(arrived)
        self.deliver(hub, works.customer("VN"), arrived.arrives + 3 * _DAY, lot)

    def magnets(self, time: datetime, oxide: Lot) -> None:
        """Make magnets of neodymium oxide and motors of some of them; the rest goes to a customer."""
        works = self.works
        smelter, sintering, motors = (works.only(task) for task in (Task.SMELTER, Task.MAGNETS, Task.MOTORS))
        sent = works.ship_lot(works.only(Task.PLANT), smelter, time, oxide)
        works.receive(sent)
        _, metal = works.reduce(smelter, sent.arrives + 2 * _DAY, oxide)
        sent = works.ship_lot(smelter, sintering, sent.arrives + 4 * _DAY, metal)
        works.receive(sent)
        _, magnets = works.sinter(sintering, sent.arrives + 2 * _DAY, metal)
        ready = sent.arrives + 5 * _DAY
        for_motors = min(10.0, 0.2 * magnets.kilograms)
        licence = self.licences["DE"]
        rest = magnets.kilograms - for_motors
        sent = works.ship_lot(sintering, works.customer("DE"), ready, magnets, rest, licence=licence, endUse="motors")
        works.receive(sent)
        sent = works.ship_lot(sintering, motors, ready, magnets, for_motors)
        works.receive(sent)
        self.motors(motors, sent.arrives + _DAY, magnets, for_motors)

    def motors(self, site: Site, time: datetime, magnets: Lot, kilograms: float) -> list[str]:
        """Make motors, put them on a pallet, and ship the pallet to a customer, who takes them off."""
        works = self.works
        motors = [works.catalogue.serial(MOTOR) for _ in range(6)]
        made = works.scribe.transform(
            site, time, "commissioning", [Amount(magnets.item, kilograms)], [Amount(motor) for motor in motors]
        )
        works.scribe.write(site, made)
        pallet = works.pack(site, time + 3 * _HOUR, motors)
        customer = works.customer(works.random.choice(_BUYERS))
        self.on_pallet(site, customer, time + _DAY, pallet, motors, mode="air")
        return motors

    def on_pallet(
        self, origin: Site, destination: Site, time: datetime, pallet: str, things: list[str], **papers: Any
    ) -> datetime:
        """Ship a pallet, receive it, take the things off, and return when that was."""
        works = self.works
        sent = works.ship(origin, destination, time, [Amount(pallet)], **papers)
        works.receive(sent)
        works.unpack(destination, sent.arrives + 2 * _HOUR, pallet, things)
        seen = works.scribe.observe(
            destination, sent.arrives + 4 * _HOUR, "storing", [Amount(thing) for thing in things]
        )
        works.scribe.write(destination, seen)
        return sent.arrives + 4 * _HOUR

    def silicon(self, time: datetime) -> None:
        """Make a server of two boards with two dies each, and set it up in a hall."""
        works = self.works
        boards_at, servers_at = works.only(Task.BOARDS), works.only(Task.SERVERS)
        dies, there = self.dies(time)
        boards = self.assemble(boards_at, there + _DAY, BOARD, dies, each=2)
        pallet = works.pack(boards_at, there + 2 * _DAY, boards)
        there = self.on_pallet(boards_at, servers_at, there + 3 * _DAY, pallet, boards, mode="road")
        servers = self.assemble(servers_at, there + _DAY, SERVER, boards, each=2)
        self.set_up(works.random.choice(works.every(Task.HALL)), there + 2 * _DAY, servers)

    def dies(self, time: datetime) -> tuple[list[str], datetime]:
        """Return four dies at the house of boards, and since when they are there."""
        works, fab = self.works, self.works.only(Task.FAB)
        wafer = works.catalogue.serial(WAFER)
        made = works.scribe.observe(fab, time, "commissioning", [Amount(wafer)], action="ADD")
        works.scribe.write(fab, made)
        dies = [works.catalogue.serial(DIE) for _ in range(4)]
        cut = works.scribe.transform(fab, time + _DAY, "commissioning", [Amount(wafer)], [Amount(die) for die in dies])
        works.scribe.write(fab, cut)
        pallet = works.pack(fab, time + _DAY + 5 * _HOUR, dies)
        return dies, self.on_pallet(fab, works.only(Task.BOARDS), time + 2 * _DAY, pallet, dies, mode="road")

    def assemble(self, site: Site, time: datetime, kind: str, parts: list[str], *, each: int) -> list[str]:
        """Put parts into things of a kind, ``each`` so many, for as long as both last."""
        works, made = self.works, []
        for first in range(0, len(parts), each):
            whole = works.catalogue.serial(kind)
            begun = works.scribe.observe(site, time, "commissioning", [Amount(whole)], action="ADD")
            works.scribe.write(site, begun)
            children = [Amount(part) for part in parts[first : first + each]]
            works.scribe.write(
                site,
                works.scribe.gather(
                    "AssociationEvent", site, time + _HOUR, "assembling", parent=whole, children=children
                ),
            )
            made.append(whole)
        return made

    def set_up(self, hall: Site, time: datetime, servers: list[str], *, stop: Site | None = None) -> None:
        """Ship servers to a hall on a declared route, by way of ``stop`` if there is one, and set them up there."""
        works, origin = self.works, self.works.only(Task.SERVERS)
        pallet = works.pack(origin, time, servers)
        route = ";".join(site.id for site in (origin, *([stop] if stop else []), hall))
        mode = "road" if hall.country == origin.country else "air"
        sent = works.ship(origin, hall, time + _DAY, [Amount(pallet)], mode=mode, route=route)
        if stop is not None:
            seen = works.scribe.observe(
                stop, time + _DAY + (sent.arrives - time - _DAY) / 2, "transporting", [Amount(pallet)]
            )
            works.scribe.write(stop, seen)
        works.receive(sent)
        works.unpack(hall, sent.arrives + _HOUR, pallet, servers)
        for days in (1, 8):
            seen = works.scribe.observe(
                hall, sent.arrives + days * _DAY, "installing" if days == 1 else "inspecting", [Amount(servers[0])]
            )
            works.scribe.write(hall, seen)

    def _samples(self, monday: datetime) -> None:
        """Ship small amounts of cerium oxide to customers, in whatever size they ask for."""
        works, plant = self.works, self.works.only(Task.PLANT)
        if self.powder is None or self.powder.kilograms < 4 * _MOST:
            made, there = self.concentrate_at_plant(works.every(Task.MINE)[1], monday - 12 * _DAY)
            _, oxides = works.separate(plant, there + _DAY, [made])
            self.powder = oxides["CeO2"]
        for number in range(_SAMPLES):
            kilograms = round(min(_MOST, works.random.lognormvariate(3.2, 0.7)), 1)
            self.powder.kilograms -= kilograms
            customer = works.customer(_BUYERS[number % len(_BUYERS)])
            moment = monday + number * _DAY + 9 * _HOUR
            works.receive(works.ship_lot(plant, customer, moment, self.powder, kilograms, mode="air"))
            if number % 2:
                self.deliver(plant, customer, moment + 2 * _DAY, self.polish(moment + _DAY))

    def polish(self, time: datetime) -> Lot:
        """Return a new lot of polishing powder, a cheap preparation that holds some cerium."""
        works, plant = self.works, self.works.only(Task.PLANT)
        lot = Lot(works.catalogue.lot(POWDER), POWDER, works.near(240, 0.2), "CN", {})
        works.scribe.write(plant, works.scribe.observe(plant, time, "commissioning", [lot.all], action="ADD"))
        return lot

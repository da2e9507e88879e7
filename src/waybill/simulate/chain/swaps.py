"""Diversions of things: copied numbers, dead things seen again, things in two places, devices off their route."""

from __future__ import annotations

from datetime import datetime

from waybill.simulate.chain.diversions import DAY, HOUR, Stage
from waybill.simulate.chain.goods import BOARD, MOTOR, SERVER, Amount
from waybill.simulate.chain.sites import Site, Task


def _motors(stage: Stage, time: datetime, count: int = 2) -> tuple[Site, list[str]]:
    """Return motors that were just made, and where."""
    works, site = stage.works, stage.works.only(Task.MOTORS)
    motors = [works.catalogue.serial(MOTOR) for _ in range(count)]
    made = works.scribe.observe(site, time, "commissioning", [Amount(motor) for motor in motors], action="ADD")
    works.scribe.write(site, made)
    return site, motors


def _see(stage: Stage, site: Site, time: datetime, things: list[str], step: str = "inspecting") -> str:
    seen = stage.works.scribe.observe(site, time, step, [Amount(thing) for thing in things])
    return stage.works.scribe.write(site, seen)


def copied_number(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A motor comes into being a second time; the twin is another motor."""
    works = stage.works
    site, motors = _motors(stage, time)
    again = motors[0] if leak else works.catalogue.serial(MOTOR)
    made = works.scribe.observe(site, time + 5 * DAY, "commissioning", [Amount(again)], action="ADD")
    return [works.scribe.write(site, made)]


def dead_and_seen(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A motor that was destroyed is seen again; the twin is its sister."""
    works = stage.works
    site, motors = _motors(stage, time)
    end = works.scribe.observe(site, time + 3 * DAY, "destroying", [Amount(motors[0])], action="DELETE")
    works.scribe.write(site, end)
    return [_see(stage, site, time + 8 * DAY, [motors[0] if leak else motors[1]])]


def two_parents(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A motor is packed on a second pallet while it is on the first; the twin was taken off before."""
    works = stage.works
    site, motors = _motors(stage, time)
    pallet = works.pack(site, time + 2 * HOUR, motors)
    if not leak:
        works.unpack(site, time + 4 * HOUR, pallet, motors)
    works.pack(site, time + DAY, motors[:1])
    return [works.scribe.captured[-1].event["eventID"]]


def too_fast(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A pallet is received in Germany three hours after it left Shanghai; the twin takes its time."""
    works = stage.works
    site, motors = _motors(stage, time)
    pallet = works.pack(site, time + HOUR, motors)
    sent = works.ship(site, works.customer("DE"), time + DAY, [Amount(pallet)], mode="air")
    return [works.receive(sent, moment=time + DAY + 3 * HOUR if leak else None)]


def too_fast_for_ship(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A pallet that is said to go by sea arrives after two days; the twin goes by air."""
    works = stage.works
    site, motors = _motors(stage, time)
    pallet = works.pack(site, time + HOUR, motors)
    sent = works.ship(site, works.customer("US"), time + DAY, [Amount(pallet)], mode="sea" if leak else "air")
    return [works.receive(sent, moment=time + 3 * DAY)]


def twin_identity(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A server is seen in two halls in turn and never travelled; the twin is shipped from one to the other."""
    works = stage.works
    here, there = works.every(Task.HALL)
    server = works.catalogue.serial(SERVER)
    begun = works.scribe.observe(here, time, "commissioning", [Amount(server)], action="ADD")
    works.scribe.write(here, begun)
    _see(stage, here, time + DAY, [server])
    if not leak:
        sent = works.ship(here, there, time + 2 * DAY, [Amount(server)], mode="air")
        works.receive(sent)
    return [_see(stage, there, time + 12 * DAY, [server])]


def off_route(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A pallet of servers is seen at a hub that its declared route does not have; the twin's route has it."""
    works, hub, hall = stage.works, stage.works.only(Task.HUB), stage.works.every(Task.HALL)[1]
    servers = [works.catalogue.serial(SERVER) for _ in range(2)]
    origin = works.only(Task.SERVERS)
    begun = works.scribe.observe(origin, time, "commissioning", [Amount(one) for one in servers], action="ADD")
    works.scribe.write(origin, begun)
    if not leak:
        stage.course.set_up(hall, time + DAY, servers, stop=hub)
        return [one.event["eventID"] for one in works.scribe.captured if one.event["bizStep"] == "transporting"][-1:]
    pallet = works.pack(origin, time + DAY, servers)
    route = f"{origin.id};{hall.id}"
    sent = works.ship(origin, hall, time + 2 * DAY, [Amount(pallet)], mode="air", route=route)
    event = _see(stage, hub, time + 2 * DAY + (sent.arrives - time - 2 * DAY) / 2, [pallet], "transporting")
    works.receive(sent)
    return [event]


def die_in_two_boards(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A die is assembled into a second board; the twin was taken out of the first."""
    works, course = stage.works, stage.course
    dies, there = course.dies(time)
    site = works.only(Task.BOARDS)
    first = course.assemble(site, there + DAY, BOARD, dies, each=2)
    if not leak:
        children = [Amount(dies[0])]
        event = works.scribe.gather(
            "AssociationEvent",
            site,
            there + 2 * DAY,
            "disassembling",
            parent=first[0],
            children=children,
            action="DELETE",
        )
        works.scribe.write(site, event)
    course.assemble(site, there + 3 * DAY, BOARD, dies[:1], each=1)
    return [works.scribe.captured[-1].event["eventID"]]

"""The feed of each organisation's personnel system: who joins, moves, gives notice and leaves."""

from __future__ import annotations

from datetime import date
from typing import Literal

from waybill.simulate.offices import Office, at
from waybill.simulate.people import Person
from waybill.simulate.sources import hr
from waybill.simulate.trades import UnitPlan

Event = Literal["joined", "moved", "notice", "left"]

_WRITTEN = 7.0
"""Hour of the day at which the feed is written."""


def tell(office: Office, day: date) -> None:
    """Write what happens to people on that day."""
    for person in office.organisation.people:
        if person.joined == day:
            _row(office, day, person, "joined", person.unit)
        if person.moved == day and person.moved_to:
            _row(office, day, person, "moved", person.moved_to)
        if person.notice == day:
            _row(office, day, person, "notice", person.unit)
        if person.leaves == day:
            _row(office, day, person, "left", person.unit)


def _row(office: Office, day: date, person: Person, event: Event, unit: UnitPlan) -> None:
    record = hr.row(
        day,
        employee=person.number,
        event=event,
        organisation=office.organisation.trade,
        unit=unit.name,
        role="contractor" if person.contractor else unit.role,
        until=person.leaves if event == "notice" else None,
    )
    office.write(hr.LAYOUT, at(day, _WRITTEN), record)

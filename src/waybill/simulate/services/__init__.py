"""What happens in the organisations beside the deeds of people: freight, machines, visitors, personnel."""

from __future__ import annotations

from datetime import date

from waybill.simulate.offices import Office
from waybill.simulate.services import machines, personnel
from waybill.simulate.services.fab import Fab
from waybill.simulate.services.freight import Freight
from waybill.simulate.trades import Trade

__all__ = ["Fab", "Freight", "run"]


def run(office: Office, day: date) -> None:
    """Let everything of one organisation run that needs nobody to do it."""
    personnel.tell(office, day)
    match office.organisation.trade:
        case Trade.MAGNETS | Trade.COAL:
            machines.controllers(office, day, count=12)
        case Trade.SHOP:
            machines.visitors(office, day, server=f"www.{office.organisation.domain}", count=50)
            machines.programs(office, day, count=25)
            machines.platform(office, day, count=25)
        case Trade.CLINIC:
            machines.appointments(office, day, count=30)
        case Trade.TOWN:
            machines.visitors(office, day, server=f"portal.{office.organisation.domain}", count=40)
        case Trade.CHIPS | Trade.DRONES:
            pass

"""Somebody on one day, as a system knows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from waybill.simulate.offices import Desk, Office
from waybill.simulate.people import Person
from waybill.simulate.trades import UnitPlan


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody on one day."""

    person: Person
    unit: UnitPlan
    desk: Desk
    mail: str
    user: str
    """``DOMAIN\\name``."""

    @property
    def account(self) -> str:
        """What most systems call the person."""
        return self.person.account

    @property
    def address(self) -> str:
        """The address of the person's machine."""
        return self.person.address


Moments = Sequence[datetime]
"""When somebody did something on one day, in order; never empty."""

Recorder = Callable[[Office, Worker, Moments], None]
"""Writes how one product records deeds of one kind."""

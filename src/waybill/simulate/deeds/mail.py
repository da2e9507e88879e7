"""What a mail gateway sees, which writes in Waybill's own format."""

from __future__ import annotations

from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.trades import Role

OUTSIDE = 0.25
"""Share of messages to the outside."""
_TO_ALL = 0.004
"""Share of messages to many colleagues at once."""


def passed(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which messages passed, a quarter of them to the outside."""
    send(office, worker, moments, outside=OUTSIDE)


def send(office: Office, worker: Worker, moments: Moments, *, outside: float) -> None:
    """Write what the mail gateway sees: one record for each receiver."""
    for moment in moments:
        if office.random.random() < _TO_ALL and worker.unit.role is Role.MANAGER:
            receivers = worker.desk.colleagues
        elif office.random.random() < outside:
            receivers = (office.favourite(worker.desk.outsiders),)
        else:
            receivers = (office.favourite(worker.desk.colleagues),)
        thing = office.open_file(worker.unit).rpartition("/")[2]
        size, attached = office.size(60_000), int(office.random.random() < 0.4)
        for receiver in receivers:
            office.mail(moment, worker.mail, receiver, thing, size=size, attached=attached)

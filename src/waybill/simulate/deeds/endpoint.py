"""Sticks, printers and shares, as an agent on machines records them in its own CSV."""

from __future__ import annotations

from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import endpoint

TAKEN = 0.4
"""Share of sticks plugged in onto which a file is copied; the others are only read."""


def save(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which files were put on the share."""
    for moment in moments:
        file = _local(office.file(worker.person, worker.unit))
        record = endpoint.line(
            moment,
            user=worker.account,
            host=worker.person.host,
            event="share-write",
            file=file,
            target=rf"\\{office.shared_host}\{worker.unit.name}",
            kilobytes=office.size() // 1024,
        )
        office.write(endpoint.LAYOUT, moment, record)


def print_document(office: Office, worker: Worker, moments: Moments) -> None:
    """Write what was printed."""
    for moment in moments:
        record = endpoint.line(
            moment,
            user=worker.account,
            host=worker.person.host,
            event="print",
            file=office.open_file(worker.unit).rpartition("/")[2],
            target=office.printer,
            kilobytes=office.size() // 1024,
            pages=1 + int(office.random.expovariate(1 / 5)),
        )
        office.write(endpoint.LAYOUT, moment, record)


def stick(office: Office, worker: Worker, moments: Moments) -> None:
    """Write what was read from a stick, and now and then what was copied onto it."""
    for moment in moments:
        record = endpoint.line(
            moment,
            user=worker.account,
            host=worker.person.host,
            event="stick-write" if office.random.random() < TAKEN else "stick-read",
            file=_local(office.open_file(worker.unit)),
            target=rf"USBSTOR\DISK&VEN_NETAC\{office.stick(worker.person)}",
            kilobytes=office.size() // 1024,
        )
        office.write(endpoint.LAYOUT, moment, record)


def _local(file: str) -> str:
    return "D:\\" + file.replace("/", "\\")

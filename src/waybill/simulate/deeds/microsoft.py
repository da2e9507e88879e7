"""Deeds in Microsoft 365."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from waybill.simulate.deeds import mail as gateway
from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import microsoft365

Operation = Literal["FileAccessed", "FileDownloaded", "FileUploaded"]

_DOWNLOADED = 0.25
"""Share of files that are opened by downloading them."""


def site(office: Office) -> str:
    """Return the address of the organisation's site for files in Microsoft 365."""
    return f"https://{office.organisation.label}.sharepoint.example/sites/work"


def sign_in(office: Office, worker: Worker, moments: Moments) -> None:
    """Write who signed in."""
    for moment in moments:
        who = {"user": worker.mail, "address": worker.address}
        office.write(microsoft365.LAYOUT, moment, microsoft365.user_logged_in(office.random, moment, **who))


def mail(office: Office, worker: Worker, moments: Moments) -> None:
    """Write what was sent; to the outside, it passes the mail gateway too."""
    for moment in moments:
        subject, size = f"{office.names.of(office.plan.topics)} {moment:%m-%d}", office.size(40_000)
        record = microsoft365.send(
            office.random, moment, user=worker.mail, address=worker.address, subject=subject, size=size
        )
        office.write(microsoft365.LAYOUT, moment, record)
    gateway.send(
        office, worker, [moment for moment in moments if office.random.random() < gateway.OUTSIDE], outside=1.0
    )


def open_file(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which files were opened."""
    for moment in moments:
        operation: Operation = "FileDownloaded" if office.random.random() < _DOWNLOADED else "FileAccessed"
        _file(office, worker, moment, operation)


def save(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which files were uploaded."""
    for moment in moments:
        _file(office, worker, moment, "FileUploaded")


def _file(office: Office, worker: Worker, moment: datetime, operation: Operation) -> None:
    """Write what was done with a file of the unit."""
    record = microsoft365.file(
        office.random,
        moment,
        operation,
        user=worker.mail,
        address=worker.address,
        site=site(office),
        path=office.file(worker.person, worker.unit),
        size=office.size(),
    )
    office.write(microsoft365.LAYOUT, moment, record)


def share(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which files were shared with people outside."""
    for moment in moments:
        record = microsoft365.sharing_set(
            office.random,
            moment,
            user=worker.mail,
            address=worker.address,
            site=site(office),
            path=office.open_file(worker.unit),
            target=office.favourite(worker.desk.outsiders),
        )
        office.write(microsoft365.LAYOUT, moment, record)

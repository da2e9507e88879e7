"""Deeds in Google Workspace."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import workspace

Action = Literal["view", "download", "edit"]

_DOWNLOADED = 0.25
"""Share of documents that are opened by downloading them."""


def sign_in(office: Office, worker: Worker, moments: Moments) -> None:
    """Write who signed in, or mistyped."""
    for moment in moments:
        succeeded = office.random.random() > 0.02
        who = {"user": worker.mail, "address": worker.address}
        office.write(workspace.LAYOUT, moment, workspace.login(office.random, moment, **who, succeeded=succeeded))


def open_file(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which documents were opened."""
    for moment in moments:
        action: Action = "download" if office.random.random() < _DOWNLOADED else "view"
        _file(office, worker, moment, action)


def save(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which documents were edited."""
    for moment in moments:
        _file(office, worker, moment, "edit")


def _file(office: Office, worker: Worker, moment: datetime, action: Action) -> None:
    """Write what was done with a document of the unit."""
    record = workspace.access(
        office.random,
        moment,
        action,
        user=worker.mail,
        address=worker.address,
        title=office.file(worker.person, worker.unit),
        owner=worker.mail,
    )
    office.write(workspace.LAYOUT, moment, record)


def share(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which documents were shared with people outside."""
    for moment in moments:
        record = workspace.change_user_access(
            office.random,
            moment,
            user=worker.mail,
            address=worker.address,
            title=office.open_file(worker.unit),
            owner=worker.mail,
            target=office.favourite(worker.desk.outsiders),
        )
        office.write(workspace.LAYOUT, moment, record)

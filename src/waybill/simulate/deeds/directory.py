"""Signing in over a directory that writes OCSF."""

from __future__ import annotations

from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import ocsf

_SERVICES = ("mail", "files", "meetings", "portal")


def sign_in(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which services were signed in to."""
    for moment in moments:
        service = office.names.of(_SERVICES)
        who = {"user": worker.mail, "address": worker.address, "service": service}
        office.write(ocsf.LAYOUT, moment, ocsf.sign_in(office.random, moment, **who))

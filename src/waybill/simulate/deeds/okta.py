"""Signing in over Okta."""

from __future__ import annotations

from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import okta


def sign_in(office: Office, worker: Worker, moments: Moments) -> None:
    """Write who signed in, and to which applications."""
    who = {"user": worker.mail, "address": worker.address}
    for number, moment in enumerate(moments):
        if number == 0:
            record = okta.session_start(office.random, moment, **who, succeeded=office.random.random() > 0.03)
        else:
            application = office.names.of(("wiki", "tickets", "payroll", "mail", "source-control"))
            record = okta.sso(office.random, moment, **who, application=application)
        office.write(okta.LAYOUT, moment, record)

"""The web, as a proxy and as a monitor of the network see it."""

from __future__ import annotations

from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import squid, zeek


def proxy(office: Office, worker: Worker, moments: Moments) -> None:
    """Write what the proxy passed."""
    for moment in moments:
        host = office.site(worker.desk)
        record = squid.request(
            moment,
            address=worker.address,
            url=f"{host}:443",
            method="CONNECT",
            status=200,
            received=office.size(30_000),
            sent=office.size(2_000),
            user=worker.account,
            peer=office.outside_address,
            elapsed=office.random.randrange(20, 4000),
        )
        office.write(squid.LAYOUT, moment, record)


def monitor(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which connections the monitor saw."""
    for moment in moments:
        record = zeek.connection(
            moment,
            uid=zeek.new_uid(office.random),
            origin=worker.address,
            origin_port=office.random.randrange(49152, 65535),
            responder=office.outside_address,
            responder_port=443,
            sent=office.size(2_000),
            received=office.size(30_000),
            duration=office.random.expovariate(0.5),
            service="ssl",
        )
        office.write(zeek.CONNECTIONS, moment, record)

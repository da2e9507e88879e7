"""Files in a bucket, as AWS CloudTrail records them."""

from __future__ import annotations

from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import cloudtrail


def open_file(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which objects were fetched."""
    for moment in moments:
        record = cloudtrail.get_object(
            office.random,
            moment,
            identity=cloudtrail.user(office.organisation.label, worker.account),
            address=worker.address,
            bucket=office.bucket,
            key=office.file(worker.person, worker.unit),
            size=office.size(),
        )
        office.write(cloudtrail.LAYOUT, moment, record)


def save(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which objects were put there."""
    for moment in moments:
        record = cloudtrail.put_object(
            office.random,
            moment,
            identity=cloudtrail.user(office.organisation.label, worker.account),
            address=worker.address,
            bucket=office.bucket,
            key=office.file(worker.person, worker.unit),
            size=office.size(),
        )
        office.write(cloudtrail.LAYOUT, moment, record)

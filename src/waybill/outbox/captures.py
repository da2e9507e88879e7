"""Captures of custody events in the outbox: which the last one was that a record covers."""

from __future__ import annotations

from waybill.control import storage_faults
from waybill.outbox import models
from waybill.outbox.kinds import Kind


def last_recorded() -> int:
    """Return the number of the last capture that is recorded; 0 at first."""
    with storage_faults():
        newest = models.Row.objects.filter(kind=Kind.CAPTURE).order_by("-reference").first()
    return int(newest.reference) if newest else 0

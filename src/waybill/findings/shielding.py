"""Takes who acted out of a stored finding, for good: what is stored afterwards names nobody, whatever comes later."""

from __future__ import annotations

import msgspec
from django.db import transaction

from waybill.control import storage_faults
from waybill.findings import models
from waybill.model.findings import SHIELDED, Finding
from waybill.outbox import erasing


def shield(finding: Finding) -> int:
    """Store a finding that names nobody any more in place of what it was, and let earlier records forget it, too.

    Returns how many records lost something.
    """
    kept = msgspec.structs.replace(finding, subject="", transfers=(), tags=tuple(sorted({*finding.tags, SHIELDED})))
    with storage_faults(), transaction.atomic():
        models.Finding.objects.filter(pk=finding.id).update(subject="", statement=msgspec.json.encode(kept).decode())
        return erasing.forget_people(finding.id)

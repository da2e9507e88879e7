"""Takes a person out of what is kept of trends: who imported, who proposed and who signed. Incidents name nobody."""

from __future__ import annotations

from django.db import models as django
from django.db import transaction

from waybill.control import storage_faults
from waybill.findings.erasing import ERASED, replace, whole_names
from waybill.trends import models

_TEXTS: tuple[tuple[type[django.Model], tuple[str, ...]], ...] = (
    (models.Import, ("who",)),
    (models.Spend, ("proposed_by", "reason")),
)


def erase_subject(pseudonym: str) -> int:
    """Replace a pseudonym wherever it stands; returns how many rows changed. The caller scrubs the file.

    A signature stays, by nobody who could be told: that two people signed still holds.
    """
    whole = whole_names(pseudonym)
    with storage_faults(), transaction.atomic():
        changed = sum(replace(table._default_manager.all(), columns, whole) for table, columns in _TEXTS)
        for row in models.Signature.objects.filter(who__contains=pseudonym):
            row.who = whole.sub(f"{ERASED} {row.pk}", row.who)  # nobody signs twice, the erased neither
            row.save()
            changed += 1
    return changed

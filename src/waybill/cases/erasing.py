"""Takes a person out of the cases: out of what people typed and out of who did what. Findings go with the findings."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models as django
from django.db import transaction

from waybill.cases import models
from waybill.control import storage_faults
from waybill.findings.erasing import mentioning, replace, whole_names

_TEXTS: tuple[tuple[type[django.Model], tuple[str, ...]], ...] = (
    (models.Case, ("assignee", "harm", "facts")),
    (models.CaseEntry, ("who", "what", "reason")),
    (models.CaseTask, ("title", "assignee", "done_by")),
    (models.CaseEvidence, ("name", "added_by")),
    (models.CaseClock, ("ended_by", "told")),
    (models.Shift, ("person",)),
    (models.ShiftSwap, ("asked_by", "to", "reason")),
    (models.Handover, ("by", "to", "note")),
)


def erase_subject(pseudonym: str, findings: Collection[str] = ()) -> int:
    """Replace a pseudonym and the ids of the person's findings wherever cases name them; the caller scrubs the file.

    Returns how many rows changed.
    """
    whole = whole_names(pseudonym, findings)
    with storage_faults(), transaction.atomic():
        changed = models.CaseTrait.objects.filter(value__contains=pseudonym).delete()[0]
        changed += models.CaseFinding.objects.filter(via__in=sorted(findings)).update(via="")
        for table, columns in _TEXTS:
            changed += replace(mentioning(table, columns, pseudonym, findings), columns, whole)
    return changed

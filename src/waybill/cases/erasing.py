"""Takes a person out of the cases: out of what people typed and out of who did what. Findings go with the findings."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db import models as django
from django.db import transaction

from waybill.cases import models
from waybill.control import storage_faults
from waybill.findings.erasing import replace, whole_name

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
    ids = sorted(findings)
    names = "|".join([re.escape(pseudonym), *ids])
    whole = re.compile("|".join([whole_name(pseudonym), *ids]))
    with storage_faults(), transaction.atomic():
        changed = models.CaseTrait.objects.filter(value__contains=pseudonym).delete()[0]
        changed += models.CaseFinding.objects.filter(via__in=ids).update(via="")
        for table, columns in _TEXTS:
            named = reduce(or_, (django.Q(**{f"{column}__regex": names}) for column in columns))
            changed += replace(table._default_manager.filter(named), columns, whole)
    return changed

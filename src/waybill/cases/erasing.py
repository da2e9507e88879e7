"""Takes a person out of the cases: out of what people typed and out of who did what. Findings go with the findings."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db import models as django
from django.db import transaction

from waybill.cases import models
from waybill.control import storage_faults
from waybill.findings.erasing import ERASED

_TEXTS: tuple[tuple[type[django.Model], tuple[str, ...]], ...] = (
    (models.Case, ("assignee", "harm", "facts")),
    (models.CaseEntry, ("who", "what", "reason")),
    (models.CaseTask, ("title", "assignee", "done_by")),
    (models.CaseEvidence, ("name", "added_by")),
    (models.CaseClock, ("ended_by", "told")),
)


def erase_subject(pseudonym: str, findings: Collection[str] = ()) -> int:
    """Replace a pseudonym and the ids of the person's findings wherever cases name them; the caller scrubs the file.

    Returns how many rows changed.
    """
    whole = re.compile("|".join([rf"(?<![\w-]){re.escape(pseudonym)}(?![\w-])", *sorted(findings)]))
    changed = 0
    with storage_faults(), transaction.atomic():
        changed += models.CaseTrait.objects.filter(value__contains=pseudonym).delete()[0]
        for entry in models.CaseEntry.objects.filter(what__regex="|".join(sorted(findings))) if findings else ():
            entry.what = whole.sub(ERASED, entry.what)
            entry.save(update_fields=["what"])
            changed += 1
        changed += models.CaseFinding.objects.filter(via__in=list(findings)).update(via="")
        for table, columns in _TEXTS:
            named = django.Q()
            for column in columns:
                named |= django.Q(**{f"{column}__contains": pseudonym})
            for row in table._default_manager.filter(named):
                for column in columns:
                    setattr(row, column, whole.sub(ERASED, getattr(row, column)))
                row.save(update_fields=columns)
                changed += 1
    return changed

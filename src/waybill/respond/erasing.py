"""Takes a person out of the runs: out of what can be read, and, where they are in it, out of what is sealed."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db import models as django
from django.db import transaction

from waybill.control import storage_faults
from waybill.findings.erasing import mentioning, replace, whole_names
from waybill.respond import models

_TOLD: tuple[tuple[type[django.Model], tuple[str, ...], tuple[str, ...]], ...] = (
    (models.Run, ("content", "values"), ("begun_by",)),
    (models.RunAct, ("arguments", "step"), ("before", "approved_by", "remark")),
    (models.Notice, (), ("message",)),
)
"""Of each table the columns of which the same is sealed exactly, and the others."""


def erase_subject(pseudonym: str, findings: Collection[str] = ()) -> int:
    """Replace a pseudonym and the ids of the person's findings wherever runs name them; the caller scrubs the file.

    What such a run or act was told exactly goes, so that it can be neither gone on with nor undone: that is told to
    whoever tries. Returns how many rows changed.
    """
    whole = whole_names(pseudonym, findings)
    changed = 0
    with storage_faults(), transaction.atomic():
        for table, told, others in _TOLD:
            for row in mentioning(table, told + others, pseudonym, findings):
                changed += _forget(row, told, others, whole)
    return changed


def _forget(row: django.Model, told: tuple[str, ...], others: tuple[str, ...], whole: re.Pattern[str]) -> bool:
    forgotten = replace([row], told, whole)
    if forgotten:
        type(row)._default_manager.filter(pk=row.pk).update(sealed=b"")
    return bool(replace([row], others, whole) or forgotten)

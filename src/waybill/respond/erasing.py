"""Takes a person out of the runs: out of what can be read, and, where they are in it, out of what is sealed."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db import models as django
from django.db import transaction

from waybill.control import storage_faults
from waybill.findings.erasing import ERASED, whole_name
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
    ids = sorted(findings)
    names = "|".join([re.escape(pseudonym), *ids])
    whole = re.compile("|".join([whole_name(pseudonym), *ids]))
    changed = 0
    with storage_faults(), transaction.atomic():
        for table, told, others in _TOLD:
            named = reduce(or_, (django.Q(**{f"{column}__regex": names}) for column in told + others))
            for row in table._default_manager.filter(named):
                changed += _forget(row, told, others, whole)
    return changed


def _forget(row: django.Model, told: tuple[str, ...], others: tuple[str, ...], whole: re.Pattern[str]) -> bool:
    before = {column: getattr(row, column) for column in told + others}
    after = {column: whole.sub(ERASED, text) for column, text in before.items()}
    changed: dict[str, str | bytes] = {column: text for column, text in after.items() if text != before[column]}
    if not changed.keys().isdisjoint(told):
        changed["sealed"] = b""
    for column, value in changed.items():
        setattr(row, column, value)
    row.save(update_fields=list(changed))
    return bool(changed)

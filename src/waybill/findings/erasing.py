"""Erases a person from the stored findings, so that no byte of the pseudonym remains in the file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_

from django.db import models as django
from django.db import transaction

from waybill.control import scrub, storage_faults
from waybill.findings import models
from waybill.model.errors import UsageError

ERASED = "[erased]"
"""Stands where a pseudonym stood in what is kept."""

_TEXTS: tuple[tuple[type[django.Model], tuple[str, ...]], ...] = (
    (models.Finding, ("asset", "statement")),
    (models.FindingHistory, ("who", "reason")),
    (models.ExceptionRule, ("owner", "reason", "asset")),
    (models.DetectorMemory, ("value",)),
)


def erase_subject(pseudonym: str) -> int:
    """Remove findings about a person, and the person from all others; return how many rows went or changed.

    Findings, exceptions and what detectors remember under this key go; where others mention the person (as the
    receiver, or in the history) the pseudonym is replaced.
    """
    if not pseudonym:
        raise UsageError("Whom to erase was not said.", expected="a pseudonym")
    whole = whole_names(pseudonym)
    with storage_faults(), transaction.atomic():
        touched = _remove(models.Finding, "subject", whole, pseudonym)
        touched += _remove(models.ExceptionRule, "subject", whole, pseudonym)
        touched += _remove(models.DetectorMemory, "key", whole, pseudonym)
        touched += sum(replace(mentioning(table, columns, pseudonym), columns, whole) for table, columns in _TEXTS)
    scrub()
    return touched


def findings_of(pseudonym: str) -> list[str]:
    """Return the ids of the findings about a person: those that ``erase_subject`` removes."""
    with storage_faults():
        rows = _about(models.Finding, "subject", whole_names(pseudonym), pseudonym)
        return sorted(str(row.pk) for row in rows)


def whole_names(pseudonym: str, findings: Collection[str] = ()) -> re.Pattern[str]:
    """Return the pattern of a pseudonym, and of ids of findings, in a text.

    A pseudonym may begin an e-mail address, but another must not be cut.
    """
    return re.compile("|".join([rf"(?<![\w-]){re.escape(pseudonym)}(?![\w-])", *sorted(findings)]))


def mentioning(
    table: type[django.Model], columns: tuple[str, ...], pseudonym: str, findings: Collection[str] = ()
) -> django.QuerySet[django.Model]:
    """Return the rows in which a pseudonym, or one of these ids of findings, stands in one of these columns."""
    sought = ("regex", "|".join([re.escape(pseudonym), *sorted(findings)])) if findings else ("contains", pseudonym)
    conditions = (django.Q(**{f"{column}__{sought[0]}": sought[1]}) for column in columns)
    manager: django.Manager[django.Model] = table._default_manager
    return manager.filter(reduce(or_, conditions))


def replace(rows: Iterable[django.Model], columns: tuple[str, ...], names: re.Pattern[str]) -> int:
    """Put ``ERASED`` in place of names in these columns; returns how many rows changed."""
    changed = 0
    for row in rows:
        before = [getattr(row, column) for column in columns]
        after = [names.sub(ERASED, text) for text in before]
        if after != before:
            for column, text in zip(columns, after, strict=True):
                setattr(row, column, text)
            row.save(update_fields=columns)
            changed += 1
    return changed


def _remove(table: type[django.Model], column: str, whole: re.Pattern[str], pseudonym: str) -> int:
    rows = _about(table, column, whole, pseudonym)
    for row in rows:
        row.delete()
    return len(rows)


def _about(table: type[django.Model], column: str, whole: re.Pattern[str], pseudonym: str) -> list[django.Model]:
    return [row for row in mentioning(table, (column,), pseudonym) if whole.search(getattr(row, column))]

"""What all acts of people have in common: a case that is there, somebody who acts, a reason, one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from waybill.cases import models
from waybill.cases.words import CaseState
from waybill.control import storage_faults
from waybill.model.errors import UsageError


@contextmanager
def acting(number: int, *, who: str, reason: str | None = None) -> Iterator[models.Case]:
    """Yield a case to be changed inside a transaction, and save it at the end; all of it holds or nothing.

    Raises UsageError where there is no such case, it was merged into another, nobody acts, or no ``reason`` is given
    (None: the act needs none).
    """
    if not who.strip():
        raise UsageError("Nobody is named who does it.", expected="who")
    if reason is not None and not reason.strip():
        raise UsageError("A decision on a case needs a reason.", expected="reason")
    with storage_faults(), transaction.atomic():
        case = models.Case.objects.select_for_update().filter(pk=number).first()
        if case is None:
            raise no_such_case(number)
        if case.state == CaseState.MERGED:
            raise UsageError(
                "This case was merged into another.", where=str(number), expected=f"case {case.merged_into_id}"
            )
        yield case
        case.save()


def no_such_case(number: int) -> UsageError:
    """Return the error for a case that is not there, or may not be seen."""
    return UsageError("There is no such case.", where=str(number), advice="List cases to see their numbers.")

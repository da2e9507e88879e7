"""The handling of findings: who gave which state, when and why. Nothing is forgotten, each change is a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from waybill.control import storage_faults
from waybill.findings import models
from waybill.findings.recording import Change, decision_record
from waybill.findings.states import SET_BY_PEOPLE, FindingState
from waybill.model.errors import UsageError
from waybill.outbox import adding as outbox


def set_state(ids: Sequence[str], state: FindingState, *, who: str, reason: str) -> None:
    """Give these findings a state, all of them or none. ``who`` is a pseudonym or the name of a role.

    Raises UsageError for an unknown finding, for a state that only an exception or the alert budget gives, and
    where nobody or no reason is named.
    """
    if state not in SET_BY_PEOPLE:
        raise UsageError(
            f"A finding becomes {state} by an exception or by the alert budget.",
            expected="one of " + ", ".join(sorted(SET_BY_PEOPLE)),
        )
    if not who.strip() or not reason.strip():
        raise UsageError("A change of state needs somebody who makes it and a reason.", expected="who and reason")
    now = datetime.now(UTC)
    with storage_faults(), transaction.atomic():
        for finding_id in dict.fromkeys(ids):
            row = models.Finding.objects.filter(pk=finding_id).first()
            if row is None:
                raise UsageError(
                    "There is no such finding.", where=finding_id, advice="List findings to see their ids."
                )
            row.exception = None
            record_change(row, state, who=who, reason=reason, at=now)
            row.save()


def history(finding_id: str) -> list[Change]:
    """Return the changes of this finding's state, oldest first."""
    with storage_faults():
        rows = models.FindingHistory.objects.filter(finding_id=finding_id).order_by("pk")
        return [Change(row.at, row.who, FindingState(row.before), FindingState(row.after), row.reason) for row in rows]


def record_change(row: models.Finding, after: FindingState, *, who: str, reason: str, at: datetime) -> None:
    """Change the state of ``row`` (to be saved by the caller) and keep what it was, inside an open transaction."""
    models.FindingHistory.objects.create(
        finding=row, at=at, who=who, before=row.state, after=after.value, reason=reason
    )
    outbox.add(decision_record(row, Change(at, who, FindingState(row.state), after, reason)))
    row.state = after.value
    row.updated_at = at

"""Applies the alert budget to stored findings: those beyond it get the state ``summarised``, and can be asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from waybill.control import storage_faults
from waybill.findings import models
from waybill.findings.budget import Summary, within_budget
from waybill.findings.handling import record_change
from waybill.findings.queries import Filter, every
from waybill.findings.states import FindingState

_BUDGETED = frozenset({FindingState.NEW, FindingState.SUMMARISED})


def apply_budget(per_day: int, *, since: datetime | None = None, until: datetime | None = None) -> list[Summary]:
    """Let at most ``per_day`` findings of each source and day stand as new, and return summaries of the others.

    Days are looked at as a whole, so that a grave finding which arrives late takes the place of a lesser one. What
    somebody already handles is left as it is. Give ``since`` and ``until`` as beginnings of days (UTC).
    """
    now = datetime.now(UTC)
    with storage_faults(), transaction.atomic():
        stored = list(every(Filter(since=since, until=until, states=_BUDGETED)))
        shown, summaries = within_budget((item.finding for item in stored), per_day)
        wanted = dict.fromkeys((finding.id for finding in shown), FindingState.NEW)
        for item in stored:
            after = wanted.get(item.finding.id, FindingState.SUMMARISED)
            if after is not item.state:
                row = models.Finding.objects.get(pk=item.finding.id)
                record_change(row, after, who="waybill", reason=f"alert budget of {per_day} a day", at=now)
                row.save()
    return summaries

"""How many findings each rule has made, and which exceptions hold for it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from django.db.models import Count, Max, Q

from waybill.control import storage_faults
from waybill.findings import models
from waybill.findings.exceptions import active_exceptions
from waybill.findings.states import FindingState


class Found(msgspec.Struct, frozen=True):
    """What one rule has found."""

    findings: int = 0
    excepted: int = 0
    """How many of the findings exceptions cover."""
    last: datetime | None = None
    """When the newest happened."""
    exceptions: tuple[int, ...] = ()
    """Numbers of the exceptions that name the rule and have not ended."""


NOTHING = Found()
"""Of a rule without findings and exceptions."""


def findings_by_rule() -> dict[str, Found]:
    """Return what each rule has found, by its id; rules without findings and exceptions are missing."""
    with storage_faults():
        rows = models.Finding.objects.values("rule_id").annotate(
            findings=Count("pk"),
            excepted=Count("pk", filter=Q(state=FindingState.EXCEPTED)),
            last=Max("last_time"),
        )
        found = {row["rule_id"]: Found(row["findings"], row["excepted"], row["last"]) for row in rows.order_by()}
        for exception in active_exceptions(datetime.now(UTC)):
            if exception.rule_id:
                known = found.get(exception.rule_id, NOTHING)
                found[exception.rule_id] = msgspec.structs.replace(known, exceptions=(*known.exceptions, exception.pk))
    return found

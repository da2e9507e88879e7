"""Verifications: who held a rule against the text of its source, when, and the text.

The control database must be open before this module is imported.
"""

from __future__ import annotations

import hashlib
from datetime import date

from django.db import transaction

from waybill.control import storage_faults
from waybill.outbox import adding as outbox
from waybill.outbox.kinds import Kind as Recorded
from waybill.register import legal_tables
from waybill.rulebook.verifying import Verification


def add(provision: str, quote: str, source: str, on: date, review_on: date, *, who: str) -> Verification:
    """Keep a verification that ``rulebook.verifying`` found right."""
    digest = hashlib.sha256(quote.encode()).hexdigest()
    with storage_faults(), transaction.atomic():
        legal_tables.Verification.objects.create(
            provision=provision, quote=quote, quote_sha256=digest, source=source, by=who, on=on, review_on=review_on
        )
        groups = {
            "what": {"rule": provision, "quote_sha256": digest},
            "when": {"on": on.isoformat(), "review_on": review_on.isoformat()},
            "who": {"by": who},
            "evidence": {"source": source, "quote": quote},
        }
        outbox.add(outbox.Record(Recorded.VERIFICATION, provision, groups))
    return Verification(provision, quote, digest, source, who, on, review_on)


def every() -> list[Verification]:
    """Return all verifications, the latest of a rule last."""
    with storage_faults():
        rows = legal_tables.Verification.objects.order_by("on", "id")
        return [
            Verification(row.provision, row.quote, row.quote_sha256, row.source, row.by, row.on, row.review_on)
            for row in rows
        ]


def newest() -> int:
    """Return the number of the last verification; 0 if there is none."""
    with storage_faults():
        return legal_tables.Verification.objects.order_by("-id").values_list("id", flat=True).first() or 0

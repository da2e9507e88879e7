"""Marks a case as a protected disclosure: who acted goes out of findings, records, pages and exports, for good.

Nothing can bring it back: the findings are stored without it, what later evidence says of it is not taken over, and the
groups of earlier records that name somebody go; their proofs stay.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from waybill.cases import journal, judging, protection
from waybill.control import storage_faults
from waybill.findings.shielding import shield
from waybill.flow.cases.opening import findings_of
from waybill.flow.installation import Installation
from waybill.flow.passages import stored_passages
from waybill.flow.proof.sequencing import PATIENCE
from waybill.flow.telling import without_actor
from waybill.outbox.adding import Record, add
from waybill.outbox.kinds import Kind


def protect(installation: Installation, number: int, *, who: str, reason: str) -> None:
    """Protect a case, for good. Raises UsageError where there is no such case, or no reason is given."""
    stored = findings_of(number)
    asked = {one for item in stored for one in item.finding.transfers}
    with installation.lake.snapshot() as snapshot:
        passages = stored_passages(snapshot, asked)
    alone = installation.ledger.lock.exclusive(PATIENCE)  # no record is sequenced while it changes
    with alone, storage_faults(), transaction.atomic():
        judging.protect(number, who=who, reason=reason)
        records = 0
        for item in stored:
            known = [passages[one] for one in item.finding.transfers if one in passages]
            records += shield(without_actor(item.finding, known))
        protection.protect(number, asked)
        what = {"transfers": 0, "records": records}
        basis = {"basis": f"protected disclosure: {journal.reference(number)}"}
        groups = {"what": what, "who": {"by": who}, "when": {"time": datetime.now(UTC)}, "decision": basis}
        add(Record(Kind.ERASURE, "", groups))

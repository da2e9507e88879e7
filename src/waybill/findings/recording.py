"""What the ledger proves of findings: the statement, each decision on it, each exception, in groups of fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from waybill.findings import models
from waybill.findings.states import FindingState
from waybill.ledger.batches import BatchTree
from waybill.ledger.encoding import to_base64
from waybill.model.findings import Finding
from waybill.outbox.adding import Record
from waybill.outbox.kinds import Kind

_WHAT = (
    "id",
    "detector",
    "rule_id",
    "title",
    "severity",
    "score",
    "asset",
    "channel",
    "outcome",
    "sentence",
    "advice",
    "parts",
    "tags",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a finding's state."""

    at: datetime
    who: str
    before: FindingState
    after: FindingState
    reason: str


def finding_record(finding: Finding) -> Record:
    """Return what is recorded of a finding. Its evidence is the root over the ids of its transfers, as they stand."""
    transfers = BatchTree.over([bytes.fromhex(one) for one in finding.transfers])
    groups = {
        "what": {name: getattr(finding, name) for name in _WHAT},
        "who": {"subject": finding.subject} if finding.subject else {},
        "when": {"time": finding.time, "last_time": finding.last_time},
        "evidence": {"source": finding.source, "transfers": transfers.size, "root": to_base64(transfers.root)},
    }
    return Record(Kind.FINDING, finding.id, groups, finding.subject)


def decision_record(row: models.Finding, change: Change) -> Record:
    """Return what is recorded of a change of a finding's state; ``row`` has the state from before."""
    groups = {
        "what": {"finding": row.pk, "before": change.before, "after": change.after},
        "who": {"by": change.who},
        "when": {"time": change.at},
        "decision": {"reason": change.reason},
    }
    return Record(Kind.DECISION, row.pk, groups, row.subject)


def exception_record(rule: models.ExceptionRule, *, who: str, reason: str) -> Record:
    """Return what is recorded of an exception as it now stands, and who made it so and why."""
    fields = ("rule_id", "subject", "asset", "channel", "source")
    groups = {
        "what": {"number": rule.pk, **{name: getattr(rule, name) for name in fields}},
        "who": {"owner": rule.owner, "by": who},
        "when": {"created_at": rule.created_at, "expires_at": rule.expires_at},
        "decision": {"reason": reason},
    }
    return Record(Kind.EXCEPTION, str(rule.pk), groups, rule.subject)

"""What the ledger proves of the register: each record as it was stored, changed or removed, in groups of fields."""

from __future__ import annotations

import msgspec

from waybill.outbox import adding
from waybill.outbox.kinds import Kind as Recorded
from waybill.register.fields import Kind, Record

_WHO = frozenset({"owner", "party", "org", "roles", "organisation"})
_WHEN = frozenset({"valid_from", "valid_until", "suspended_from", "suspended_until", "made_at", "due_at", "day"})
_DECISION = frozenset({"basis", "approved_egress", "grade", "reason"})
_EVIDENCE = frozenset({"transfer", "source", "file", "position", "document"})
_SEALED = frozenset({"aliases"})
"""Names of people, which are sealed elsewhere and recorded nowhere."""


def recorded(kind: Kind, record: Record, *, removed: bool = False) -> adding.Record:
    """Return what is recorded of a record of the register; ``removed`` says that it is there no longer."""
    fields = {name: value for name, value in msgspec.structs.asdict(record).items() if name not in _SEALED}
    grouped = {"who": _WHO, "when": _WHEN, "decision": _DECISION, "evidence": _EVIDENCE}
    groups: dict[str, object] = {
        group: {name: fields[name] for name in names & fields.keys() if fields[name]}
        for group, names in grouped.items()
    }
    what = fields.keys() - frozenset[str]().union(*grouped.values())
    groups["what"] = {name: fields[name] for name in what} | ({"removed": True} if removed else {})
    subject = record.id if kind is Kind.PARTIES else str(getattr(record, "party", ""))
    return adding.Record(Recorded(type(record).__name__.lower()), record.id, groups, subject)

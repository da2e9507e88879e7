"""What the ledger proves of the register: each record as it was stored, changed or removed, in groups of fields."""

from __future__ import annotations

import msgspec

from waybill.outbox import adding
from waybill.outbox.kinds import Kind as Recorded
from waybill.register.fields import Kind, Record

_KINDS = {
    Kind.ASSETS: Recorded.ASSET,
    Kind.PARTIES: Recorded.PARTY,
    Kind.PLACES: Recorded.PLACE,
    Kind.PERMITS: Recorded.PERMIT,
}
_WHO = frozenset({"owner", "party", "org", "roles"})
_WHEN = frozenset({"valid_from", "valid_until"})
_DECISION = frozenset({"basis", "approved_egress", "grade"})
_SEALED = frozenset({"aliases"})
"""Names of people, which are sealed elsewhere and recorded nowhere."""


def recorded(kind: Kind, record: Record, *, removed: bool = False) -> adding.Record:
    """Return what is recorded of a record of the register; ``removed`` says that it is there no longer."""
    fields = {name: value for name, value in msgspec.structs.asdict(record).items() if name not in _SEALED}
    what = fields.keys() - _WHO - _WHEN - _DECISION
    groups = {
        "what": {name: fields[name] for name in what} | ({"removed": True} if removed else {}),
        "who": {name: fields[name] for name in fields.keys() & _WHO if fields[name]},
        "when": {name: fields[name] for name in fields.keys() & _WHEN if fields[name]},
        "decision": {name: fields[name] for name in fields.keys() & _DECISION if fields[name]},
    }
    subject = record.id if kind is Kind.PARTIES else str(fields.get("party", ""))
    return adding.Record(_KINDS[kind], record.id, groups, subject)

"""What the ledger proves of access: each token that was made or revoked, what it allows and until when, and by whom."""

from __future__ import annotations

from waybill.access import models
from waybill.outbox.adding import Record
from waybill.outbox.kinds import Kind


def token_record(row: models.Token, *, who: str) -> Record:
    """Return what is recorded of a token as it now stands, and who made it so; nothing of its secret."""
    groups = {
        "what": {"token": row.id, "name": row.name, "scopes": row.scopes, "sources": row.sources},
        "who": {"by": who},
        "when": {"created_at": row.created_at, "expires_at": row.expires_at, "revoked_at": row.revoked_at},
    }
    return Record(Kind.AGENT_TOKEN, row.id, groups)

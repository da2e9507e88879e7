"""What the ledger proves of access: tokens, accounts with their roles, and who signed in or could not."""

from __future__ import annotations

from waybill.access import models
from waybill.outbox.adding import Record
from waybill.outbox.kinds import Kind


def token_record(row: models.Token, *, who: str) -> Record:
    """Return what is recorded of a token as it now stands, and who made it so; nothing of its secret."""
    reads = {"organisations": row.organisations, "grade": row.grade}
    groups = {
        "what": {"token": row.id, "name": row.name, "scopes": row.scopes, "sources": row.sources, **reads},
        "who": {"by": who},
        "when": {"created_at": row.created_at, "expires_at": row.expires_at, "revoked_at": row.revoked_at},
    }
    return Record(Kind.AGENT_TOKEN, row.id, groups)


def account_record(user: models.User, *, who: str) -> Record:
    """Return what is recorded of an account as it now stands, and who made it so."""
    fields = ("role", "organisations", "grade", "until")
    groups = {
        "what": {"active": user.is_active, "roles": list(user.assignments.order_by("role").values(*fields))},
        "who": {"account": user.pseudonym, "by": who},
        "when": {"created_at": user.created_at},
    }
    return Record(Kind.ACCOUNT, user.pseudonym, groups, user.pseudonym)


def sign_in_record(pseudonym: str, event: str, method: str) -> Record:
    """Return what is recorded of somebody who signed in, could not, or was invited."""
    groups = {"what": {"event": event, "method": method}, "who": {"account": pseudonym}}
    return Record(Kind.SIGN_IN, pseudonym, groups, pseudonym)

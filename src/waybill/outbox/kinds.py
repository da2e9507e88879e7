"""The kinds of records that are proved. They stand in the log in the clear, see ``ledger.commitments``."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a record is about."""

    FINDING = "finding"
    DECISION = "decision"
    """A change of a finding's state."""
    EXCEPTION = "exception"
    CASE = "case"
    """Something that was done to a case: opened, judged, merged, a clock met, evidence added."""
    ASSET = "asset"
    PARTY = "party"
    PLACE = "place"
    PERMIT = "permit"
    DISCLOSURE = "disclosure"
    """A report or a public filing with its figures."""
    DUTY = "duty"
    PRICE = "price"
    BATCH = "batch"
    """Transfers that came into the lake together: the root over their ids."""
    RETENTION = "retention"
    ERASURE = "erasure"
    UNMASKING = "unmasking"
    AGENT_TOKEN = "agent_token"  # noqa: S105 -- the name of a kind of record
    """A token of an agent that was made or revoked."""
    ACCOUNT = "account"
    """An account of a person: made, given roles, shut."""
    SIGN_IN = "sign_in"
    """Somebody was invited, signed in, or could not."""
    PERMIT_REQUEST = "permit_request"
    """A permit was asked for, granted or refused."""
    ALERT = "alert"
    """A message about new findings that was sent out."""
    AUDIT = "audit"
    """A look at all that is kept, byte by byte and record by record, and what it found."""
    BACKUP = "backup"
    """A back-up that was made, or one that this installation was restored from."""
    KEY = "key"
    """A key of the installation that was changed."""
    ASSESSMENT = "assessment"
    """What the rules on file said of a planned transfer."""

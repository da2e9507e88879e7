"""The ledger: proof that something was recorded then, that nothing was removed, and that nobody rewrote it.

A log of opaque entries as a Merkle tree (RFC 9162), kept as the static files of c2sp.org/tlog-tiles, signed as
c2sp.org/tlog-checkpoint and cosigned by witnesses. Everything here that checks needs nothing but the standard library
and ``cryptography``; ``timestamps`` and ``receipts`` are left to be imported by those who want them.
"""

from waybill.ledger.checkpoint import Checkpoint
from waybill.ledger.errors import ProofError, RestoredError
from waybill.ledger.keys import SignatureType, SigningKey, VerifierKey
from waybill.ledger.log import Log
from waybill.ledger.note import Note
from waybill.ledger.policy import Policy, Witnessed
from waybill.ledger.proof import Proof
from waybill.ledger.rows import Fault
from waybill.ledger.source import FolderSource, Source, WebSource, open_source
from waybill.ledger.verify import Verification, verify

__all__ = [
    "Checkpoint",
    "Fault",
    "FolderSource",
    "Log",
    "Note",
    "Policy",
    "Proof",
    "ProofError",
    "RestoredError",
    "SignatureType",
    "SigningKey",
    "Source",
    "Verification",
    "VerifierKey",
    "WebSource",
    "Witnessed",
    "open_source",
    "verify",
]

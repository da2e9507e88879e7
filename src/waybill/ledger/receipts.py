"""COSE receipts (RFC 9942): a proof of inclusion in the form that SCITT tools read (RFC 9943).

A receipt says what a ``.tlog-proof`` says, without cosignatures: the root is signed by the log alone. It needs the
extra ``receipts`` (scitt-cose).
"""

from __future__ import annotations

import time

import cbor2
from scitt_cose import CoseError, sign_sign1, verify_receipt

from waybill.ledger import merkle
from waybill.ledger.checkpoint import Checkpoint
from waybill.ledger.errors import ProofError
from waybill.ledger.keys import SigningKey, VerifierKey
from waybill.ledger.proof import Proof
from waybill.model.errors import UsageError

# Labels of RFC 9942 sections 2 and 5.2, RFC 9052 and RFC 8392.
_STRUCTURE, _RFC9162_SHA256 = 395, 1
_PROOFS, _INCLUSION = 396, -1
_KEY_ID, _CLAIMS = 4, 15
_ISSUER, _SUBJECT, _ISSUED_AT = 1, 2, 6


def make_receipt(proof: Proof, entry: bytes, signer: SigningKey, subject: str) -> bytes:
    """Return a receipt for ``entry``, signed by its log; ``subject`` says what the entry is about (RFC 9943)."""
    checkpoint = Checkpoint.parse(proof.note.text)
    if checkpoint.origin != signer.verifier.name or not proof.note.verified([signer.verifier]):
        raise UsageError("a receipt is signed by the log that made the proof", where=checkpoint.origin)
    merkle.verify_inclusion(merkle.leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    claims = {_ISSUER: checkpoint.origin, _SUBJECT: subject, _ISSUED_AT: int(time.time())}
    inclusion = cbor2.dumps([checkpoint.size, proof.index, list(proof.path)])
    return bytes(
        sign_sign1(
            checkpoint.root,
            alg="EdDSA",
            private_key_pem=signer.pem(),
            protected={_STRUCTURE: _RFC9162_SHA256, _CLAIMS: claims, _KEY_ID: signer.verifier.id},
            unprotected={_PROOFS: {_INCLUSION: [inclusion]}},
            detached=True,
        )
    )


def check_receipt(receipt: bytes, entry: bytes, key: VerifierKey) -> tuple[int, int]:
    """Check that ``key``'s log vouches for ``entry``; returns its index and the size of the tree."""
    try:
        found = verify_receipt(receipt, leaf_entry_hex=entry.hex(), log_public_key_pem=key.pem())
    except CoseError as error:
        raise ProofError(f"the receipt does not hold: {error}", where=key.name) from None
    if not found.ok or found.leaf_index is None or found.tree_size is None:
        raise ProofError(f"the receipt does not hold: {'; '.join(map(str, found.errors))}", where=key.name)
    if found.issuer != key.name:
        raise ProofError("the receipt names another log", where=str(found.issuer), expected=key.name)
    return found.leaf_index, found.tree_size

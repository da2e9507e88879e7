"""What a log and a witness say to each other: the ``add-checkpoint`` call of c2sp.org/tlog-witness."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from waybill.ledger.encoding import from_base64, to_base64, to_number
from waybill.ledger.errors import ProofError
from waybill.ledger.merkle import HASH_BYTES, MOST_STEPS
from waybill.ledger.note import Note

SIZE = "text/x.tlog.size"
"""Content type of an answer that tells the size the witness knows."""

TEXT = "text/plain; charset=utf-8"

MOST_REQUEST_BYTES = 1 << 18
"""Room for a proof and for 70 post-quantum signatures."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness answers: a status of HTTP, a body and its content type."""

    status: int
    body: str
    type: str = TEXT


class Cosigner(Protocol):
    """A witness, here or elsewhere."""

    @property
    def name(self) -> str:
        """What to call it."""
        ...

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request; raise ``InputError`` if no answer can be had."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A checkpoint to cosign, and the proof that it extends the one of ``old`` entries."""

    old: int
    proof: Sequence[bytes]
    note: Note

    def __bytes__(self) -> bytes:
        lines = [f"old {self.old}", *map(to_base64, self.proof), ""]
        return ("\n".join(lines) + f"\n{self.note}").encode()

    @classmethod
    def parse(cls, body: bytes) -> Request:
        """Read a request; nothing in it is checked beyond its form."""
        head, gap, note = body.partition(b"\n\n")
        first, *steps = head.decode("utf-8", "replace").split("\n")
        if not gap or not first.startswith("old ") or len(steps) > MOST_STEPS:
            raise ProofError("this is no add-checkpoint request", expected="old SIZE, hashes, a gap, a checkpoint")
        proof = [from_base64(step, HASH_BYTES) for step in steps]
        return cls(to_number(first.removeprefix("old ")), proof, Note.parse(note))


def origin_id(origin: str) -> str:
    """Return what names a log in a witness's folders and addresses: the SHA-256 of its origin."""
    return hashlib.sha256(origin.encode()).hexdigest()

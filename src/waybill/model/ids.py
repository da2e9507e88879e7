"""Identities that survive re-reading.

A transfer's id is a keyed BLAKE2b (RFC 7693) over its source, its canonical record and, where that record occurs
more than once in one file, the number of the occurrence: two equal log lines are two transfers, the same file
read twice is none. The key is the installation's own, so that an id tells nothing about the record behind it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

ID_BYTES = 16
"""Length of transfer and finding ids."""

KEY_BYTES = 32
"""Length of the installation's id key."""


def record_hasher(key: bytes, source: str) -> Callable[[bytes], bytes]:
    """Return a function from the canonical bytes of one record of ``source`` to the id of its first occurrence.

    Canonical are, for a line of a text log, the line without its line end; for a record inside a document, its
    JSON with sorted keys and no white space.
    """
    seeded = hashlib.blake2b(source.encode() + b"\0", digest_size=ID_BYTES, key=key)

    def record_id(canonical: bytes) -> bytes:
        hasher = seeded.copy()
        hasher.update(canonical)
        return hasher.digest()

    return record_id


def occurrence_id(first: bytes, occurrence: int, key: bytes) -> bytes:
    """Return the id of a repeated record: ``occurrence`` counts from 0 within one file; 0 gives ``first`` itself."""
    if occurrence == 0:
        return first
    return hashlib.blake2b(first + occurrence.to_bytes(8, "big"), digest_size=ID_BYTES, key=key).digest()


def finding_id(*parts: str) -> str:
    """Return the id of a finding as 32 hex digits; equal parts (detector, rule, subject, asset, day), equal id."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=ID_BYTES).hexdigest()

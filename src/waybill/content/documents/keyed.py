"""Keyed hashes of fingerprints, so that nobody without the key can look a text up in what is stored of it."""

from __future__ import annotations

import hashlib

from waybill.content.documents.winnowing import Hashes
from waybill.content.siphash import hash_numbers, key_of


def derived(secret: bytes, purpose: str, size: int = 16) -> bytes:
    """Return a key for one purpose from the installation's secret (keyed BLAKE2b)."""
    return hashlib.blake2b(purpose.encode(), key=secret, digest_size=size).digest()


def keyed(values: Hashes, secret: bytes) -> Hashes:
    """Return SipHash-2-4 of each value, taken as eight bytes, the lowest first; all at once."""
    return hash_numbers(values, key_of(secret))

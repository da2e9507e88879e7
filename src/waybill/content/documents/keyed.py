"""Keyed hashes of fingerprints, so that nobody without the key can look a text up in what is stored of it."""

from __future__ import annotations

import hashlib

import numpy as np

from waybill.content.documents.winnowing import Hashes
from waybill.content.siphash import Key, key_of

_V0, _V1 = np.uint64(0x736F6D6570736575), np.uint64(0x646F72616E646F6D)
_V2, _V3 = np.uint64(0x6C7967656E657261), np.uint64(0x7465646279746573)
_LENGTH = np.uint64(8 << 56)
_LAST = np.uint64(255)


def derived(secret: bytes, purpose: str, size: int = 16) -> bytes:
    """Return a key for one purpose from the installation's secret (keyed BLAKE2b)."""
    return hashlib.blake2b(purpose.encode(), key=secret, digest_size=size).digest()


def keyed(values: Hashes, secret: bytes) -> Hashes:
    """Return SipHash-2-4 of each value, taken as eight bytes, the lowest first; all at once."""
    key: Key = key_of(secret)
    state = [np.full(len(values), v, np.uint64) for v in (_V0 ^ key.low, _V1 ^ key.high, _V2 ^ key.low, _V3 ^ key.high)]
    for word in (values, np.full(len(values), _LENGTH)):
        state[3] ^= word
        _rounds(state, 2)
        state[0] ^= word
    state[2] ^= _LAST
    _rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _rounds(state: list[Hashes], count: int) -> None:
    v0, v1, v2, v3 = state
    for _ in range(count):
        v0 += v1
        v2 += v3
        v1 = _rotated(v1, 13) ^ v0
        v3 = _rotated(v3, 16) ^ v2
        v0 = _rotated(v0, 32)
        v2 += v1
        v0 += v3
        v1 = _rotated(v1, 17) ^ v2
        v3 = _rotated(v3, 21) ^ v0
        v2 = _rotated(v2, 32)
    state[:] = [v0, v1, v2, v3]


def _rotated(values: Hashes, bits: int) -> Hashes:
    return (values << np.uint64(bits)) | (values >> np.uint64(64 - bits))

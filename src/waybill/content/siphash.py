"""SipHash-2-4 (Aumasson and Bernstein, 2012): keyed hashes of 64 bits, for values that must never rest in the clear."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from waybill.content.compiled import compiled
from waybill.content.runs import CLASS, Bytes
from waybill.model.errors import UsageError

Hashes = npt.NDArray[np.uint64]

KEY_BYTES = 16
LONGEST_VALUE = 256
"""Bytes of a value that count; what is longer is told apart by its beginning."""

_V0, _V1 = np.uint64(0x736F6D6570736575), np.uint64(0x646F72616E646F6D)
_V2, _V3 = np.uint64(0x6C7967656E657261), np.uint64(0x7465646279746573)
_LENGTH, _LAST = np.uint64(8 << 56), np.uint64(255)


class Key(NamedTuple):
    """A key as two numbers."""

    low: np.uint64
    high: np.uint64


def key_of(secret: bytes) -> Key:
    """Return a key of 16 bytes. Raises UsageError where there are more or fewer."""
    if len(secret) != KEY_BYTES:
        raise UsageError(f"a key has {KEY_BYTES} bytes, not {len(secret)}")
    return Key(*np.frombuffer(secret, "<u8"))


def _plain_rounds(state: Hashes, count: int) -> None:
    """Mix four numbers, or four rows of them."""
    v0, v1, v2, v3 = state[0], state[1], state[2], state[3]
    for _ in range(count):
        v0 += v1
        v2 += v3
        v1 = ((v1 << np.uint64(13)) | (v1 >> np.uint64(51))) ^ v0
        v3 = ((v3 << np.uint64(16)) | (v3 >> np.uint64(48))) ^ v2
        v0 = (v0 << np.uint64(32)) | (v0 >> np.uint64(32))
        v2 += v1
        v0 += v3
        v1 = ((v1 << np.uint64(17)) | (v1 >> np.uint64(47))) ^ v2
        v3 = ((v3 << np.uint64(21)) | (v3 >> np.uint64(43))) ^ v0
        v2 = (v2 << np.uint64(32)) | (v2 >> np.uint64(32))
    state[0], state[1], state[2], state[3] = v0, v1, v2, v3


_rounds = compiled(_plain_rounds)


@compiled
def hash_text(text: Bytes, size: int, low: np.uint64, high: np.uint64, state: Hashes) -> np.uint64:
    """Return the hash of the first ``size`` bytes; ``state`` is room for four numbers."""
    state[0], state[1], state[2], state[3] = _V0 ^ low, _V1 ^ high, _V2 ^ low, _V3 ^ high
    for start in range(0, size + 1, 8):
        word = np.uint64(size & 255) << np.uint64(56) if size - start < 8 else np.uint64(0)
        for place in range(min(8, size - start)):
            word |= np.uint64(text[start + place]) << np.uint64(8 * place)
        state[3] ^= word
        _rounds(state, 2)
        state[0] ^= word
    state[2] ^= _LAST
    _rounds(state, 4)
    return np.uint64(state[0] ^ state[1] ^ state[2] ^ state[3])


@compiled
def folded(data: Bytes, start: int, end: int, text: Bytes) -> int:
    """Put a value as it is compared into ``text``: capital letters, digits and what is not ASCII; return its size.

    So ``6222 0000-1`` equals ``622200001``, and ``a.b@example.org`` equals ``A.B@EXAMPLE.ORG``.
    """
    size = 0
    for at in range(start, end):
        code = data[at]
        if size < len(text) and (CLASS[code] != 0 or code >= 128):
            text[size] = code - 32 if 97 <= code <= 122 else code
            size += 1
    return size


@compiled
def _hash_spans(data: Bytes, spans: npt.NDArray[np.int64], low: np.uint64, high: np.uint64, found: Hashes) -> None:
    text, state = np.empty(LONGEST_VALUE, np.uint8), np.empty(4, np.uint64)
    for at in range(len(spans)):
        found[at] = hash_text(text, folded(data, spans[at, 0], spans[at, 1], text), low, high, state)


def hash_spans(data: Bytes, spans: npt.NDArray[np.int64], key: Key) -> Hashes:
    """Return the hash of each value (rows of where it begins and ends), folded."""
    found = np.empty(len(spans), np.uint64)
    with np.errstate(over="ignore"):  # the sums are meant to wrap round
        _hash_spans(data, spans, key.low, key.high, found)
    return found


def hash_numbers(values: Hashes, key: Key) -> Hashes:
    """Return the hash of each number, taken as eight bytes, the lowest first; all at once, fast in plain NumPy too."""
    state = np.empty((4, len(values)), np.uint64)
    state[0], state[1], state[2], state[3] = _V0 ^ key.low, _V1 ^ key.high, _V2 ^ key.low, _V3 ^ key.high
    for word in (values, _LENGTH):
        state[3] ^= word
        _plain_rounds(state, 2)
        state[0] ^= word
    state[2] ^= _LAST
    _plain_rounds(state, 4)
    return np.asarray(state[0] ^ state[1] ^ state[2] ^ state[3])

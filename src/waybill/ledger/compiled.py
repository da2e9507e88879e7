"""Hashing compiled by numba, which calls OpenSSL's SHA-256 without Python in between (extra ``compiled``).

OpenSSL's functions for one algorithm are deprecated in favour of those that find one by name, and do per hash a
fraction of the work; where a build leaves them out, ``Plain`` does.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Any

import numpy as np
from llvmlite import binding
from numba import njit, types

from waybill.ledger.errors import ProofError
from waybill.ledger.hashing import NO_BUNDLE, position
from waybill.ledger.merkle import HASH_BYTES
from waybill.ledger.tiles import LEVELS, WIDTH, Bundle

_LIBRARY = ctypes.util.find_library("crypto")
if _LIBRARY is None or not hasattr(ctypes.CDLL(_LIBRARY), "SHA256_Init"):
    raise ImportError("OpenSSL's SHA256_Init cannot be had here")
binding.load_library_permanently(_LIBRARY)

_begin: Any = types.ExternalFunction("SHA256_Init", types.int32(types.voidptr))
_add: Any = types.ExternalFunction("SHA256_Update", types.int32(types.voidptr, types.voidptr, types.uintp))
_end: Any = types.ExternalFunction("SHA256_Final", types.int32(types.voidptr, types.voidptr))

_CONTEXT_BYTES = 256
"""More than OpenSSL's SHA256_CTX takes (112)."""

_READ = types.Array(types.uint8, 1, "C", readonly=True)
_WRITE = types.Array(types.uint8, 1, "C")
_PLACES = np.array([[position(level, index) for index in range(WIDTH)] for level in range(LEVELS + 1)], np.int64)
"""Where the nodes over a full tile stand, by level and index (rows are longer than their level)."""


@njit([types.int64(_READ, _WRITE)], nogil=True, cache=True)
def _hash_entries(bundle: Any, hashes: Any) -> int:  # pragma: no cover  compiled
    """Hash the entries of a bundle; return their number, or -1 if it is none."""
    context, mark = np.empty(_CONTEXT_BYTES, np.uint8), np.zeros(1, np.uint8)
    count, start = 0, 0
    while start < bundle.size:
        if start + 2 > bundle.size or count == WIDTH:
            return -1
        length = (np.int64(bundle[start]) << 8) + bundle[start + 1]
        start += 2
        if start + length > bundle.size:
            return -1
        _begin(context.ctypes)
        _add(context.ctypes, mark.ctypes, 1)
        _add(context.ctypes, bundle[start:].ctypes, length)
        _end(hashes[count * HASH_BYTES :].ctypes, context.ctypes)
        count += 1
        start += length
    return count


@njit([types.void(_READ, types.Array(types.int64, 2, "C"), _WRITE)], nogil=True, cache=True)
def _hash_nodes(leaves: Any, places: Any, nodes: Any) -> None:  # pragma: no cover  compiled
    """Put the leaves and the nodes over them, a power of two, at their places."""
    context, pair = np.empty(_CONTEXT_BYTES, np.uint8), np.ones(1 + 2 * HASH_BYTES, np.uint8)
    width = leaves.size // HASH_BYTES
    for index in range(width):
        at = places[0, index] * HASH_BYTES
        nodes[at : at + HASH_BYTES] = leaves[index * HASH_BYTES : (index + 1) * HASH_BYTES]
    level = 1
    while width > 1:
        width //= 2
        for index in range(width):
            left, right = places[level - 1, 2 * index] * HASH_BYTES, places[level - 1, 2 * index + 1] * HASH_BYTES
            pair[1 : 1 + HASH_BYTES] = nodes[left : left + HASH_BYTES]
            pair[1 + HASH_BYTES :] = nodes[right : right + HASH_BYTES]
            _begin(context.ctypes)
            _add(context.ctypes, pair.ctypes, pair.size)
            _end(nodes[places[level, index] * HASH_BYTES :].ctypes, context.ctypes)
        level += 1


class Compiled:
    """As ``Plain``, with the same answers."""

    def leaves(self, bundle: Bundle) -> bytes:
        """Return the hashes of a bundle's entries."""
        hashes = np.empty(WIDTH * HASH_BYTES, np.uint8)
        count = _hash_entries(np.frombuffer(bundle.content, np.uint8), hashes)
        if count < 0:
            raise ProofError(NO_BUNDLE)
        return hashes[: count * HASH_BYTES].tobytes()

    def nodes(self, leaves: bytes) -> bytes:
        """Return all nodes over the leaves of a full tile."""
        count = len(leaves) // HASH_BYTES
        nodes = np.empty((2 * count - 1) * HASH_BYTES, np.uint8)
        _hash_nodes(np.frombuffer(leaves, np.uint8), _PLACES, nodes)
        return nodes.tobytes()

    def root(self, hashes: bytes) -> bytes:
        """Return the root of a perfect subtree."""
        return self.nodes(hashes)[-HASH_BYTES:]

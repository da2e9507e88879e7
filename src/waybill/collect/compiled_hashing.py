"""Keyed BLAKE2b (RFC 7693) of many records, eight at a time, for numba to compile (extra ``compiled``).

A round does the same to every record, so that eight of them are the eight lanes of a vector. Records of about the same
length go together; a lane whose record is at its end waits for the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from waybill.collect.compiled_words import NOTHING, read, word_at
from waybill.collect.machine_code import BLAKE2B, HASHED_TOGETHER

_BLOCK = 128
"""Bytes that are hashed at once."""

_WORDS, _COUNTERS, _FINALS, _MASKS = (row * HASHED_TOGETHER for row in (8, 24, 25, 26))
"""Where in the room the words of blocks are, and behind them how much was hashed, whether all, and who waits."""

_ALL = np.uint64(2**64 - 1)

_SIGMA = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    (14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3),
    (11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4),
    (7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8),
    (9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13),
    (2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9),
    (12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11),
    (13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10),
    (6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5),
    (10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0),
)
"""Which words of a block each round takes, in order; the last two rounds take those of the first two."""

_MIXED = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
          (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))  # fmt: skip
"""The parts of the state that are mixed with each other, columns first, then diagonals."""

_VECTOR = ir.VectorType(ir.IntType(64), HASHED_TOGETHER)


def _compress(context: Any, room: Any) -> Any:
    """Take a block of every lane into its state: both are in the room, as ``hash_records`` lays it out."""

    def written(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        rows = builder.bitcast(arguments[0], _VECTOR.as_pointer())

        def row(number: int) -> Any:
            return builder.gep(rows, [ir.Constant(ir.IntType(64), number)])

        def loaded(number: int) -> Any:
            return builder.load(row(number), align=8)

        def turned(word: Any, bits: int) -> Any:
            right, left = (ir.Constant(_VECTOR, [count] * HASHED_TOGETHER) for count in (bits, 64 - bits))
            return builder.or_(builder.lshr(word, right), builder.shl(word, left))

        before = [loaded(number) for number in range(8)]
        state = before + [ir.Constant(_VECTOR, [word] * HASHED_TOGETHER) for word in BLAKE2B]
        state[12] = builder.xor(state[12], loaded(_COUNTERS // HASHED_TOGETHER))
        state[14] = builder.xor(state[14], loaded(_FINALS // HASHED_TOGETHER))
        for taken in (*_SIGMA, *_SIGMA[:2]):
            for number, (a, b, c, d) in enumerate(_MIXED):
                for word, turn, turn_back in ((taken[2 * number], 32, 24), (taken[2 * number + 1], 16, 63)):
                    state[a] = builder.add(builder.add(state[a], state[b]), loaded(_WORDS // HASHED_TOGETHER + word))
                    state[d] = turned(builder.xor(state[d], state[a]), turn)
                    state[c] = builder.add(state[c], state[d])
                    state[b] = turned(builder.xor(state[b], state[c]), turn_back)
        mask = loaded(_MASKS // HASHED_TOGETHER)
        for number, old in enumerate(before):
            new = builder.and_(builder.xor(state[number], state[number + 8]), mask)
            builder.store(builder.xor(old, new), row(number), align=8)
        return ir.Constant(ir.IntType(64), 0)

    return types.int64(room), written


_compressed: Any = intrinsic(_compress)


@njit(forceinline=True)
def _word(head: Any, length: Any, data: Any, place: Any, start: Any, end: Any) -> Any:  # pragma: no cover  compiled
    """Return eight bytes of what stands before all records and one record behind it; behind its end, 0."""
    if place >= length:
        return read(data, start + place - length, end)
    if place + 8 <= length:
        return word_at(head, place)
    word = read(data, start, end) << np.uint64(8 * (length - place))
    for at in range(place, length):
        word |= np.uint64(head[at]) << np.uint64(8 * (at - place))
    return word


@njit(forceinline=True)
def _fill(
    room: Any, lane: Any, block: Any, head: Any, length: Any, data: Any, start: Any, end: Any
) -> Any:  # pragma: no cover  compiled
    """Put a block of the head and a record into a lane."""
    first = block * _BLOCK
    at = start + first - length
    if first >= length and at + _BLOCK <= end:
        for word in range(16):
            room[_WORDS + word * HASHED_TOGETHER + lane] = word_at(data, at + 8 * word)
    else:
        for word in range(16):
            taken = _word(head, length, data, first + 8 * word, start, end)
            room[_WORDS + word * HASHED_TOGETHER + lane] = taken


@njit(forceinline=True)
def _take(room: Any, lane: Any, size: Any, block: Any) -> Any:  # pragma: no cover  compiled
    """Note how much of a text of some size is hashed after a block; return whether there is that block."""
    last = (size - 1) // _BLOCK
    room[_COUNTERS + lane] = np.uint64(min(size, (block + 1) * _BLOCK))
    room[_FINALS + lane] = _ALL if block == last else NOTHING
    room[_MASKS + lane] = _ALL if block <= last else NOTHING
    return block <= last


def hash_records(
    data: Any, ends: Any, count: Any, order: Any, head: Any, length: Any, begin: Any, room: Any, digests: Any
) -> Any:  # pragma: no cover  compiled
    """Write the first 16 bytes of the digest of each record, behind a head that is the same for all.

    Records have a letter between them. ``order``: their numbers, by length. ``begin``: the state before the first
    block, which becomes that behind the whole blocks of the head. ``room``: a row of eight lanes for each word of
    state and block, and for what is known of each.
    """
    whole = (length - 1) // _BLOCK
    for block in range(whole):
        for lane in range(HASHED_TOGETHER):
            for word in range(8):
                room[word * HASHED_TOGETHER + lane] = begin[word]
            for word in range(16):
                room[_WORDS + word * HASHED_TOGETHER + lane] = word_at(head, block * _BLOCK + 8 * word)
            _take(room, lane, length + 1, block)
        _compressed(room)
        for word in range(8):
            begin[word] = room[word * HASHED_TOGETHER]
    for first in range(0, count, HASHED_TOGETHER):
        longest = 0
        for lane in range(HASHED_TOGETHER):
            row = order[min(first + lane, count - 1)]
            start = ends[row - 1] + 1 if row else 0
            longest = max(longest, ends[row] - start)
            for word in range(8):
                room[word * HASHED_TOGETHER + lane] = begin[word]
        for block in range(whole, (length + longest - 1) // _BLOCK + 1):
            for lane in range(HASHED_TOGETHER):
                row = order[min(first + lane, count - 1)]
                start, end = ends[row - 1] + 1 if row else 0, ends[row]
                if _take(room, lane, length + end - start, block):
                    _fill(room, lane, block, head, length, data, start, end)
            _compressed(room)
        for lane in range(min(HASHED_TOGETHER, count - first)):
            row = order[first + lane]
            digests[2 * row], digests[2 * row + 1] = room[lane], room[HASHED_TOGETHER + lane]
    return count

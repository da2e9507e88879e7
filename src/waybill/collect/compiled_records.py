"""Flat records of JSON to numbers of their strings and scalars, for numba to compile (extra ``compiled``)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from waybill.collect.compiled_words import HIGHS, NOTHING, bytes_of, eight, read, word_at, zeros
from waybill.collect.machine_code import HIDES, IS_LIST, IS_SCALAR, NO_ROOM

_QUOTE, _BACKSLASH, _LINE_END, _BLANK, _TAB, _RETURN, _U = b'"\\\n \t\ru'
_COLON, _COMMA, _OPEN, _SHUT, _BEGIN, _END = b":,[]{}"
_QUOTES, _BACKSLASHES, _BLANKS = eight(_QUOTE), eight(_BACKSLASH), eight(_BLANK)

_BEHIND_SCALARS = tuple(b'",:{}[]')

_NOT_FLAT = -2
"""What is returned of a line that is left to whoever reads records one by one."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
_TRIES = 64
"""How many other texts may be met in looking for one: more are no accident."""


@njit(forceinline=True)
def _mixed(key: Any, word: Any) -> Any:  # pragma: no cover  compiled
    key = (key ^ word) * _MIX
    return key ^ (key >> np.uint64(29))


@njit(forceinline=True)
def _string(data: Any, at: Any, end: Any, key: Any) -> Any:  # pragma: no cover  compiled
    """Return where the string ends that begins behind a quote, its key and its marks; -1 if it does not end here."""
    marks = 0
    while True:
        word = read(data, at, end)
        special = bytes_of(word, _QUOTES) | bytes_of(word, _BACKSLASHES) | ((word - _BLANKS) & ~word & HIGHS)
        if special == NOTHING:
            key = _mixed(key, word)
            at += 8
            continue
        bits = zeros(special) - 7
        key = _mixed(key, word & ((np.uint64(1) << np.uint64(bits)) - np.uint64(1)))
        at += bits >> 3
        if at >= end or data[at] < 0x20:
            return -1, key, marks
        if data[at] == _QUOTE:
            return at, key, marks
        if at + 1 >= end or data[at + 1] < 0x20:
            return -1, key, marks
        if data[at + 1] == _U:
            marks = HIDES
        key = _mixed(key, np.uint64(data[at + 1]))
        at += 2


@njit(forceinline=True)
def _past_blanks(data: Any, at: Any, end: Any) -> Any:  # pragma: no cover  compiled
    while at < end and (data[at] == _BLANK or data[at] == _TAB or data[at] == _RETURN):
        at += 1
    return at


@njit(forceinline=True)
def _ends_scalar(byte: Any) -> Any:  # pragma: no cover  compiled
    return byte <= _BLANK or byte in _BEHIND_SCALARS


@njit(forceinline=True)
def _number(data: Any, start: Any, end: Any, key: Any, marks: Any, room: Any) -> Any:  # pragma: no cover  compiled
    """Return the number of a token, a new one if it was not met, or that there is no room."""
    tokens, slots, keys, counts, most, last_slot = room
    slot = np.int64(key & np.uint64(last_slot))
    for _ in range(_TRIES):
        number = slots[slot] - 1
        if number < 0:
            number = counts[2]
            if number >= most:
                return NO_ROOM
            counts[2] = number + 1
            slots[slot] = number + 1
            keys[number] = key
            tokens[3 * number], tokens[3 * number + 1], tokens[3 * number + 2] = start, end, marks
            return number
        if keys[number] == key and tokens[3 * number + 2] == marks:
            first = tokens[3 * number]
            length = end - start
            if tokens[3 * number + 1] - first == length:
                place = 0
                while place + 8 <= length and word_at(data, first + place) == word_at(data, start + place):
                    place += 8
                while place < length and data[first + place] == data[start + place]:
                    place += 1
                if place >= length:
                    return number
        slot = (slot + 1) & last_slot
    return NO_ROOM


@njit(forceinline=True)
def _token(data: Any, at: Any, end: Any, seed: Any, room: Any) -> Any:  # pragma: no cover  compiled
    """Return the number of the string or scalar that begins here, or why there is none, and where it ends."""
    if data[at] == _QUOTE:
        close, key, marks = _string(data, at + 1, end, seed)
        if close < 0:
            return _NOT_FLAT, at
        return _number(data, at, close + 1, _mixed(key, np.uint64(close - at)), marks, room), close + 1
    start, key = at, ~seed
    while at < end and not _ends_scalar(data[at]):
        key = _mixed(key, np.uint64(data[at]))
        at += 1
    if at == start:
        return _NOT_FLAT, at
    return _number(data, start, at, key, IS_SCALAR, room), at


@njit(forceinline=True)
def _record(
    data: Any, at: Any, end: Any, seed: Any, fields: Any, members: Any, counts: Any, room: Any
) -> Any:  # pragma: no cover  compiled
    """Read a record; return where it ends, or why it is not read."""
    at = _past_blanks(data, at + 1, end)
    while True:
        if at >= end or data[at] != _QUOTE:
            return _NOT_FLAT
        name, at = _token(data, at, end, seed, room)
        if name < 0:
            return name
        at = _past_blanks(data, at, end)
        if at >= end or data[at] != _COLON:
            return _NOT_FLAT
        at = _past_blanks(data, at + 1, end)
        if at >= end:
            return _NOT_FLAT
        field = 3 * counts[0]
        fields[field] = name
        if data[at] == _OPEN:
            fields[field + 2] = IS_LIST
            fields[field + 1] = counts[1]
            while True:
                at = _past_blanks(data, at + 1, end)
                if at >= end or data[at] != _QUOTE:
                    return _NOT_FLAT
                value, at = _token(data, at, end, seed, room)
                if value < 0:
                    return value
                members[2 * counts[1]], members[2 * counts[1] + 1] = counts[0], value
                counts[1] += 1
                at = _past_blanks(data, at, end)
                if at >= end:
                    return _NOT_FLAT
                if data[at] == _SHUT:
                    break
                if data[at] != _COMMA:
                    return _NOT_FLAT
            at += 1
        else:
            value, at = _token(data, at, end, seed, room)
            if value < 0:
                return value
            fields[field + 1] = value
            fields[field + 2] = 0
        counts[0] += 1
        at = _past_blanks(data, at, end)
        if at >= end:
            return _NOT_FLAT
        if data[at] == _END:
            return at + 1
        if data[at] != _COMMA:
            return _NOT_FLAT
        at = _past_blanks(data, at + 1, end)


def read_lines(
    data: Any,
    end: Any,
    seed: Any,
    fields: Any,
    members: Any,
    records: Any,
    tokens: Any,
    slots: Any,
    keys: Any,
    most: Any,
    last_slot: Any,
    counts: Any,
) -> Any:  # pragma: no cover  compiled
    """Read the flat records among lines; return how many there are, or that there is no room.

    ``counts``: fields, members of lists, tokens. A record is its line, counted from 0, and its first field; a field is
    its name, its value or first member, and its marks; a token is where it begins and ends, and its marks.
    """
    room = (tokens, slots, keys, counts, most, last_slot)
    line, found, at = 0, 0, 0
    while at < end:
        at = _past_blanks(data, at, end)
        fields_before, members_before = counts[0], counts[1]
        behind = _NOT_FLAT
        if at < end and data[at] == _BEGIN:
            behind = _record(data, at, end, seed, fields, members, counts, room)
        if behind == NO_ROOM:
            return NO_ROOM
        if behind >= 0:
            at = _past_blanks(data, behind, end)
        if behind >= 0 and (at >= end or data[at] == _LINE_END):
            records[2 * found], records[2 * found + 1] = line, fields_before
            found += 1
        else:
            counts[0], counts[1] = fields_before, members_before
        while at < end and data[at] != _LINE_END:
            at += 1
        at += 1
        line += 1
    return found


def join_tokens(data: Any, tokens: Any, count: Any, room: Any) -> Any:  # pragma: no cover  compiled
    """Write tokens as one array of JSON; return how many bytes it has."""
    free = 0
    for number in range(count):
        room[free] = _COMMA if number else _OPEN
        free += 1
        for at in range(tokens[3 * number], tokens[3 * number + 1]):
            room[free] = data[at]
            free += 1
    room[free] = _SHUT
    return free + 1

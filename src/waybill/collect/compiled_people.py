"""Where texts may give somebody away, for numba to compile (extra ``compiled``): what ``patterns`` finds, and more."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from waybill.collect.compiled_words import NOTHING, ONES, bytes_of, eight, read, zeros

_AT, _SLASH, _HYPHEN, _BACKSLASH, _LINE_END, _DOT = b"@/-\\\n."
_ATS, _SLASHES, _HYPHENS, _BACKSLASHES, _LINE_ENDS = map(eight, b"@/-\\\n")
_LOCAL_SID, _ENTRA_SID = (np.uint64(int.from_bytes(text, "little")) for text in (b"-1-5-21-", b"-1-12-1-"))
_USERS, _HOME, _SETTINGS = (np.uint64(int.from_bytes(text, "little")) for text in (b"sers", b"home", b"ings"))
"""How folders of folders of users end."""

_HKLM = np.uint64(int.from_bytes(b"HKLM", "little"))
"""What stands before a backslash most often, in the paths of Windows' registry; no domain, as ``patterns`` knows."""

_NOT_BEFORE_DOMAINS = tuple(b"\\/%$_")
_NOT_IN_ACCOUNTS = tuple(b'/:*?"<>|@')
_CASE = np.uint64(0x2020202020202020)
"""The bits that letters differ by in upper and lower case."""


@njit(forceinline=True)
def _is_digit_or_capital(byte: Any) -> Any:  # pragma: no cover  compiled
    return 48 <= byte <= 57 or 65 <= byte <= 90


@njit(forceinline=True)
def _is_account(data: Any, at: Any, start: Any, end: Any) -> Any:  # pragma: no cover  compiled
    """Return whether an account may begin at a backslash: there is a domain before it, and a name behind."""
    behind = at + 2 if at + 1 < end and data[at + 1] == _BACKSLASH else at + 1
    if behind >= end or not (_is_digit_or_capital(data[behind]) or data[behind] >= 97):
        return False
    place = at - 1
    if place < start or not _is_digit_or_capital(data[place]):
        return False
    while place >= start and (_is_digit_or_capital(data[place]) or data[place] == _HYPHEN or data[place] == _DOT):
        place -= 1
    if data[place + 1] < 65:  # neither a digit nor a mark begins a domain
        return False
    if at - place == 5 and read(data, place + 1, at) == _HKLM:
        return False
    return place < start or not (97 <= data[place] <= 122 or data[place] in _NOT_BEFORE_DOMAINS)


@njit(forceinline=True)
def _is_folder(data: Any, at: Any, start: Any) -> Any:  # pragma: no cover  compiled
    """Return whether a folder of users may end at a separator, by the last letters of its name."""
    if at - start < 4:
        return False
    letters = (read(data, at - 4, at) | _CASE) & np.uint64(0xFFFFFFFF)
    return letters in (_USERS, _HOME, _SETTINGS)


@njit(forceinline=True)
def _is_whole_account(data: Any, start: Any, end: Any) -> Any:  # pragma: no cover  compiled
    """Return whether a text with one backslash holds nothing that an account as a whole may not hold."""
    at = start
    while at < end and data[at] >= 32 and data[at] not in _NOT_IN_ACCOUNTS:
        at += 1
    return at == end


@njit(forceinline=True)
def _gives_away(data: Any, at: Any, start: Any, end: Any) -> Any:  # pragma: no cover  compiled
    """Return whether somebody may be named where a line holds one of the marks."""
    byte = data[at]
    if byte == _AT:
        return True
    if byte == _HYPHEN:
        word = read(data, at, end)
        return word in (_LOCAL_SID, _ENTRA_SID)
    return _is_folder(data, at, start) or (byte == _BACKSLASH and _is_account(data, at, start, end))


def may_name_people(data: Any, ends: Any, count: Any, lines: Any) -> Any:  # pragma: no cover  compiled
    """Find the lines of texts that may give somebody away, as ``patterns`` says; return how many there are.

    Texts have a line end between them. ``lines``: the text, where its line starts and where it ends.
    """
    at, found = 0, 0
    for number in range(count):
        text, start, backslashes, suspect = at, at, 0, False
        while True:
            word = read(data, at, ends[number])
            special = bytes_of(word, _BACKSLASHES) | bytes_of(word, _ATS) | bytes_of(word, _SLASHES)
            special |= bytes_of(word, _HYPHENS) | bytes_of(word, _LINE_ENDS)
            if special == NOTHING and at + 8 < ends[number]:
                at += 8
                continue
            at = min(at + (zeros(special) >> 3), ends[number]) if special != NOTHING else ends[number]
            if at == ends[number] or data[at] == _LINE_END:
                if at == ends[number] and start == text and backslashes == 1 and not suspect:
                    suspect = _is_whole_account(data, start, at)
                if suspect:
                    lines[3 * found], lines[3 * found + 1], lines[3 * found + 2] = number, start, at
                    found += 1
                if at == ends[number]:
                    break
                start, suspect = at + 1, False
            else:
                backslashes += data[at] == _BACKSLASH
                suspect = suspect or _gives_away(data, at, start, ends[number])
            at += 1
        at += 1
    return found


@njit(forceinline=True)
def _occurrences(data: Any, at: Any, end: Any, names: Any, first: Any, last: Any) -> Any:  # pragma: no cover  compiled
    """Count a name, given in lower case, in text of any case; occurrences do not overlap."""
    begin = np.uint64(names[first])
    firsts, folds, found = ONES * begin, _CASE if 97 <= names[first] <= 122 else NOTHING, 0
    length = last - first
    while at + length <= end:
        special = bytes_of(read(data, at, end) | folds, firsts)
        if special == NOTHING:
            at += 8
            continue
        at += zeros(special) >> 3
        if at + length > end:
            break
        place = 0
        while place < length:
            byte = data[at + place]
            if 65 <= byte <= 90:
                byte |= 32
            if byte != names[first + place]:
                break
            place += 1
        if place == length:
            found += 1
            at += length
        else:
            at += 1
    return found


def count_names(
    data: Any, ends: Any, count: Any, owns: Any, firsts: Any, names: Any, starts: Any, times: Any, answers: Any
) -> Any:  # pragma: no cover  compiled
    """Tell of each line whether it names people of its own another number of times than its fields do.

    Line i tells of ``owns[i]``, whose names are those from ``firsts[owns[i]]`` on; ``starts`` says where names start.
    """
    at = 0
    for row in range(count):
        answers[row] = 0
        for name in range(firsts[owns[row]], firsts[owns[row] + 1]):
            if _occurrences(data, at, ends[row], names, starts[name], starts[name + 1]) != times[name]:
                answers[row] = 1
                break
        at = ends[row] + 1
    return count


def swap(
    data: Any,
    ends: Any,
    count: Any,
    owns: Any,
    olds: Any,
    old_starts: Any,
    news: Any,
    new_starts: Any,
    times: Any,
    room: Any,
    room_ends: Any,
) -> Any:  # pragma: no cover  compiled
    """Write each line with the literal of ``owns[i]`` replaced; nothing where it is not there so many times."""
    at, free = 0, 0
    for row in range(count):
        end, begin, found, own = ends[row], free, 0, owns[row]
        old, new, new_end = old_starts[own], new_starts[own], new_starts[own + 1]
        length = old_starts[own + 1] - old
        done, firsts = at, ONES * np.uint64(olds[old])
        while at + length <= end:
            special = bytes_of(read(data, at, end), firsts)
            if special == NOTHING:
                at += 8
                continue
            at += zeros(special) >> 3
            place = 0
            while at + length <= end and place < length and data[at + place] == olds[old + place]:
                place += 1
            if place < length:
                at += 1
                continue
            found += 1
            if found > times[own]:
                break
            for letter in range(done, at):
                room[free + letter - done] = data[letter]
            free += at - done
            for letter in range(new, new_end):
                room[free + letter - new] = news[letter]
            free += new_end - new
            at += length
            done = at
        for letter in range(done, end):
            room[free + letter - done] = data[letter]
        free += end - done
        if found != times[own]:
            free = begin
        room_ends[row] = free
        at = end + 1
    return free

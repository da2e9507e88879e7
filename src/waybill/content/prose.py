"""Markings, addresses, organisations and labelled names at their literals. An end of -1 says that none stands there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from waybill.content.compiled import compiled
from waybill.content.runs import CLASS, DIGIT, LETTER, Bytes

_SHORT_LINE = 48
"""Bytes of a line that holds little else than its marking."""
_ADDRESS, _FURTHER = 60, 36
"""Bytes of a Chinese address before its house number and after it."""
_HAN_BYTES = 3


Codes = npt.NDArray[np.int64]


def _codes(letters: str) -> Codes:
    return np.array(sorted(int.from_bytes(letter.encode(), "big") for letter in letters), np.int64)


_ROADS, _HOUSES = _codes("路街道巷弄村里镇园区庄组坊胡同"), _codes("号栋幢座楼层室单元户")
_ENDS_ADDRESS = _codes("址于在为是至往")
_ENDS_ORGANISATION = _codes("与和向由在是对及从为给经请到的了让被将")
_IS = _codes("为属是系")
_LEVEL, _OPENING, _CLOSING = _codes("级")[0], _codes("【")[0], _codes("】")[0]


@compiled
def _han(data: Bytes, at: int) -> int:
    """Return the Chinese character at a place as a number, or 0."""
    if at < 0 or at + _HAN_BYTES > len(data) or not 0xE3 <= data[at] <= 0xE9 or data[at + 1] & 0xC0 != 0x80:
        return 0
    code = (int(data[at]) << 16) | (int(data[at + 1]) << 8) | int(data[at + 2])
    return code if code >= 0xE39080 or code in (_OPENING, _CLOSING) else 0


@compiled
def _is_one(code: int, codes: Codes) -> bool:
    place = np.searchsorted(codes, code)
    return bool(place < len(codes) and codes[place] == code)


@compiled
def _is_said_to_be(data: Bytes, start: int, end: int) -> bool:
    """Whether it is said that something is of this level, as in 密级：机密 or 属机密级; rules speak otherwise."""
    colon = start > 0 and data[start - 1] == 58
    wide_colon = start > 2 and data[start - 3] == 0xEF and data[start - 2] == 0xBC and data[start - 1] == 0x9A
    levelled = end - start > _HAN_BYTES and _han(data, end - _HAN_BYTES) == _LEVEL
    said = colon or wide_colon or (levelled and _is_one(_han(data, start - _HAN_BYTES), _IS))
    listed = end + 2 < len(data) and data[end] == 0xE3 and data[end + 1] == 0x80 and data[end + 2] == 0x81  # 、
    return said and not listed and _han(data, end) == 0


@compiled
def is_marking(data: Bytes, start: int, end: int) -> bool:
    """Whether words mark a document and are not just spoken of: on a line of their own, in brackets, before a star."""
    before, after = start, end
    while before > 0 and start - before < _SHORT_LINE and data[before - 1] != 10:
        before -= 1
    while after < len(data) and after - end < _SHORT_LINE and data[after] != 10:
        after += 1
    alone = (start == 0 or CLASS[data[start - 1]] == 0) and (end == len(data) or CLASS[data[end]] == 0)
    if not alone:
        return False
    if _han(data, end) == _LEVEL:
        end += _HAN_BYTES
    if _is_said_to_be(data, start, end):
        return True
    if _han(data, start - _HAN_BYTES) == _OPENING and _han(data, end) == _CLOSING:
        return True
    if end + 2 < len(data) and data[end] == 0xE2 and data[end + 1] == 0x98 and data[end + 2] == 0x85:  # ★
        return True
    if start > 0 and data[start - 1] in (91, 40) and end < len(data) and data[end] in (93, 41):  # [ ] ( )
        return True
    if data[start] < 128 and data[start + 1] >= 97:  # Confidential: a word of sentences, unless nothing else is there
        return start == before and end == after
    if data[start] < 128 and start == before and after - start < _SHORT_LINE and end + 1 < after:
        sign = data[end + 1] if data[end] == 32 else data[end]
        if CLASS[sign] == 0 and 32 < sign < 128:  # CONFIDENTIAL - do not copy
            return True
    return after - before - (end - start) <= 12


@compiled
def address(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return where a Chinese address around the 号 of its house begins and ends."""
    at = start
    while at > 0 and (CLASS[data[at - 1]] == DIGIT or data[at - 1] == 45):
        at -= 1
    if at == start or not _is_one(_han(data, at - _HAN_BYTES), _ROADS):
        return start, -1
    begun = at - _HAN_BYTES
    while start - begun < _ADDRESS:
        code = _han(data, begun - _HAN_BYTES)
        if code and not _is_one(code, _ENDS_ADDRESS):
            begun -= _HAN_BYTES
        elif begun > 0 and CLASS[data[begun - 1]] == DIGIT:
            begun -= 1
        else:
            break
    further = end
    while further - end < _FURTHER:
        at = further
        while at < len(data) and (CLASS[data[at]] != 0 or data[at] == 45):
            at += 1
        if at == further or not _is_one(_han(data, at), _HOUSES):
            break
        further = at + _HAN_BYTES
    return begun, further


@compiled
def organisation(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return where the name of a Chinese organisation that ends in fixed words begins and ends."""
    begun = start
    while start - begun < _ADDRESS:
        code = _han(data, begun - _HAN_BYTES)
        if not code or _is_one(code, _ENDS_ORGANISATION):
            break
        begun -= _HAN_BYTES
    return begun, end if start - begun >= 2 * _HAN_BYTES else -1


@compiled
def name(data: Bytes, end: int) -> tuple[int, int]:
    """Return where a Chinese name of two to four characters after its label begins and ends."""
    begun = end
    while begun < len(data) and data[begun] == 32:
        begun += 1
    at = begun
    while at - begun <= 4 * _HAN_BYTES and _han(data, at):
        at += _HAN_BYTES
    return begun, at if 2 * _HAN_BYTES <= at - begun <= 4 * _HAN_BYTES else -1


@compiled
def street(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return where an English address that ends in a kind of street begins and ends: a house number, then names."""
    if end < len(data) and CLASS[data[end]] != 0:
        return start, -1
    at, words, begun = start, 0, -1
    while at > 0 and start - at < 40 and words <= 4:
        size = 0
        while at > 0 and CLASS[data[at - 1]] != 0:
            at, size = at - 1, size + 1
        if size == 0:
            break
        words += 1
        if CLASS[data[at]] == DIGIT:
            begun = at if words > 1 else begun
            break
        if data[at] >= 97 or CLASS[data[at]] != LETTER or at == 0 or data[at - 1] != 32:  # names have capitals
            break
        at -= 1
    return begun, end if begun >= 0 else -1

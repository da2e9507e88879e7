"""Rules that need what stands around a candidate. They may widen it: ``span`` holds where it begins and ends."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from waybill.content.checks.business import iban_length
from waybill.content.checks.numbers import ZERO, Text, is_date, number, remainder_97
from waybill.content.checks.persons import national_insurance
from waybill.content.compiled import compiled
from waybill.content.runs import CLASS, DIGIT, LETTER

Span = npt.NDArray[np.int64]

_COLON, _DOT, _HYPHEN, _SLASH, _PLUS, _PERCENT = 58, 46, 45, 47, 43, 37
_OPENING, _CLOSING, _SPACE, _ONE, _MIDDLE_DOT_END = 40, 41, 32, 49, 0xB7
_EXTENSION = 120
_HARDWARE_DIGITS = 12
_PAIRS = 10
"""Digits of a number that is written in pairs."""
_FEWEST, _MOST = 7, 15
"""Digits of a telephone number (ITU-T E.164), and at most as many of its extension."""
_PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_PLATE_CODES = np.array(sorted(int.from_bytes(letter.encode(), "big") for letter in _PLATES), np.int64)

_HEX = np.zeros(256, np.bool_)
_HEX[[ord(letter) for letter in "0123456789abcdefABCDEF"]] = True


@compiled
def _widen_over_prefix(data: Text, span: Span, most: int) -> None:
    """Let a network's length, ``/24``, belong to its address."""
    at, value = span[1] + 1, 0
    if span[1] < len(data) and data[span[1]] == _SLASH:
        while at < len(data) and at - span[1] <= 3 and CLASS[data[at]] == DIGIT:
            value, at = 10 * value + int(data[at]) - ZERO, at + 1
        if at > span[1] + 1 and value <= most and (at == len(data) or CLASS[data[at]] == 0):
            span[1] = at


@compiled
def _four_numbers(data: Text, start: int, end: int) -> bool:
    """Whether numbers up to 255, none written with a zero before it, stand there."""
    value, size = 0, 0
    for at in range(start, end):
        if data[at] == _DOT:
            value, size = 0, 0
        elif size and value == 0:
            return False
        else:
            value, size = 10 * value + int(data[at]) - ZERO, size + 1
        if value > 255:
            return False
    return True


@compiled
def ipv4(data: Text, span: Span) -> bool:
    """IPv4 address (RFC 791), or a network of them."""
    if not _four_numbers(data, span[0], span[1]):
        return False
    _widen_over_prefix(data, span, 32)
    return True


@compiled
def _colon_groups(data: Text, start: int, end: int) -> bool:
    """Whether an IPv6 address (RFC 4291) stands there: eight groups of up to four, or fewer with one ``::``."""
    groups, size, doubled, last_group = 0, 0, 0, start
    for at in range(start, end):
        if data[at] == _COLON:
            if at + 1 < end and data[at + 1] == _COLON:
                doubled += 1
                if at + 2 < end and data[at + 2] == _COLON:
                    return False
            elif size == 0 and (at == start or data[at - 1] != _COLON):
                return False
            groups += size > 0
            size, last_group = 0, at + 1
        elif data[at] == _DOT:
            dots = 0
            for place in range(last_group, end):
                dots += data[place] == _DOT
                if data[place] != _DOT and CLASS[data[place]] != DIGIT:
                    return False
            if dots != 3 or not _four_numbers(data, last_group, end):
                return False
            groups, size = groups + 2, 0
            break
        else:
            size += 1
            if size > 4:
                return False
    groups += size > 0
    if doubled and end - start <= 4 and not (data[start] == _COLON and data[end - 1] == _ONE):
        return False  # every second element of a list, [1::2], and no address that anybody has
    return groups == 8 if doubled == 0 else doubled == 1 and groups < 8


@compiled
def colon_groups(data: Text, span: Span) -> bool:
    """IPv6 address around its first group with a digit."""
    start, end = span[0], span[1]
    while start > 0 and span[0] - start < 40 and (_HEX[data[start - 1]] or data[start - 1] == _COLON):
        start -= 1
        if CLASS[data[start]] == DIGIT:
            return False  # it was tried at that group
    while end < len(data) and end - start < 46 and (_HEX[data[end]] or data[end] == _COLON or data[end] == _DOT):
        end += 1
    while end > start and data[end - 1] == _DOT:
        end -= 1
    if data[end - 1] == _COLON and data[end - 2] != _COLON:
        end -= 1
    if not _colon_groups(data, start, end):
        return False
    if end + 1 < len(data) and data[end] == _PERCENT and CLASS[data[end + 1]] != 0:  # a zone
        end += 1
        while end < len(data) and CLASS[data[end]] != 0:
            end += 1
    if end - start < 3 or (start > 0 and CLASS[data[start - 1]] != 0) or (end < len(data) and CLASS[data[end]] != 0):
        return False
    span[0], span[1] = start, end
    _widen_over_prefix(data, span, 128)
    return True


@compiled
def hardware(data: Text, span: Span) -> bool:
    """MAC address (IEEE 802) around its first group with a digit: pairs joined by the same character, or fours by dots.

    All zeros are no address.
    """
    joint = data[span[1] - 1] if CLASS[data[span[1] - 1]] == 0 else data[span[0]]
    width = 4 if joint == _DOT else 2
    start, end, groups, others = span[0] + (CLASS[data[span[0]]] == 0), 0, 0, 0
    while start > width and data[start - 1] == joint and _is_hex(data, start - 1 - width, start - 1):
        start -= width + 1
        for at in range(start, start + width):
            if CLASS[data[at]] == DIGIT:
                return False  # it was tried at that group
    end = start
    while _is_hex(data, end, end + width):
        for at in range(end, end + width):
            others += data[at] != ZERO
        groups, end = groups + 1, end + width
        if end >= len(data) or data[end] != joint:
            break
        end += 1
    is_part = (start > 0 and (CLASS[data[start - 1]] != 0 or data[start - 1] == joint)) or (
        end < len(data) and (CLASS[data[end]] != 0)
    )
    if groups * width != _HARDWARE_DIGITS or CLASS[data[end - 1]] == 0 or is_part or others == 0:
        return False
    span[0], span[1] = start, end
    return True


@compiled
def _is_hex(data: Text, start: int, end: int) -> bool:
    """Whether hexadecimal digits stand from a place to another."""
    if start < 0 or end > len(data):
        return False
    for at in range(start, end):
        if not _HEX[data[at]]:
            return False
    return True


@compiled
def international(data: Text, span: Span) -> bool:
    """Telephone number after its ``+`` (ITU-T E.164): up to 15 digits in groups that a space, hyphen or dot parts.

    ``(0)``, which is left out from abroad, may stand after the country.
    """
    end, digits = span[1], span[1] - span[0] - 1
    while end + 1 < len(data) and data[end] in (_SPACE, _HYPHEN, _DOT, _OPENING):
        at = end + 1
        if data[end] == _SPACE and data[at] == _OPENING:
            at += 1
        begun = at
        while at < len(data) and CLASS[data[at]] == DIGIT:
            at += 1
        size = at - begun
        if size and at < len(data) and data[begun - 1] == _OPENING and data[at] == _CLOSING:
            at += 1
            if at < len(data) and data[at] == _SPACE:
                at += 1
            begun = at
            while at < len(data) and CLASS[data[at]] == DIGIT:
                at += 1
            size += at - begun
        if size == 0 or digits + size > _MOST or (at < len(data) and CLASS[data[at]] != 0 and data[at] != _EXTENSION):
            break
        digits, end = digits + size, at
    if end + 1 < len(data) and data[end] == _EXTENSION and CLASS[data[end + 1]] == DIGIT:
        end += 1
        while end < len(data) and CLASS[data[end]] == DIGIT:
            end += 1
    if not _FEWEST < digits <= _MOST or (end < len(data) and CLASS[data[end]] != 0):
        return False
    span[1] = end
    return True


@compiled
def iban(data: Text, span: Span, text: Text) -> bool:
    """International bank account number (ISO 13616), whole or in groups of four: its country's length, MOD 97-10."""
    wanted, size, at = iban_length(data[span[0] : span[0] + 2]), 0, int(span[0])
    while at < len(data) and size < wanted:
        if CLASS[data[at]] != 0:
            text[size] = data[at]
            size += 1
        elif size % 4 != 0 or data[at] not in (_SPACE, _HYPHEN):
            return False
        at += 1
    if size == 0 or size < wanted or (at < len(data) and CLASS[data[at]] != 0) or remainder_97(text, 4, size) != 1:
        return False
    span[1] = at
    return True


@compiled
def spaced_insurance(text: Text, size: int, data: Text, span: Span) -> bool:
    """National insurance number (UK) whose two letters stand before a space."""
    start = span[0] - 3
    if start < 0 or data[span[0] - 1] != _SPACE or (start > 0 and CLASS[data[start - 1]] != 0):
        return False
    if CLASS[data[start]] != LETTER or CLASS[data[start + 1]] != LETTER:
        return False
    span[0] = start
    return national_insurance(data[start : start + 2], 2)


@compiled
def plate(data: Text, span: Span) -> bool:
    """Number plate of mainland China (GA 36-2018): the province's character stands before it."""
    start = span[0]
    if data[start - 1] == _MIDDLE_DOT_END and start > 2:  # 京A·12345: the letter stands before the dot
        start -= 3
    if data[start] == _MIDDLE_DOT_END or start < 3 or CLASS[data[start]] == DIGIT or data[start] >= 128:
        return False
    code = (int(data[start - 3]) << 16) | (int(data[start - 2]) << 8) | int(data[start - 1])
    at = np.searchsorted(_PLATE_CODES, code)
    if at == len(_PLATE_CODES) or _PLATE_CODES[at] != code:
        return False
    span[0] = start - 3
    return True


@compiled
def bracketed(data: Text, span: Span) -> bool:
    """The last place stands in brackets, which close."""
    if span[1] >= len(data) or data[span[1]] != _CLOSING:
        return False
    span[1] += 1
    return True


@compiled
def telephone(text: Text, size: int, data: Text, span: Span) -> bool:
    """Telephone number in groups: 7 to 15 digits, joined by one character beside spaces and brackets, and no date."""
    joint, first = 0, 0
    for at in range(span[0], span[1]):
        code = data[at]
        if CLASS[code] == 0 and code not in (_SPACE, _OPENING, _CLOSING, _PLUS):
            if joint and code != joint:
                return False
            joint = int(code)
        elif not joint and CLASS[code] == DIGIT:
            first += 1
    if size == 8 and joint and first == 4:
        return not is_date(number(text, 0, 4), number(text, 4, 6), number(text, 6, 8))
    if size == 8 and joint and first == 2:
        return not is_date(number(text, 4, 8), number(text, 2, 4), number(text, 0, 2))
    if size == _PAIRS and span[1] - span[0] == 14 and data[span[0] + 2] == _SPACE and _is_in_dump(data, span):
        return False
    return _FEWEST <= size <= 2 * _MOST  # an extension may follow


@compiled
def _is_in_dump(data: Text, span: Span) -> bool:
    """Whether pairs of digits go on as pairs of hexadecimal ones: bytes, and no number."""
    for start in (span[0] - 3, span[1] + 1):
        gap = start + 2 if start < span[0] else start - 1
        if start >= 0 and start + 2 <= len(data) and data[gap] == _SPACE and _is_hex(data, start, start + 2):
            digits = int(CLASS[data[start]] == DIGIT) + int(CLASS[data[start + 1]] == DIGIT)
            alone = start + 2 == len(data) or CLASS[data[start + 2]] == 0
            if digits and alone and (start == 0 or CLASS[data[start - 1]] == 0):
                return True
    return False

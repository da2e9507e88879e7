"""Coordinates: pairs of numbers that are a place, and not two of the many numbers that drawings and programs hold."""

from __future__ import annotations

from waybill.content.checks.around import Span
from waybill.content.checks.numbers import ZERO, Text
from waybill.content.compiled import compiled
from waybill.content.runs import CLASS, DIGIT

_DOT, _HYPHEN, _COMMA, _OPENING, _SPACE = 46, 45, 44, 40, 32
_DEGREES, _LEAST_DECIMALS, _MOST_DECIMALS = 12, 4, 8
"""Characters of a number of degrees, and decimals: four of them mean eleven metres."""
_NEAR = 64
"""Bytes before a pair in which a word says that it is a place."""


@compiled
def _degrees(data: Text, start: int) -> tuple[float, int]:
    """Return the number with four decimals or more that begins there, and where it ends; -1 where none does."""
    value, decimals, at = 0.0, -1, start
    while at < len(data) and at - start <= _DEGREES:
        if data[at] == _DOT and decimals < 0:
            decimals = 0
        elif CLASS[data[at]] == DIGIT:
            value, decimals = 10 * value + float(data[at]) - ZERO, decimals + (decimals >= 0)
        else:
            break
        at += 1
    exact = _LEAST_DECIMALS <= decimals <= _MOST_DECIMALS and (at == len(data) or CLASS[data[at]] == 0)
    return value / 10.0**decimals, at if exact else -1


@compiled
def _is_listed(data: Text, start: int, end: int) -> bool:
    """Whether a pair of numbers is a part of something longer: more numbers beside it, or after a comma in a call."""
    before, after = start - 1, end
    while before > 0 and CLASS[data[before]] == 0 and data[before] <= _SPACE:
        before -= 1
    while after < len(data) and data[after] in (_SPACE, _COMMA):
        after += 1
    if after < len(data) and after > end and (CLASS[data[after]] == DIGIT or data[after] in (_HYPHEN, _DOT)):
        return True
    if before > 0 and data[before] == _COMMA:
        return bool(CLASS[data[before - 1]] == DIGIT or data[before - 1] == _DOT)
    if before > 0 and data[before] == _OPENING:
        return bool(data[before - 1] == _COMMA)
    return 0 <= before < start - 1 and data[before + 1] == _SPACE and CLASS[data[before]] == DIGIT


@compiled
def _speaks_of_places(data: Text, start: int) -> bool:
    """Whether one of a few words that coordinates stand under is written shortly before."""
    for at in range(max(0, start - _NEAR), start - 2):
        first, second, third = data[at] | 32, data[at + 1] | 32, data[at + 2] | 32
        if first == 0x6F and second == 0x6F and third == 0x72:  # (c)oor(dinates)
            return True
        if first == 0x67 and second == 0x70 and third == 0x73:  # gps
            return True
        if data[at] == 0xE7 and data[at + 1] == 0xBB and data[at + 2] in (0x8F, 0xAC):  # 经, 纬
            return True
    return False


@compiled
def coordinates(data: Text, span: Span) -> bool:
    """Latitude and longitude in degrees, in either order, of which the first number and its comma stand there.

    A pair in a longer list of numbers is one only under a word that says so. None of our places is off Null Island.
    """
    start, at = span[0], span[1]
    first, _ = _degrees(data, start)
    at += at < len(data) and data[at] == _SPACE
    at += at < len(data) and data[at] == _HYPHEN
    second, end = _degrees(data, at)
    if end < 0 or min(first, second) > 90 or max(first, second) > 180 or max(first, second) < 1:
        return False
    start -= start > 0 and data[start - 1] == _HYPHEN and (start == 1 or CLASS[data[start - 2]] == 0)
    if _is_listed(data, start, end) and not _speaks_of_places(data, start):
        return False
    span[0], span[1] = start, end
    return True

"""Check digits and other rules that a number or code of a kind keeps: one small function each.

Each takes the characters of a candidate without its separators (codes of ASCII) and how many there are; shapes
(``patterns``) have made sure of their number and classes. Each returns whether the rule holds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from waybill.content.compiled import compiled

Text = npt.NDArray[np.uint8]

_ZERO, _UPPER_A, _UPPER_X = 48, 65, 88


def _weights(*values: int) -> npt.NDArray[np.int64]:
    return np.array(values, np.int64)


def _values(alphabet: str) -> npt.NDArray[np.int64]:
    """Return what each character stands for: its place in the alphabet, -1 outside."""
    found = np.full(256, -1, np.int64)
    for place, letter in enumerate(alphabet):
        found[ord(letter)] = place
    return found


_RESIDENT = _weights(7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT = _weights(1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_VALUES = _values("0123456789ABCDEFGHJKLMNPQRTUWXY")
_ORGANISATION = _weights(3, 7, 9, 10, 5, 8, 4, 2)
_VEHICLE = _weights(8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VEHICLE_VALUES = _values("")
for _letters, _start in (("0123456789", 0), ("ABCDEFGH", 1), ("JKLMN", 1), ("P", 7), ("R", 9), ("STUVWXYZ", 2)):
    for _letter in _letters:
        _VEHICLE_VALUES[ord(_letter)] = _start + _letters.index(_letter)
_REGIONS = np.zeros(100, np.bool_)
_REGIONS[[11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46]] = True
_REGIONS[[50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83]] = True
"""First two digits of GB/T 2260 (provinces), with 83 of residence permits for those from Taiwan."""


@compiled
def digit(text: Text, at: int) -> int:
    """Return the digit at a place."""
    return int(text[at]) - _ZERO


@compiled
def number(text: Text, start: int, end: int) -> int:
    """Return the number that the digits from a place to another make."""
    value = 0
    for at in range(start, end):
        value = 10 * value + int(text[at]) - _ZERO
    return value


@compiled
def upper(code: int) -> int:
    """Return the code of the capital letter."""
    return code - 32 if 97 <= code <= 122 else code


@compiled
def all_equal(text: Text, size: int) -> bool:
    """Return whether one character is repeated."""
    for at in range(1, size):
        if text[at] != text[0]:
            return False
    return True


@compiled
def weighted(text: Text, weights: npt.NDArray[np.int64], size: int) -> int:
    """Return the sum of digits by weights."""
    total = 0
    for at in range(size):
        total += (int(text[at]) - _ZERO) * weights[at]
    return total


@compiled
def luhn(text: Text, size: int) -> bool:
    """Luhn's sum (ISO/IEC 7812-1 annex B), of digits and letters alike (a letter counts 10 to 35)."""
    total, double = 0, False
    for back in range(size):
        value = int(text[size - 1 - back]) - _ZERO
        if double:
            value = 2 * value - 9 if value > 4 else 2 * value
        total += value
        double = not double
    return total % 10 == 0


@compiled
def is_date(year: int, month: int, day: int) -> bool:
    """Whether there is such a day."""
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return day <= (29 if leap else 28)
    return not (day == 31 and (month == 4 or month == 6 or month == 9 or month == 11))


@compiled
def resident_identity(text: Text, size: int) -> bool:
    """Resident identity number of 18 places (GB 11643-1999): region, date of birth, ISO 7064 MOD 11-2."""
    if not _REGIONS[number(text, 0, 2)] or not 1850 <= number(text, 6, 10) <= 2099:
        return False
    if not is_date(number(text, 6, 10), number(text, 10, 12), number(text, 12, 14)):
        return False
    wanted = (12 - weighted(text, _RESIDENT, 17) % 11) % 11
    last = upper(int(text[17]))
    return last == _UPPER_X if wanted == 10 else last == _ZERO + wanted


@compiled
def unified_credit(text: Text, size: int) -> bool:
    """Unified social credit code (GB 32100-2015), modulo 31."""
    total = 0
    for at in range(17):
        value = _CREDIT_VALUES[text[at]]
        if value < 0:
            return False
        total += value * _CREDIT[at]
    return int(_CREDIT_VALUES[text[17]]) == (31 - total % 31) % 31


@compiled
def vehicle_identification(text: Text, size: int) -> bool:
    """Vehicle identification number (GB 16735-2019, ISO 3779): its ninth place checks the rest."""
    total = 0
    for at in range(17):
        value = _VEHICLE_VALUES[upper(int(text[at]))]
        if value < 0:
            return False
        total += value * _VEHICLE[at]
    rest = total % 11
    return upper(int(text[8])) == (_UPPER_X if rest == 10 else _ZERO + rest)


@compiled
def iban(text: Text, size: int) -> bool:
    """International bank account number (ISO 13616): ISO 7064 MOD 97-10 over the code turned by four."""
    rest = 0
    for turn in range(size):
        code = upper(int(text[(turn + 4) % size]))
        rest = (rest * 100 + code - _UPPER_A + 10) % 97 if code >= _UPPER_A else (rest * 10 + code - _ZERO) % 97
    return rest == 1


@compiled
def social_security(text: Text, size: int) -> bool:
    """Social security number (US): areas 000, 666 and 900 on, group 00 and serial 0000 are never given."""
    area = number(text, 0, 3)
    return 0 < area < 900 and area != 666 and number(text, 3, 5) > 0 and number(text, 5, 9) > 0


@compiled
def ipv4(data: Text, start: int, end: int) -> bool:
    """IPv4 address: four numbers up to 255, none written with a zero before it."""
    value, size, most = 0, 0, 255
    for at in range(start, end + 1):
        if at < end and data[at] != 46:
            if size and value == 0:
                return False
            value, size = 10 * value + int(data[at]) - _ZERO, size + 1
        elif value > most:
            return False
        else:
            value, size = 0, 0
    return True

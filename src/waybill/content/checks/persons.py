"""Numbers by which states outside China know persons."""

from __future__ import annotations

import numpy as np

from waybill.content.checks.numbers import (
    UPPER_A,
    ZERO,
    Text,
    all_equal,
    digit,
    is_date,
    luhn_rest,
    mod_11_10,
    number,
    upper,
    weighted,
    weights,
)
from waybill.content.compiled import compiled

_PRINTED = (78_051_120, 219_099_999)
"""Social security numbers that were printed on sample cards, and void since."""

_VERHOEFF = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ],
    np.int64,
)
"""Multiplication in the dihedral group of ten elements."""
_TURNED = np.array([1, 5, 7, 6, 2, 8, 3, 0, 9, 4], np.int64)
"""The permutation that each further place is turned by."""

_SPANISH = np.frombuffer(b"TRWAGMYFPDXBNJZSQVHLCKE", np.uint8)
_SINGAPORE = weights(2, 7, 6, 5, 4, 3, 2)
_NRIC, _FIN = np.frombuffer(b"JZIHGFEDCBA", np.uint8), np.frombuffer(b"XWUTRQPNMLK", np.uint8)
_AUSTRALIAN_TAX = weights(1, 4, 3, 7, 5, 8, 6, 9, 10)
_AUSTRALIAN_COMPANY = weights(8, 7, 6, 5, 4, 3, 2, 1)
_AUSTRALIAN_BUSINESS = weights(10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
_MEDICARE = weights(1, 3, 7, 9, 1, 3, 7, 9)
_NHS = weights(10, 9, 8, 7, 6, 5, 4, 3, 2)
_PESEL = weights(1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
_JAPAN = weights(6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_BRAZIL = weights(10, 9, 8, 7, 6, 5, 4, 3, 2)
_BRAZIL_SECOND = weights(11, 10, 9, 8, 7, 6, 5, 4, 3, 2)
_ODD = weights(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""What letters (and, as their first ten, digits) count at odd places of an Italian tax code."""
_NO_PREFIX = np.array([ord(a) * 256 + ord(b) for a, b in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")], np.int64)


@compiled
def social_security(text: Text, size: int) -> bool:
    """Social security number (US): areas 000, 666 and 900 on, group 00 and serial 0000 are never given."""
    area = number(text, 0, 3)
    if number(text, 0, 9) in _PRINTED:
        return False
    return 0 < area < 900 and area != 666 and number(text, 3, 5) > 0 and number(text, 5, 9) > 0


@compiled
def individual_taxpayer(text: Text, size: int) -> bool:
    """Individual taxpayer identification number (US): 9, and a group that is given."""
    group = number(text, 3, 5)
    return digit(text, 0) == 9 and (50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99)


@compiled
def national_insurance(text: Text, size: int) -> bool:
    """National insurance number (UK): a prefix that is given."""
    first, second = upper(int(text[0])), upper(int(text[1]))
    for letter in (68, 70, 73, 81, 85, 86):  # D F I Q U V
        if letter in (first, second):
            return False
    if second == 79:  # O
        return False
    prefix = first * 256 + second
    for one in _NO_PREFIX:
        if one == prefix:
            return False
    return True


@compiled
def health_service(text: Text, size: int) -> bool:
    """NHS number (England and Wales): modulo 11."""
    wanted = 11 - weighted(text, _NHS) % 11
    return wanted != 10 and wanted % 11 == digit(text, 9) and not all_equal(text, 10)


@compiled
def social_insurance(text: Text, size: int) -> bool:
    """Social insurance number (Canada): Luhn; 0 and 8 begin none."""
    return luhn_rest(text, 0, 9) == 0 and digit(text, 0) != 0 and digit(text, 0) != 8


@compiled
def verhoeff(text: Text, size: int) -> bool:
    """Aadhaar (India): Verhoeff's check digit; 0 and 1 begin none, and no palindrome is given."""
    if digit(text, 0) < 2:
        return False
    rest, same = 0, True
    for place in range(size):
        value = digit(text, size - 1 - place)
        for _ in range(place % 8):
            value = int(_TURNED[value])
        rest = int(_VERHOEFF[rest, value])
        same = same and text[place] == text[size - 1 - place]
    return rest == 0 and not same


@compiled
def singapore(text: Text, size: int) -> bool:
    """NRIC or FIN (Singapore): a letter that checks seven digits."""
    first = upper(int(text[0]))
    total = weighted(text, _SINGAPORE, 1)
    if first in (84, 71):  # T, G: from 2000 on
        total += 4
    if first == 77:  # M: from 2022 on
        total += 3
    wanted = _NRIC[total % 11] if first in (83, 84) else _FIN[total % 11]
    return upper(int(text[8])) == int(wanted)


@compiled
def australian_tax(text: Text, size: int) -> bool:
    """Tax file number (Australia): modulo 11."""
    return weighted(text, _AUSTRALIAN_TAX) % 11 == 0 and not all_equal(text, 9)


@compiled
def australian_business(text: Text, size: int) -> bool:
    """Australian business number: modulo 89, the first digit less one."""
    return digit(text, 0) > 0 and (weighted(text, _AUSTRALIAN_BUSINESS) - 10) % 89 == 0


@compiled
def australian_company(text: Text, size: int) -> bool:
    """Australian company number: modulo 10."""
    return (10 - weighted(text, _AUSTRALIAN_COMPANY) % 10) % 10 == digit(text, 8) and not all_equal(text, 9)


@compiled
def medicare(text: Text, size: int) -> bool:
    """Medicare card (Australia): 2 to 6 first, the ninth digit checks the eight before it."""
    return 2 <= digit(text, 0) <= 6 and weighted(text, _MEDICARE) % 10 == digit(text, 8)


@compiled
def german_tax(text: Text, size: int) -> bool:
    """Tax identification number (Germany): one digit of the first ten stands two or three times, MOD 11,10."""
    if digit(text, 0) == 0:
        return False
    counts = np.zeros(10, np.int64)
    for at in range(10):
        counts[digit(text, at)] += 1
    twice, thrice = 0, 0
    for value in range(10):
        twice += counts[value] == 2
        thrice += counts[value] == 3
        if counts[value] > 3:
            return False
    return twice + thrice == 1 and mod_11_10(text, 11)


@compiled
def spanish(text: Text, size: int) -> bool:
    """NIF or NIE (Spain): a letter that the number modulo 23 chooses; X, Y, Z stand for 0, 1, 2."""
    first = upper(int(text[0]))
    start, value = (1, first - 88) if first >= UPPER_A else (0, 0)
    for at in range(start, size - 1):
        value = 10 * value + digit(text, at)
    return int(_SPANISH[value % 23]) == upper(int(text[size - 1]))


@compiled
def french_social_security(text: Text, size: int) -> bool:
    """NIR (France): a month, and 97 less the number modulo 97 (departments of Corsica, with letters, are left out)."""
    month = number(text, 3, 5)
    is_month = 1 <= month <= 12 or 20 <= month <= 42 or month >= 50
    return is_month and 97 - number(text, 0, 13) % 97 == number(text, 13, 15)


@compiled
def italian_tax(text: Text, size: int) -> bool:
    """Codice fiscale (Italy): a letter for the sum of odd and even places."""
    total = 0
    for at in range(15):
        code = upper(int(text[at]))
        value = code - UPPER_A if code >= UPPER_A else code - ZERO
        total += int(_ODD[value]) if at % 2 == 0 else value
    return total % 26 == upper(int(text[15])) - UPPER_A


@compiled
def pesel(text: Text, size: int) -> bool:
    """PESEL (Poland): date of birth with the century in its month, modulo 10."""
    month = number(text, 2, 4)
    return (
        is_date(1900 + number(text, 0, 2), month % 20, min(number(text, 4, 6), 31)) and weighted(text, _PESEL) % 10 == 0
    )


@compiled
def korean_resident(text: Text, size: int) -> bool:
    """Resident registration number (Korea): date of birth; since October 2020 there is no check digit."""
    return is_date(1900 + number(text, 0, 2), number(text, 2, 4), number(text, 4, 6)) and 1 <= digit(text, 6) <= 4


@compiled
def my_number(text: Text, size: int) -> bool:
    """Individual number (Japan): modulo 11."""
    rest = weighted(text, _JAPAN) % 11
    return (0 if rest <= 1 else 11 - rest) == digit(text, 11) and not all_equal(text, 12)


@compiled
def cpf(text: Text, size: int) -> bool:
    """CPF (Brazil): two digits, each modulo 11 of those before it."""
    first = weighted(text, _BRAZIL) * 10 % 11 % 10
    second = weighted(text, _BRAZIL_SECOND) * 10 % 11 % 10
    return first == digit(text, 9) and second == digit(text, 10) and not all_equal(text, 11)

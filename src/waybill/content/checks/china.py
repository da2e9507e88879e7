"""Numbers of mainland China, Hong Kong, Macao and Taiwan."""

from __future__ import annotations

import numpy as np

from waybill.content.checks.numbers import (
    UPPER_A,
    UPPER_X,
    ZERO,
    Text,
    digit,
    is_date,
    mod_11_10,
    number,
    upper,
    values,
    weighted,
    weights,
)
from waybill.content.compiled import compiled

_RESIDENT = weights(7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT = weights(1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_VALUES = values("0123456789ABCDEFGHJKLMNPQRTUWXY")
_ORGANISATION = weights(3, 7, 9, 10, 5, 8, 4, 2)
_HONG_KONG = weights(7, 6, 5, 4, 3, 2)
_TAIWAN = weights(8, 7, 6, 5, 4, 3, 2, 1, 1)
_TAIWAN_LETTERS = values("0123456789ABCDEFGHJKLMNPQRSTUVXYWZIO")
"""A is 10, B is 11, and so on in the order in which counties were given their letters."""
_PROVINCES = np.zeros(100, np.bool_)
_PROVINCES[[11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46]] = True
_PROVINCES[[50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83]] = True
"""First two digits of GB/T 2260, with 83 for residents from Taiwan."""


@compiled
def _weighted_residents(text: Text) -> bool:
    wanted = (12 - weighted(text, _RESIDENT) % 11) % 11
    return upper(int(text[17])) == (UPPER_X if wanted == 10 else ZERO + wanted)


@compiled
def resident_identity(text: Text, size: int) -> bool:
    """Resident identity number of 18 places (GB 11643-1999): region, date of birth, ISO 7064 MOD 11-2."""
    year = number(text, 6, 10)
    return (
        bool(_PROVINCES[number(text, 0, 2)])
        and 1850 <= year <= 2099
        and is_date(year, number(text, 10, 12), number(text, 12, 14))
        and _weighted_residents(text)
    )


@compiled
def old_resident_identity(text: Text, size: int) -> bool:
    """Resident identity number of 15 digits (before 1999): region and date of birth."""
    return bool(_PROVINCES[number(text, 0, 2)]) and is_date(
        1900 + number(text, 6, 8), number(text, 8, 10), number(text, 10, 12)
    )


@compiled
def foreigner_permit(text: Text, size: int) -> bool:
    """Permanent resident's identity number of 18 digits (since 2023): 9, then as residents have it."""
    year = number(text, 6, 10)
    return (
        digit(text, 0) == 9
        and 1900 <= year <= 2099
        and is_date(year, number(text, 10, 12), number(text, 12, 14))
        and _weighted_residents(text)
    )


@compiled
def unified_credit(text: Text, size: int) -> bool:
    """Unified social credit code (GB 32100-2015): region, then modulo 31 over digits and letters."""
    total = 0
    for at in range(17):
        value = _CREDIT_VALUES[text[at]]
        if value < 0:
            return False
        total += value * _CREDIT[at]
    region = number(text, 2, 4)
    return (region == 10 or bool(_PROVINCES[region])) and int(_CREDIT_VALUES[text[17]]) == (31 - total % 31) % 31


@compiled
def organisation_code(text: Text, size: int) -> bool:
    """Organisation code (GB 11714-1997): eight places and their sum modulo 11."""
    total = 0
    for at in range(8):
        code = int(text[at])
        total += (code - UPPER_A + 10 if code >= UPPER_A else code - ZERO) * _ORGANISATION[at]
    wanted = 11 - total % 11
    last = int(text[8])
    return last == (UPPER_X if wanted == 10 else ZERO if wanted == 11 else ZERO + wanted)


@compiled
def business_licence(text: Text, size: int) -> bool:
    """Registration number of 15 digits (GS15-2006): region, then ISO 7064 MOD 11,10."""
    return bool(_PROVINCES[number(text, 0, 2)]) and mod_11_10(text, 15)


@compiled
def landline(text: Text, size: int) -> bool:
    """Landline: an area code that is given, and a number that begins with 2 to 8."""
    area = 3 if digit(text, 1) <= 2 else 4
    return (digit(text, 1) != 1 or digit(text, 2) == 0) and 2 <= digit(text, area) <= 8 and 7 <= size - area <= 8


@compiled
def hong_kong_identity(text: Text, size: int) -> bool:
    """Hong Kong identity card: one or two letters, six digits, modulo 11."""
    letters = size - 7
    first = 36 if letters == 1 else int(text[0]) - UPPER_A + 10
    total = 9 * first + 8 * (int(text[letters - 1]) - UPPER_A + 10) + weighted(text, _HONG_KONG, letters)
    last = int(text[size - 1])
    return (total + (10 if last == UPPER_A else last - ZERO)) % 11 == 0


@compiled
def taiwan_identity(text: Text, size: int) -> bool:
    """Taiwan identity card or residence permit: a letter for the county, then digits, modulo 10."""
    letter = int(_TAIWAN_LETTERS[text[0]])
    return (letter // 10 + 9 * (letter % 10) + weighted(text, _TAIWAN, 1)) % 10 == 0

"""Numbers of accounts, cards, vehicles, goods and devices."""

from __future__ import annotations

import numpy as np

from waybill.content.checks.numbers import (
    UPPER_A,
    UPPER_X,
    ZERO,
    Text,
    all_equal,
    digit,
    luhn,
    luhn_rest,
    number,
    remainder_97,
    upper,
    values,
    weighted,
    weights,
)
from waybill.content.compiled import compiled

_VEHICLE = weights(8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VEHICLE_VALUES = values("0123456789")
for _letters, _start in (("ABCDEFGH", 1), ("JKLMN", 1), ("P", 7), ("R", 9), ("STUVWXYZ", 2)):
    for _place, _letter in enumerate(_letters):
        _VEHICLE_VALUES[ord(_letter)] = _start + _place
_ROUTING = weights(3, 7, 1, 3, 7, 1, 3, 7, 1)
_ISSUERS = np.zeros(10_000, np.bool_)
"""First four digits that issuers of cards have (ISO/IEC 7812)."""
for _first, _last in (
    *((1220, 1220), (1800, 1800), (2131, 2131), (2221, 2720), (3000, 3059), (3400, 3499), (3500, 3599)),
    *((3600, 3699), (3700, 3799), (3800, 3999), (4000, 4999), (5018, 5899), (6000, 6999)),
):
    _ISSUERS[_first : _last + 1] = True
_IBAN_LENGTHS = np.zeros(26 * 26, np.int64)
"""How long the account numbers of a country are (ISO 13616 registry)."""
for _country in [
    "AD24",
    "AE23",
    "AL28",
    "AT20",
    "AZ28",
    "BA20",
    "BE16",
    "BG22",
    "BH22",
    "BI27",
    "BR29",
    "BY28",
    "CH21",
    "CR22",
    "CY28",
    "CZ24",
    "DE22",
    "DJ27",
    "DK18",
    "DO28",
    "EE20",
    "EG29",
    "ES24",
    "FI18",
    "FK18",
    "FO18",
    "FR27",
    "GB22",
    "GE22",
    "GI23",
    "GL18",
    "GR27",
    "GT28",
    "HR21",
    "HU28",
    "IE22",
    "IL23",
    "IQ23",
    "IS26",
    "IT27",
    "JO30",
    "KW30",
    "KZ20",
    "LB28",
    "LC32",
    "LI21",
    "LT20",
    "LU20",
    "LV21",
    "LY25",
    "MC27",
    "MD24",
    "ME22",
    "MK19",
    "MN20",
    "MR27",
    "MT31",
    "MU30",
    "NI28",
    "NL18",
    "NO15",
    "OM23",
    "PK24",
    "PL28",
    "PS29",
    "PT25",
    "QA29",
    "RO24",
    "RS22",
    "RU33",
    "SA24",
    "SC31",
    "SD18",
    "SE24",
    "SI19",
    "SK24",
    "SM27",
    "SO23",
    "ST25",
    "SV28",
    "TL23",
    "TN24",
    "TR26",
    "UA29",
    "VA22",
    "VG24",
    "XK20",
    "YE30",
]:
    _IBAN_LENGTHS[26 * (ord(_country[0]) - UPPER_A) + ord(_country[1]) - UPPER_A] = int(_country[2:])


@compiled
def card(text: Text, size: int) -> bool:
    """Payment card (ISO/IEC 7812): an issuer's first digits, and Luhn."""
    return bool(_ISSUERS[number(text, 0, 4)]) and luhn(text, size)


@compiled
def iban_length(text: Text) -> int:
    """Return how long the account numbers of a country are, 0 for one that has none."""
    return int(_IBAN_LENGTHS[26 * (upper(int(text[0])) - UPPER_A) + upper(int(text[1])) - UPPER_A])


@compiled
def legal_entity(text: Text, size: int) -> bool:
    """Legal entity identifier (ISO 17442): ISO 7064 MOD 97-10."""
    return remainder_97(text, 0, size) == 1


@compiled
def routing(text: Text, size: int) -> bool:
    """Routing transit number (ABA): a region that is given, modulo 10."""
    region = number(text, 0, 2)
    is_given = region <= 12 or 21 <= region <= 32 or 61 <= region <= 72 or region == 80
    return is_given and weighted(text, _ROUTING) % 10 == 0 and not all_equal(text, 9)


@compiled
def provider(text: Text, size: int) -> bool:
    """National provider identifier (US): Luhn over the number with 80840 before it."""
    return 1 <= digit(text, 0) <= 2 and (luhn_rest(text, 0, 10) + 24) % 10 == 0


@compiled
def vehicle_identification(text: Text, size: int) -> bool:
    """Vehicle identification number (GB 16735-2019, ISO 3779): its ninth place checks the rest, it ends in digits."""
    total, letters = 0, 0
    for at in range(17):
        code = upper(int(text[at]))
        value = _VEHICLE_VALUES[code]
        if value < 0 or (at >= 13 and code >= UPPER_A):
            return False
        letters += code >= UPPER_A
        total += value * _VEHICLE[at]
    rest = total % 11
    return letters >= 2 and upper(int(text[8])) == (UPPER_X if rest == 10 else ZERO + rest)


@compiled
def container(text: Text, size: int) -> bool:
    """Freight container (ISO 6346): letters skip multiples of 11, places count powers of two, modulo 11."""
    total = 0
    for at in range(10):
        code = int(text[at])
        value = code - ZERO
        if code >= UPPER_A:
            value = code - UPPER_A + 10
            value += (value > 10) + (value > 20) + (value > 30)
        total += value << at
    return total % 11 % 10 == digit(text, 10)


@compiled
def ship(text: Text, size: int) -> bool:
    """Ship identification number (IMO): digits from 7 down to 2, modulo 10."""
    total = 0
    for at in range(6):
        total += digit(text, at) * (7 - at)
    return total % 10 == digit(text, 6)


@compiled
def air_waybill(text: Text, size: int) -> bool:
    """Air waybill (IATA resolution 600a): seven digits of the serial number modulo 7."""
    return number(text, 3, 10) % 7 == digit(text, 10)


@compiled
def trade_item(text: Text, size: int) -> bool:
    """Global trade item number (GS1): digits by 3 and 1 from the end, modulo 10."""
    total = 0
    for at in range(size):
        total += digit(text, size - 1 - at) * (1 if at % 2 == 0 else 3)
    return total % 10 == 0 and not all_equal(text, size)


@compiled
def chemical(text: Text, size: int) -> bool:
    """CAS registry number: digits by their place from the end, modulo 10."""
    total = 0
    for at in range(size - 1):
        total += digit(text, size - 2 - at) * (at + 1)
    return total % 10 == digit(text, size - 1) and digit(text, 0) != 0


@compiled
def equipment(text: Text, size: int) -> bool:
    """IMEI (3GPP TS 23.003): Luhn; a reporting body's first digits."""
    return luhn(text, size) and (number(text, 0, 2) in (1, 10, 35, 86, 91, 98, 99) or 44 <= number(text, 0, 2) <= 54)

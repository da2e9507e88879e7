"""What many check digits are made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from waybill.content.compiled import compiled

Text = npt.NDArray[np.uint8]
Weights = npt.NDArray[np.int64]

ZERO, UPPER_A, UPPER_X = 48, 65, 88


def weights(*values: int) -> Weights:
    """Return weights as an array."""
    return np.array(values, np.int64)


def values(alphabet: str) -> Weights:
    """Return what each character stands for: its place in the alphabet, -1 outside."""
    found = np.full(256, -1, np.int64)
    for place, letter in enumerate(alphabet):
        found[ord(letter)] = place
    return found


ALPHABET = values("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@compiled
def digit(text: Text, at: int) -> int:
    """Return the digit at a place."""
    return int(text[at]) - ZERO


@compiled
def number(text: Text, start: int, end: int) -> int:
    """Return the number that the digits from a place to another make."""
    value = 0
    for at in range(start, end):
        value = 10 * value + int(text[at]) - ZERO
    return value


@compiled
def upper(code: int) -> int:
    """Return the code of the capital letter."""
    return code - 32 if 97 <= code <= 122 else code


@compiled
def weighted(text: Text, by: Weights, start: int = 0) -> int:
    """Return the sum of the digits from a place on, each times its weight."""
    total = 0
    for at in range(len(by)):
        total += (int(text[start + at]) - ZERO) * by[at]
    return total


@compiled
def all_equal(text: Text, size: int) -> bool:
    """Return whether one character is repeated."""
    for at in range(1, size):
        if text[at] != text[0]:
            return False
    return True


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
def luhn_rest(text: Text, start: int, size: int) -> int:
    """Return Luhn's sum modulo 10 (ISO/IEC 7812-1, annex B) of digits, of which the last is the check digit."""
    total, double = 0, False
    for at in range(size - 1, start - 1, -1):
        value = int(text[at]) - ZERO
        if double:
            value = 2 * value - 9 if value > 4 else 2 * value
        total += value
        double = not double
    return total % 10


@compiled
def luhn(text: Text, size: int) -> bool:
    """Luhn's check digit; a number of one digit repeated is none."""
    return luhn_rest(text, 0, size) == 0 and not all_equal(text, size)


@compiled
def expanded_luhn(text: Text, size: int) -> bool:
    """Luhn's check digit over digits and letters, a letter as two digits from 10 to 35 (ISO 6166)."""
    total, double = 0, False
    for at in range(size - 1, -1, -1):
        value = int(ALPHABET[upper(int(text[at]))])
        while True:
            part = value % 10
            if double:
                part = 2 * part - 9 if part > 4 else 2 * part
            total += part
            double = not double
            value //= 10
            if value == 0:
                break
    return total % 10 == 0


@compiled
def remainder_97(text: Text, start: int, size: int) -> int:
    """Return the rest modulo 97 of letters (10 to 35) and digits, begun at a place and turned round (ISO 7064)."""
    rest = 0
    for turn in range(size):
        value = int(ALPHABET[upper(int(text[(turn + start) % size]))])
        rest = (rest * 100 + value) % 97 if value > 9 else (rest * 10 + value) % 97
    return rest


@compiled
def mod_11_10(text: Text, size: int) -> bool:
    """ISO 7064 MOD 11,10: the last digit checks those before it."""
    rest = 10
    for at in range(size - 1):
        rest = (rest + digit(text, at)) % 10
        rest = 2 * (rest if rest else 10) % 11
    return (rest + digit(text, size - 1)) % 10 == 1

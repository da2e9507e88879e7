"""GS1 identifiers as canonical Digital Links, with prefixes that GS1 keeps for examples (952)."""

from __future__ import annotations

_LINK = "https://id.gs1.org"
_PREFIX = "9520"


def check_digit(digits: str) -> str:
    """Return the check digit of a GS1 key (GS1 General Specifications, 7.9)."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def gtin(number: int) -> str:
    """Return a trade item number of 14 digits."""
    digits = f"0{_PREFIX}{number:08d}"
    return digits + check_digit(digits)


def gln(number: int) -> str:
    """Return a location number of 13 digits."""
    digits = f"{_PREFIX}{number:08d}"
    return digits + check_digit(digits)


def lot(item: str, name: str) -> str:
    """Return a lot of a trade item."""
    return f"{_LINK}/01/{item}/10/{name}"


def serial(item: str, name: str) -> str:
    """Return one serialised thing of a trade item."""
    return f"{_LINK}/01/{item}/21/{name}"


def pallet(number: int) -> str:
    """Return a logistic unit (SSCC)."""
    digits = f"0{_PREFIX}{number:012d}"
    return f"{_LINK}/00/{digits}{check_digit(digits)}"


def location(number: str, part: str = "") -> str:
    """Return a place by its location number, or a part of it: a gate, a line."""
    return f"{_LINK}/414/{number}" + (f"/254/{part}" if part else "")


def party(number: str) -> str:
    """Return a party by its location number."""
    return f"{_LINK}/417/{number}"

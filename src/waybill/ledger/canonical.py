"""JSON in exactly one spelling (RFC 8785), so that equal values have equal hashes.

Numbers are written as ECMAScript writes them. Whole numbers beyond 2^53 are refused, as other readers would round
them (RFC 7493); so are ``NaN`` and text that is no Unicode.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from waybill.ledger.errors import ProofError

_LARGEST = 2**53 - 1
_DIGITS = 21
"""From here on ECMAScript writes an exponent."""


def canonical(value: object) -> bytes:
    """Return the canonical JSON of a value made of mappings, sequences, text, numbers, truth values and ``None``."""
    try:
        return "".join(_parts(value)).encode()
    except (UnicodeEncodeError, RecursionError):
        raise ProofError(
            "this cannot be written as canonical JSON", expected="Unicode text, not nested deeply"
        ) from None


def parse(content: bytes | str) -> Any:
    """Read JSON; a name that stands twice in one object is refused, since readers differ in which they take."""
    try:
        return json.loads(content, object_pairs_hook=_each_once, parse_int=_whole, parse_constant=_refuse)
    except (ValueError, OverflowError, RecursionError):
        raise ProofError("this is not JSON as it should be", expected="RFC 7493") from None


def _parts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield json.dumps(value, ensure_ascii=False)
    elif value is None or isinstance(value, bool):
        yield json.dumps(value)
    elif isinstance(value, int | float):
        yield _number(value)
    elif isinstance(value, Mapping):
        for place, name in enumerate(sorted(value, key=_utf16)):
            yield f"{',' if place else '{'}{json.dumps(name, ensure_ascii=False)}:"
            yield from _parts(value[name])
        yield "}" if value else "{}"
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        for place, item in enumerate(value):
            yield "," if place else "["
            yield from _parts(item)
        yield "]" if value else "[]"
    else:
        raise ProofError(f"{type(value).__name__} cannot be written as canonical JSON")


def _utf16(name: object) -> bytes:
    """Return what names are sorted by: their UTF-16 code units (RFC 8785 section 3.2.3)."""
    if not isinstance(name, str):
        raise ProofError("a name in an object is not text")
    return name.encode("utf-16-be")


def _number(value: int | float) -> str:
    """Return a number as ECMAScript does (RFC 8785 section 3.2.2.3)."""
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise ProofError("a whole number is too large for JSON that others read", expected=f"at most {_LARGEST}")
        return str(value)
    if not math.isfinite(value):
        raise ProofError("JSON has no infinite numbers")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(digits) - len(fraction) + int(exponent or 0)
    digits = digits.rstrip("0")
    return sign + _with_point(digits, point)


def _with_point(digits: str, point: int) -> str:
    """Write significant digits with the decimal point after the first ``point`` of them."""
    if len(digits) <= point <= _DIGITS:
        return digits.ljust(point, "0")
    if 0 < point <= _DIGITS:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _whole(text: str) -> int | float:
    """Return a whole number; one beyond 2^53 only if it is what a number of JSON can be."""
    number = int(text)
    if abs(number) <= _LARGEST:
        return number
    if _number(float(number)) != text:
        raise ValueError("a whole number that readers would round")
    return float(number)


def _refuse(constant: str) -> None:
    raise ValueError(constant)

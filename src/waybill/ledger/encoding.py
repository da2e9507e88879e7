"""Numbers and bytes as the C2SP texts write them: in exactly one way, so that no changed character goes unseen."""

from __future__ import annotations

import base64
import binascii
import re

from waybill.ledger.errors import ProofError

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_LARGEST = 2**63 - 1


def to_base64(content: bytes) -> str:
    """Return the standard base64 of ``content``."""
    return base64.b64encode(content).decode("ascii")


def from_base64(text: str, length: int | None = None) -> bytes:
    """Return what ``text`` encodes; anything but the one right spelling (and length in bytes) is refused."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if to_base64(content) != text or (length is not None and len(content) != length):
        expected = "standard base64" if length is None else f"standard base64 of {length} bytes"
        raise ProofError("this is not base64 as it should be", where=text[:80], expected=expected)
    return content


def to_number(text: str) -> int:
    """Return the number that ``text`` is in decimal, without leading zeroes, below 2^63."""
    if not _NUMBER.fullmatch(text) or int(text) > _LARGEST:
        raise ProofError("this is not a number as it should be", where=text[:80], expected="decimal digits")
    return int(text)

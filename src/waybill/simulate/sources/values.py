"""Values as products write them: times, cells, and ids, drawn for an event or following for ever from a name."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from random import Random

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
"""What the browser of most people calls itself."""

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MANY = 1 << 16
_TO_QUOTE = re.compile(r'[",\r\n]')


def uuid(random: Random) -> str:
    """Draw a version 4 UUID (RFC 9562)."""
    bits = random.getrandbits(128) & ~(0xF << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62
    digits = f"{bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def token(random: Random, count: int) -> str:
    """Draw lower-case hexadecimal digits."""
    return f"{random.getrandbits(4 * count):0{count}x}"


def letters(random: Random, count: int) -> str:
    """Draw letters and digits, a little less than evenly."""
    drawn = random.getrandbits(8 * count).to_bytes(count, "big")
    return "".join([_ALPHANUMERIC[byte % 62] for byte in drawn])


def base64(random: Random, count: int) -> str:
    """Draw ``count`` bytes, as URL-safe base 64."""
    return urlsafe_b64encode(random.getrandbits(8 * count).to_bytes(count, "big")).decode()


@lru_cache(_MANY)
def uuid_of(name: str) -> str:
    """Return the UUID that always stands for ``name``."""
    return uuid(Random(_digest(name)))


@lru_cache(_MANY)
def number_of(name: str, digits: int) -> int:
    """Return the number of so many digits that always stands for ``name``."""
    least = int(10 ** (digits - 1))
    return least + _digest(name) % (9 * least)


@lru_cache(_MANY)
def letters_of(name: str, count: int) -> str:
    """Return the letters and digits that always stand for ``name``."""
    return letters(Random(_digest(name)), count)


@lru_cache(_MANY)
def sid_of(domain: str, account: str) -> str:
    """Return the Windows security identifier that always stands for an account."""
    return f"S-1-5-21-{number_of(domain, 10)}-{number_of(domain + '/2', 9)}-{number_of(account, 4)}"


def seconds(time: datetime) -> str:
    """Return ``2026-03-02T09:14:05`` of a time in UTC."""
    return time.isoformat(timespec="seconds")[:19]


def milliseconds(time: datetime) -> str:
    """Return ``2026-03-02T09:14:05.123Z`` of a time in UTC."""
    return time.isoformat(timespec="milliseconds")[:23] + "Z"


def csv_line(cells: Iterable[object]) -> str:
    """Return cells as a line of CSV without its end; those that need it are quoted (RFC 4180)."""
    return ",".join([_quoted(str(cell)) for cell in cells])


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _TO_QUOTE.search(cell) else cell


def _digest(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")

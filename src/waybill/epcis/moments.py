"""Moments as documents write them (xsd:dateTimeStamp): with an offset, and with any number of decimals."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,40}))?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)", re.ASCII
)

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)
"""How far in the future something may have happened: clocks differ."""


def moment(text: str) -> datetime:
    """Return the moment, in UTC, cut to microseconds. Raises ValueError if the text is none, or has no offset."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError("not a moment with an offset")
    day, clock, decimals, offset = match.groups()
    micro = (decimals or "").ljust(6, "0")[:6]
    time = datetime.fromisoformat(f"{day}T{clock}.{micro}{offset.replace('Z', '+00:00')}")
    return time.astimezone(UTC)

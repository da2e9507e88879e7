"""Times of many notations to microseconds in UTC, whole columns at once where Arrow can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from waybill.collect.scalars import Scalar, text
from waybill.collect.time_patterns import AHEAD, time_reader
from waybill.model import transfers

FORMATS = ("iso", "epoch", "epoch-ms", "epoch-us", "filetime")
"""Formats with a name; any other is a ``strptime`` pattern."""

ALTERNATIVE = "\n"
"""Divides several formats that are tried in turn."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""A clock that says less was never set."""

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST = pa.scalar(EARLIEST, transfers.TIME)
_FILETIME_OF_UNIX = 11_644_473_600 * 1_000_000
"""Microseconds from 1601, where Windows counts from ([MS-DTYP] 2.3.3), to 1970."""
_ZONED = r"(?:Z|[+-]\d\d(?::?\d\d)?)$"
"""How a time ends that names its zone. The date of a time without clock ends so too, and is looked at closer."""

_FAR = 2**62
"""A count no clock shows; keeps absurd numbers inside 64 bits."""

_PER_UNIT = {
    "epoch": Decimal(1_000_000),
    "epoch-ms": Decimal(1_000),
    "epoch-us": Decimal(1),
    "filetime": Decimal("0.1"),
}


def timestamps(values: Sequence[Scalar], format: str, zone: str, now: datetime) -> tuple[pa.Array, list[int]]:
    """Return a column of times, null where there is none or it cannot be read, and the rows that cannot be read.

    An empty ``format`` takes text as ISO 8601 and numbers as a count since 1970, in the unit their size suggests. Times
    without a year (RFC 3164) get the latest in which they are no more than ``AHEAD`` of our clock ``now``.
    """
    if format in ("", "iso"):
        fast = _iso_column(values, zone)
        if fast is not None:
            return fast, []
    readers = [_reader(one, ZoneInfo(zone), now) for one in format.split(ALTERNATIVE)]
    moments: dict[Scalar, int | None] = {
        value: _by_first(readers, value) for value in {*values} if value is not None and value != ""
    }
    found = [moments.get(value) for value in values]
    unread = [row for row, value in enumerate(values) if value is not None and value != "" and found[row] is None]
    return pa.array(found, pa.int64()).cast(transfers.TIME), unread


def out_of_range(times: pa.Array, now: datetime) -> Iterable[int]:
    """Return the rows whose time no sound clock can have shown, by our clock ``now``."""
    latest = pa.scalar(now + AHEAD, transfers.TIME)
    rows: list[int] = pc.indices_nonzero(pc.or_(pc.less(times, _EARLIEST), pc.greater(times, latest))).to_pylist()
    return rows


def _iso_column(values: Sequence[Scalar], zone: str) -> pa.Array | None:
    """Read a column of ISO 8601 in one go, or return None if any value asks for a closer look."""
    try:
        column = pa.array(values, pa.string())
        zoned = pc.match_substring_regex(column, _ZONED)
        if not pc.any(zoned).as_py():
            return _local(column, zone)
        if pc.all(zoned).as_py():
            return _instants(column)
        # One log in two notations: each is read by itself, and null where the other is.
        absent = pa.nulls(len(column), pa.string())
        instants, local = _instants(pc.if_else(zoned, column, absent)), _local(pc.if_else(zoned, absent, column), zone)
        return pc.coalesce(instants, local)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return None


def _instants(column: pa.Array) -> pa.Array:
    return column.cast(pa.timestamp("ns", "UTC")).cast(transfers.TIME, safe=False)


def _local(column: pa.Array, zone: str) -> pa.Array:
    moments = pc.assume_timezone(column.cast(pa.timestamp("ns")), zone, ambiguous="earliest", nonexistent="earliest")
    return moments.cast(pa.timestamp("us", zone), safe=False).cast(transfers.TIME)


def _reader(format: str, zone: ZoneInfo, now: datetime) -> Callable[[Scalar], int | None]:
    if format in _PER_UNIT:
        return lambda value: _count(value, format)
    if format in ("", "iso"):
        return lambda value: _guess(value, zone, numbers=not format)
    by_pattern = time_reader(format, zone, now)
    return lambda value: _micros(by_pattern(text(value) or ""), zone)


def _guess(value: Scalar, zone: ZoneInfo, *, numbers: bool) -> int | None:
    written = text(value) or ""
    if numbers and not isinstance(value, bool) and written.replace(".", "", 1).isdecimal():
        whole = len(written.partition(".")[0])
        unit = "epoch" if whole <= 11 else "epoch-ms" if whole <= 14 else "epoch-us" if whole <= 16 else "filetime"
        return _count(value, unit)
    return _micros(datetime.fromisoformat(written.strip()), zone)


def _count(value: Scalar, unit: str) -> int | None:
    if isinstance(value, bool) or abs(float(value or 0)) > _FAR:
        return None
    micros = int(Decimal(str(value)) * _PER_UNIT[unit])
    if unit == "filetime":
        micros -= _FILETIME_OF_UNIX
    return max(-_FAR, min(_FAR, micros))


def _micros(moment: datetime, zone: ZoneInfo) -> int:
    return ((moment if moment.tzinfo else moment.replace(tzinfo=zone)) - _UNIX) // _MICROSECOND


def _by_first(readers: Iterable[Callable[[Scalar], int | None]], value: Scalar) -> int | None:
    """Return what the first reader that understands a time makes of it, or None."""
    for read in readers:
        try:
            moment = read(value)
        except (ValueError, OverflowError, InvalidOperation):
            continue
        if moment is not None:
            return moment
    return None

"""Times by ``strptime`` patterns, ten times as fast as ``strptime`` where the pattern is of the usual kind.

Logs hold a different time in each line, so that remembering does not help. What a pattern is not simple enough for, and
what does not fit at first sight (other months' names, leap seconds), goes to ``datetime.strptime``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}

_PARTS = {
    "Y": r"(?P<Y>\d{4})",
    "m": r"(?P<m>\d\d?)",
    "b": r"(?P<b>[A-Z][a-z]{2})",
    "d": r"(?P<d>\d\d?)",
    "H": r"(?P<H>\d\d?)",
    "M": r"(?P<M>\d\d?)",
    "S": r"(?P<S>\d\d?)",
    "f": r"(?P<f>\d{1,6})",
    "z": r"(?P<z>[+-]\d\d:?\d\d)",
}
_DIRECTIVE = re.compile(r"%(.)|(\s+)|([^%\s]+)")
_YEAR = re.compile(r"%[YyGcxs]")

AHEAD = timedelta(days=2)
"""How far a clock may be ahead of ours: a wrong zone is at most 26 hours."""


def time_reader(pattern: str, zone: tzinfo, now: datetime) -> Callable[[str], datetime]:
    """Return a function from a text to the time it means; it raises ValueError for a text that does not fit.

    ``zone`` is for texts that name none. Where the pattern has no year, a time is in the latest year in which it is no
    more than ``AHEAD`` of ``now``.
    """
    latest = None if _YEAR.search(pattern) else now.astimezone(zone) + AHEAD
    compiled = _compiled(pattern)

    def read(text: str) -> datetime:
        found = compiled.fullmatch(text) if compiled else None
        if found is None:
            return _by_strptime(text, pattern, zone, latest)
        part = found.groupdict()
        month = _MONTHS.get(part["b"]) if "b" in part else int(part["m"])
        if month is None:
            return _by_strptime(text, pattern, zone, latest)
        own = _offset(part["z"]) if "z" in part else zone
        clock = int(part.get("H") or 0), int(part.get("M") or 0), int(part.get("S") or 0)
        micros = int(part["f"].ljust(6, "0")) if "f" in part else 0
        year = part.get("Y")
        if year is not None:
            return datetime(int(year), month, int(part["d"]), *clock, micros, own)
        return _latest(lambda year: datetime(year, month, int(part["d"]), *clock, micros, own), latest or now)

    return read


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return the pattern as a regular expression, or None if it is not simple enough."""
    parts, names = [], []
    for directive, space, literal in _DIRECTIVE.findall(pattern):
        if directive and (directive not in _PARTS or directive in names):
            return None
        names.append(directive)
        parts.append(_PARTS[directive] if directive else r"\s+" if space else re.escape(literal))
    fits = "d" in names and ("m" in names) != ("b" in names)
    return re.compile("".join(parts), re.ASCII) if fits else None


@cache
def _offset(text: str) -> timezone:
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes)) if minutes else UTC


def _latest(moment_in: Callable[[int], datetime], latest: datetime) -> datetime:
    """Return a moment in the latest year in which it is not after ``latest``; 29 February is not in every year."""
    fault = ValueError("no year fits")
    for year in range(latest.year + 1, latest.year - 9, -1):
        try:
            moment = moment_in(year)
        except ValueError as error:
            fault = error
        else:
            if moment <= latest:
                return moment
    raise fault


def _by_strptime(text: str, pattern: str, zone: tzinfo, latest: datetime | None) -> datetime:
    def read(text: str, pattern: str) -> datetime:
        moment = datetime.strptime(text, pattern)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    if latest is None:
        return read(text, pattern)
    return _latest(lambda year: read(f"{year} {text}", f"%Y {pattern}"), latest)

"""Answers queries: events page by page, and the names that events speak of."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from waybill.epcis.document import Event
from waybill.epcis.query import Query, QueryParameterError
from waybill.epcis.store import to_time
from waybill.model.errors import InputError

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_CHUNK = 500

NAMES = {
    "eventTypes": "SELECT DISTINCT kind FROM event WHERE kind > ?1 ORDER BY 1 LIMIT ?2",
    "epcs": "SELECT item FROM item WHERE is_class < 2 AND item > ?1 ORDER BY 1 LIMIT ?2",
    "bizSteps": "SELECT DISTINCT biz_step FROM event WHERE biz_step > ?1 ORDER BY 1 LIMIT ?2",
    "bizLocations": "SELECT DISTINCT biz_location FROM event WHERE biz_location > ?1 ORDER BY 1 LIMIT ?2",
    "readPoints": "SELECT DISTINCT read_point FROM event WHERE read_point > ?1 ORDER BY 1 LIMIT ?2",
    "dispositions": "SELECT DISTINCT disposition FROM event WHERE disposition > ?1 ORDER BY 1 LIMIT ?2",
}
"""What names there are of each resource, in order, from one on."""


class TooManyError(InputError):
    """More events fit than the query allows."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, and what to ask with for the next ones; empty after the last."""

    events: list[Event]
    next: str


def answer(database: sqlite3.Connection, query: Query, *, most: int, after: str = "") -> Page:
    """Return the events that fit, ``most`` a page, in the order of the query.

    Raises TooManyError if more than ``maxEventCount`` fit, and QueryParameterError for a token that is none.
    """
    found: list[tuple[tuple[int, int], Event]] = []
    place = _place(after)
    told = place[2] if place else 0
    page = most if query.limit is None else min(most, query.limit - told)
    wanted = page if query.most is None else max(page, query.most - told + 1)
    last: tuple[int, int] | None = place[:2] if place else None
    while len(found) <= wanted:
        rows = _rows(database, query, last)
        for order, number, id, recorded_at, body in rows:
            event = _event(id, recorded_at, body)
            if all(test(event) for test in query.tests):
                found.append(((order, number), event))
            if len(found) > wanted:
                break
            last = order, number
        if len(rows) < _CHUNK:
            break
    if query.most is not None and told + len(found) > query.most:
        raise TooManyError("more events fit than allowed", where="maxEventCount", expected=f"at most {query.most}")
    shown, rest = found[: max(page, 0)], found[max(page, 0) :]
    ends = query.limit is not None and told + len(shown) >= query.limit
    token = _token(shown[-1][0], told + len(shown)) if rest and shown and not ends else ""
    return Page([event for _, event in shown], token)


def names(database: sqlite3.Connection, resource: str, *, most: int, after: str = "") -> tuple[list[str], str]:
    """Return what names there are of a resource, and what to ask with for the next ones."""
    try:
        start = base64.urlsafe_b64decode(after).decode() if after else ""
    except (binascii.Error, UnicodeDecodeError):
        raise QueryParameterError("nextPageToken", "this is no token", "that of the page before") from None
    found = [row[0] for row in database.execute(NAMES[resource], (start, most + 1))]
    more = len(found) > most
    return found[:most], base64.urlsafe_b64encode(found[most - 1].encode()).decode() if more else ""


def event_of(database: sqlite3.Connection, id: str) -> Event | None:
    """Return one event by its id, or None."""
    row = database.execute(
        "SELECT id, recorded_at, body FROM event WHERE id = ? ORDER BY declares LIMIT 1", (id,)
    ).fetchone()
    return None if row is None else _event(*row)


def since(database: sqlite3.Connection, query: Query, after: int, most: int) -> tuple[list[Event], int]:
    """Return the events that fit among those captured after a number, and up to which was looked."""
    conditions = " AND ".join(["number > ?", *query.wheres])
    rows = database.execute(
        f"SELECT number, id, recorded_at, body FROM event WHERE {conditions} ORDER BY number LIMIT ?",  # noqa: S608
        (after, *query.values, most),
    ).fetchall()
    events = []
    for number, id, recorded_at, body in rows:
        event = _event(id, recorded_at, body)
        if all(test(event) for test in query.tests):
            events.append(event)
        after = number
    if len(rows) < most:
        after = database.execute("SELECT coalesce(max(number), 0) FROM event").fetchone()[0]
    return events, after


def query_document(events: list[Event], name: str, now: datetime, *, subscription: str = "") -> dict[str, Any]:
    """Return the document that answers a query; events bring the prefixes they use."""
    results: dict[str, Any] = {"queryName": name, "resultsBody": {"eventList": events}}
    if subscription:
        results["subscriptionID"] = subscription
    return {
        "@context": [CONTEXT],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": now.isoformat(),
        "epcisBody": {"queryResults": results},
    }


def _event(id: str, recorded_at: int, body: bytes) -> Event:
    """Return an event as it was given, with its id and when it was recorded here."""
    event: Event = msgspec.json.decode(body)
    return event | {"eventID": id, "recordTime": to_time(recorded_at).isoformat()}


def _rows(database: sqlite3.Connection, query: Query, last: tuple[int, int] | None) -> list[Any]:
    sign, direction = ("<", "DESC") if query.descending else (">", "ASC")
    wheres, values = list(query.wheres), list(query.values)
    if last is not None:
        wheres.append(f"({query.order}, number) {sign} (?, ?)")
        values += last
    conditions = f"WHERE {' AND '.join(wheres)}" if wheres else ""
    return database.execute(
        f"SELECT {query.order}, number, id, recorded_at, body FROM event {conditions} "  # noqa: S608  # names are ours
        f"ORDER BY {query.order} {direction}, number {direction} LIMIT {_CHUNK}",
        values,
    ).fetchall()


def _token(at: tuple[int, int], told: int) -> str:
    return base64.urlsafe_b64encode(f"{at[0]}.{at[1]}.{told}".encode()).decode()


def _place(token: str) -> tuple[int, int, int] | None:
    if not token:
        return None
    try:
        first, second, told = (int(part) for part in base64.urlsafe_b64decode(token).decode().split("."))
    except (binascii.Error, ValueError):
        raise QueryParameterError("nextPageToken", "this is no token", "that of the page before") from None
    return first, second, told

"""What the standard's interface keeps beside events: capture jobs, named queries, subscriptions."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from waybill.epcis.query import Query, QueryParameterError
from waybill.epcis.store import to_number, to_time
from waybill.model.errors import InputError

MOST_QUERIES = 1000
_NAME = msgspec.json.Decoder(dict[str, Any])


class NameTakenError(InputError):
    """There is a query of this name already."""


def add_job(database: sqlite3.Connection, job: dict[str, Any], now: datetime) -> str:
    """Keep how a capture went; returns its id."""
    id = str(uuid.uuid4())
    database.execute(
        "INSERT INTO job VALUES (?, ?, ?)", (id, to_number(now), msgspec.json.encode(job | {"captureID": id}).decode())
    )
    return id


def job(database: sqlite3.Connection, id: str) -> dict[str, Any] | None:
    """Return a capture job, or None."""
    row = database.execute("SELECT content FROM job WHERE id = ?", (id,)).fetchone()
    return _NAME.decode(row[0]) if row else None


def jobs(database: sqlite3.Connection, most: int, after: int) -> list[tuple[int, dict[str, Any]]]:
    """Return capture jobs, the newest first, each with what to ask with for those after it."""
    rows = database.execute(
        "SELECT created_at, content FROM job WHERE created_at < ? ORDER BY created_at DESC LIMIT ?",
        (after or 1 << 62, most),
    )
    return [(at, _NAME.decode(content)) for at, content in rows]


def add_query(database: sqlite3.Connection, name: str, parameters: dict[str, Any], now: datetime) -> None:
    """Keep a query under a name. Raises QueryParameterError if it is wrong, NameTakenError if there is one."""
    if not name or len(name) > 200 or name == "SimpleEventQuery":
        raise QueryParameterError("name", "a query cannot be called so", "up to 200 letters")
    Query.parse(parameters)
    if query_of(database, name) is not None:
        raise NameTakenError("there is a query of this name", where=name, expected="another name")
    if database.execute("SELECT count(*) FROM named_query").fetchone()[0] >= MOST_QUERIES:
        raise InputError("there are too many queries", expected=f"at most {MOST_QUERIES}")
    content = msgspec.json.encode(parameters).decode()
    database.execute("INSERT INTO named_query VALUES (?, ?, ?)", (name, to_number(now), content))


def query_of(database: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    """Return the parameters of a named query, or None."""
    row = database.execute("SELECT content FROM named_query WHERE name = ?", (name,)).fetchone()
    return _NAME.decode(row[0]) if row else None


def queries(database: sqlite3.Connection, most: int, after: str) -> list[dict[str, Any]]:
    """Return named queries by name, from one on."""
    rows = database.execute(
        "SELECT name, created_at, content FROM named_query WHERE name > ? ORDER BY name LIMIT ?", (after, most)
    )
    return [
        {"name": name, "createdAt": to_time(at).isoformat(), "query": _NAME.decode(text)} for name, at, text in rows
    ]


def remove_query(database: sqlite3.Connection, name: str) -> bool:
    """Remove a named query and its subscriptions; returns whether there was one."""
    database.execute("DELETE FROM subscription WHERE query = ?", (name,))
    return database.execute("DELETE FROM named_query WHERE name = ?", (name,)).rowcount > 0


def subscribe(database: sqlite3.Connection, query: str, wanted: dict[str, Any], now: datetime) -> str:
    """Keep a subscription to a named query; it is told of what is captured from now on. Returns its id."""
    id = str(uuid.uuid4())
    last = database.execute("SELECT coalesce(max(number), 0) FROM event").fetchone()[0]
    content = msgspec.json.encode(wanted | {"subscriptionID": id, "createdAt": now.isoformat()}).decode()
    database.execute("INSERT INTO subscription VALUES (?, ?, ?, ?, ?)", (id, query, to_number(now), content, last))
    return id


def subscriptions(database: sqlite3.Connection, query: str | None = None) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Yield subscriptions, of one query or all: the query's name, what is wanted, and the last event that was sent."""
    rows = database.execute(
        "SELECT query, content, seen FROM subscription WHERE ?1 IS NULL OR query = ?1 ORDER BY created_at, id", (query,)
    )
    for name, content, seen in rows.fetchall():
        yield name, _NAME.decode(content), seen


def unsubscribe(database: sqlite3.Connection, query: str, id: str) -> bool:
    """Remove a subscription; returns whether there was one."""
    return database.execute("DELETE FROM subscription WHERE query = ? AND id = ?", (query, id)).rowcount > 0


def sent(database: sqlite3.Connection, id: str, seen: int) -> None:
    """Note up to which event a subscription was sent."""
    database.execute("UPDATE subscription SET seen = ? WHERE id = ?", (seen, id))

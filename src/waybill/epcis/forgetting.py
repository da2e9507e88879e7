"""Removing what must not be kept any longer: events of before a day, and what names a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from waybill.epcis.store import Store, to_number

_TEXTS = (
    ("event", "body"),
    ("event", "submitter"),
    ("capture", "submitter"),
    ("attribute", "value"),
    ("reading", "text"),
    ("paper", "document"),
)
"""Where a document may name a person beyond its own fields."""

ERASED = "erased"
"""Stands where a pseudonym stood."""


def retain(store: Store, before: datetime) -> int:
    """Remove events that happened before a moment, and all that was taken out of them; returns how many.

    Items stay known by name while a later event speaks of them.
    """
    if not store.exists:
        return 0
    with store.writing() as database:
        edge = to_number(before)
        old = "(SELECT number FROM event WHERE time < ?)"
        for table in ("event_item", "edge", "reading", "paper", "attribute", "mark"):
            database.execute(f"DELETE FROM {table} WHERE event IN {old}", (edge,))  # noqa: S608
        gone = database.execute("DELETE FROM event WHERE time < ?", (edge,)).rowcount
        database.execute(
            "DELETE FROM item WHERE number NOT IN (SELECT item FROM event_item) "
            "AND number NOT IN (SELECT source FROM edge) AND number NOT IN (SELECT target FROM edge)"
        )
    if gone:
        store.vacuum()
    return gone


def erase(store: Store, pseudonyms: Collection[str]) -> int:
    """Replace pseudonyms wherever they stand, so that no byte of them remains; returns how many texts changed."""
    if not store.exists:
        return 0
    changed = 0
    with store.writing() as database:
        for pseudonym in pseudonyms:
            for table, column in _TEXTS:
                text = f"CAST({column} AS TEXT)"
                new = f"CAST(replace({text}, ?1, ?2) AS BLOB)" if column == "body" else f"replace({text}, ?1, ?2)"
                changed += database.execute(
                    f"UPDATE {table} SET {column} = {new} WHERE instr({text}, ?1)",  # noqa: S608  # names are ours
                    (pseudonym, ERASED),
                ).rowcount
    store.vacuum()
    return changed

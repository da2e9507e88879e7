"""Tells the targets of an event of the Okta System Log apart: what it concerns, and whom.

All targets stand in one list, people among applications, tokens and groups. `read` adds ``waybill.object`` and
``waybill.object_type`` (the application, or else the first target that is no person), ``waybill.user`` (the log-in of
the first person) and ``waybill.people`` (every name and id of people, the actor's too).

Schema: https://developer.okta.com/docs/reference/api/system-log/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]

_USERS = ("User", "AppUser")
"""Types of targets that are people."""

_APPLICATION = "AppInstance"

_NAMING = ("alternateId", "displayName", "id")
_NOTHING = frozenset({"", "unknown"})
"""What Okta writes where a target has no such name."""


def read(record: Record) -> Record:
    """Return the event with its targets told apart; the same object."""
    targets = record.get("target")
    found = [target for target in targets if isinstance(target, dict)] if isinstance(targets, list) else []
    users = [target for target in found if target.get("type") in _USERS]
    things = sorted(
        (target for target in found if target not in users), key=lambda one: one.get("type") != _APPLICATION
    )
    added: Record = {}
    for thing in things[:1]:
        added["object"] = next(_names(thing, ("displayName", "alternateId", "id")), None)
        added["object_type"] = thing.get("type")
    for user in users[:1]:
        added["user"] = next(_names(user, _NAMING), None)
    people = sorted({name for user in [*users, *_acting(record)] for name in _names(user, _NAMING)})
    if people:
        added["people"] = people
    if added:
        record["waybill"] = added
    return record


def _acting(record: Record) -> Iterator[Record]:
    """Yield the actor if that is a person."""
    actor = record.get("actor")
    if isinstance(actor, dict) and actor.get("type") in _USERS:
        yield actor


def _names(target: Record, keys: tuple[str, ...]) -> Iterator[str]:
    """Yield what names a target, the best first."""
    for key in keys:
        name = target.get(key)
        if isinstance(name, str) and name not in _NOTHING:
            yield name

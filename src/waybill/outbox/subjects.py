"""Whom a record is about, and whom it names: a record is forgotten with the first, a group with each of the others."""

from __future__ import annotations

import re

_PSEUDONYM = re.compile(r"p-[0-9a-z]{6,}(?![\w-])")
"""A person, wherever he is named: alone, before a domain (``p-…@domain``) or after one (``DOMAIN\\p-…``).

It begins with letters that can be searched for quickly; what stands before it is looked at afterwards.
"""

_INSIDE = re.compile(r"[\w-]")


def people(text: str) -> set[str]:
    """Return the pseudonyms in a text."""
    found = _PSEUDONYM.finditer(text)
    return {one[0] for one in found if not _INSIDE.match(text, one.start() - 1, one.start())}


def person(name: str) -> str:
    """Return the pseudonym in an actor's name; nothing if he is no person."""
    return min(people(name), default="")

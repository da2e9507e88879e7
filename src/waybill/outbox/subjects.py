"""Whom a record is about, and whom it names: a record is forgotten with the first, a group with each of the others."""

from __future__ import annotations

import re

_PSEUDONYM = re.compile(r"(?<![\w-])p-[0-9a-z]{6,}(?![\w-])")
"""A person, wherever he is named: alone, before a domain (``p-…@domain``) or after one (``DOMAIN\\p-…``)."""


def people(text: str) -> set[str]:
    """Return the pseudonyms in a text."""
    return set(_PSEUDONYM.findall(text))


def person(name: str) -> str:
    """Return the pseudonym in an actor's name; nothing if he is no person."""
    found = _PSEUDONYM.search(name)
    return found[0] if found else ""

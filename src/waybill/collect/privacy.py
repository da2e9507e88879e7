"""Keeps people's names and protected traffic out of everything that is written.

One ``Guard`` serves one chunk. It remembers what it made of each distinct value: logs repeat themselves. Values that
only one record's own identities touch are handled apart, and whether there are any is seen in the record's bytes.
"""

from __future__ import annotations

import re
from typing import Any

from waybill.collect.names import KnownNames, accounts_of, is_searchable, pattern_of
from waybill.collect.patterns import replace_people
from waybill.model.protocols import ChannelFilter, Pseudonymiser
from waybill.model.transfers import SEPARATOR
from waybill.model.words import PartyKind

Held = tuple[str, ...]
"""Identities that one record holds in its fields for people."""


class ProtectedTraffic(Exception):  # noqa: N818 -- not a fault but a right
    """The record touches a protected channel: drop it before anything else sees it."""


class Guard:
    """Replaces names and stops protected traffic for the records of one chunk."""

    def __init__(self, pseudonymiser: Pseudonymiser, channels: ChannelFilter, known: KnownNames) -> None:
        self.identities: dict[str, tuple[str, PartyKind]] = {}
        self.clean = _Memo(self._clean)
        """Each value with everything replaced that needs no knowledge of its record."""
        self._pseudonymiser = pseudonymiser
        self._protects = channels.protects
        self._known = known
        self._own: dict[Held, OwnNames] = {}
        self._pseudonyms: dict[str, str] = {}

    def person(self, identity: str) -> str:
        """Return the pseudonym of a person, and remember who it is for the sealed list of identities."""
        found = self._pseudonyms.get(identity)
        if found is None:
            found = self._pseudonyms[identity] = self._pseudonymiser.pseudonym(identity, PartyKind.PERSON)
            if found != identity:
                self._meet(found, identity)
        return found

    def is_person(self, name: str) -> bool:
        """Return whether a name is not well known to be no person's."""
        return self._pseudonymiser.pseudonym(name, PartyKind.PERSON) != name

    def own_names(self, held: Held) -> OwnNames:
        """Return what to replace in records that hold these identities."""
        own = self._own.get(held)
        if own is None:
            own = self._own[held] = OwnNames(self, held)
        return own

    def _meet(self, pseudonym: str, identity: str) -> None:
        self.identities.setdefault(pseudonym, (identity, PartyKind.PERSON))

    def _clean(self, value: str) -> str:
        if self._protects(value):
            raise ProtectedTraffic
        if self._known:
            value = self._known.replace(value, self._meet)
        return replace_people(value, self.person)


class _Memo(dict[str, str]):
    """Remembers what a function made of each value; a function that raises is asked again."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, value: str) -> str:
        made: str = self._function(value)
        self[value] = made
        return made


class OwnNames:
    """The identities that a record's own fields hold, and how to replace them all over that record."""

    def __init__(self, guard: Guard, held: Held) -> None:
        identities = [part for value in held for part in value.split(SEPARATOR)]
        self.values = {
            value: SEPARATOR.join(_disguise(guard, part) for part in value.split(SEPARATOR)) for value in held
        }
        """The replacement of each identity field as a whole."""
        names = {name for identity in identities for name in accounts_of(identity) if is_searchable(name)}
        names = {name for name in names if guard.is_person(name)}
        self._pattern = pattern_of(names) if names else None
        self._guard = guard
        self._shortest = tuple(name for name in names if not any(other != name and other in name for other in names))
        self._expected = tuple(
            (name.encode(), sum(value.casefold().count(name) for value in held)) for name in self._shortest
        )
        self._plain = all(name.isascii() for name in names)
        self.clean = _Memo(self._clean)
        """Each value with these identities replaced as well."""

    def elsewhere(self, line: bytes) -> bool:
        """Return whether the record's bytes name one of the identities anywhere but in the fields that hold them.

        False is certain, true is not. Bytes that may hide letters (escapes such as ``\\u0061``) count as true.
        """
        if not self._plain or b"\\u" in line:
            return True
        lowered = line.lower()
        return any(lowered.count(name) != times for name, times in self._expected)

    def names_in(self, name: str) -> bool:
        """Return whether the name of a field names one of the identities."""
        return self._pattern is not None and self._pattern.search(name) is not None

    def _clean(self, value: str) -> str:
        clean = self.values.get(value) or self._guard.clean[value]
        if self._pattern is None:
            return clean
        folded = clean.casefold()
        if not any(name in folded for name in self._shortest):
            return clean
        return self._pattern.sub(self._pseudonym, clean)

    def _pseudonym(self, found: re.Match[str]) -> str:
        return self._guard.person(found[0].casefold())


def _disguise(guard: Guard, identity: str) -> str:
    """Return an identity in the form it keeps inside fields: an address keeps its domain, a plain name nothing."""
    clean = guard.clean[identity]
    return clean if clean != identity else guard.person(identity)


def clean_nested(value: Any, clean: dict[str, str]) -> Any:
    """Return a nested record with every text in it, names of fields too, replaced by ``clean``."""
    kind = type(value)
    if kind is str:
        return clean[value]
    if kind is dict:
        return {clean[name]: clean_nested(member, clean) for name, member in value.items()}
    if kind is list:
        return [clean_nested(item, clean) for item in value]
    return value

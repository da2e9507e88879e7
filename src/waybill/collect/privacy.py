"""Keeps people's names and protected traffic out of everything that is written.

One ``Guard`` serves one process. It looks at each distinct value once, since logs repeat themselves, and at all values
of a chunk joined before it looks at any: most chunks hold nothing to replace beyond the fields that name people.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Any

from waybill.collect.names import KnownNames, accounts_of, is_searchable, pattern_of
from waybill.collect.patterns import MARKS, has_domain, may_name_people, replace_people, replace_people_in_line
from waybill.collect.scalars import text
from waybill.collect.scanning import PLAIN, Scanning
from waybill.model.protocols import ChannelFilter, Pseudonymiser
from waybill.model.transfers import SEPARATOR
from waybill.model.words import PartyKind

Held = tuple[str, ...]
"""First the actor's name if no field holds it as it is, else empty; then the values of fields that hold identities."""


class ProtectedTraffic(Exception):  # noqa: N818 -- not a fault but a right
    """The record touches a protected channel: drop it before anything else sees it."""


REMEMBERED_LETTERS = 8 << 20
"""In values, and as many in lines of long ones, that a guard remembers from chunk to chunk what became of them."""

REMEMBERED = 100_000
"""People and their combinations that a guard remembers from chunk to chunk before it begins anew."""


class Guard:
    """Replaces names and stops protected traffic, chunk after chunk."""

    def __init__(
        self,
        pseudonymiser: Pseudonymiser,
        channels: ChannelFilter,
        known: KnownNames,
        scanning: Scanning = PLAIN,
    ) -> None:
        self.scanning = scanning
        self.identities: dict[str, tuple[str, PartyKind]] = {}
        """Who is behind each pseudonym that was given first in this chunk, to be sealed."""
        self.clean = _Memo(self._clean)
        """Each value with everything replaced that needs no knowledge of its record; raises ProtectedTraffic."""
        self._clean_line = _Memo(lambda line: replace_people_in_line(line, self.person))
        """Each line of longer texts with the people it gives away replaced."""
        self._messages: list[str] = []
        """Values of several lines in this chunk, which will hardly come again."""
        self._pseudonymiser = pseudonymiser
        self._protects = channels.protects
        self._watching = False
        """Whether anything that ``unclean`` was shown is protected."""
        self._protects_bytes = channels.protects_bytes
        self._known = known
        self.own: dict[Held, OwnNames] = {}
        """What ``own_names`` has been asked for so far."""
        self._asked: list[OwnNames] = []
        """What it was asked for in this chunk."""
        self._pseudonyms: dict[str, str] = {}
        self._told: set[str] = set()
        """Pseudonyms of people who were among ``identities`` before: each is sealed once, not with every chunk."""

    def begin_chunk(self) -> None:
        """Begin another chunk: whom earlier ones told of is not told again, and memory stays bounded."""
        self.identities = {}
        self._watching = False
        for message in self._messages:
            self.clean.pop(message, None)
        self._messages.clear()
        self.clean.bound()
        self._clean_line.bound()
        for own in self._asked:
            own.clean.clear()
        self._asked.clear()
        if max(len(self.own), len(self._pseudonyms)) > REMEMBERED:
            self.own.clear()
            self._pseudonyms.clear()
            self._told.clear()

    def finds_nothing(self, data: bytes) -> bool:
        """Return whether it is certain that nothing in records written as this JSON is to be replaced or protected.

        Saves looking at values one by one. Any backslash may be an escape that hides something.
        """
        if any(mark.encode() in data for mark in MARKS) or self._protects_bytes(data):
            return False
        return not self._known or not self._known.may_be_in(data.decode(errors="replace"))

    def protected_below(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of some nested names that name a protected channel from one of their dots on.

        They are not to be cleaned: with what stands before the dot, an address would look like somebody else's.
        """
        below = {name: [name[dot + 1 :] for dot, letter in enumerate(name) if letter == "."] for name in names}
        if not self._protects("\n".join(part for parts in below.values() for part in parts)):
            return frozenset()
        return frozenset(name for name, parts in below.items() if any(map(self._protects, parts)))

    def unclean(self, values: Iterable[str]) -> frozenset[str]:
        """Return those of some distinct values in which something is to be replaced, or that are protected."""
        plain: list[str] = []
        other: list[str] = []
        for value in values:
            (plain if value.isascii() else other).append(value)
        return frozenset(self._unclean_of(plain)) | frozenset(self._unclean_of(other))

    def _unclean_of(self, values: list[str]) -> Iterable[str]:
        """Look at all values joined first; apart if they are not ASCII, since folding the case of those is slow."""
        joined = "\n".join(values)
        self._watching = self._watching or self._protects(joined)
        if not (self._watching or self._known.may_be_in(joined)):
            messages = [value for value in values if "\n" in value]
            values = self.scanning.may_name_people(values, joined, self._is_clean_line)
            self._remember({*messages}.difference(values))
        return [value for value in values if not self._is_clean(value)]

    def _remember(self, messages: set[str]) -> None:
        """Remember messages that are clean, as long as this chunk lasts: they will hardly come again."""
        self._messages += messages
        self.clean.update(zip(messages, messages, strict=True))

    def _is_clean_line(self, line: str) -> bool:
        return self._clean_line[line] == line

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
        own = self.own.get(held)
        if own is None:
            own = self.own[held] = OwnNames(self, held)
        self._asked.append(own)
        return own

    def _meet(self, pseudonym: str, identity: str) -> None:
        if pseudonym not in self._told:
            self._told.add(pseudonym)
            self.identities[pseudonym] = (identity, PartyKind.PERSON)

    def _is_clean(self, value: str) -> bool:
        try:
            return self.clean[value] == value
        except ProtectedTraffic:
            return False

    def _clean(self, value: str) -> str:
        if self._watching and self._protects(value):
            raise ProtectedTraffic
        if self._known:
            value = self._known.replace(value, self._meet)
        if "\n" not in value:
            return replace_people(value, self.person)
        clean = self._clean_line
        return "\n".join([clean[line] if may_name_people(line) else line for line in value.split("\n")])


class _Memo(dict[str, str]):
    """Remembers what a function made of each value; a function that raises is asked again."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self._function = function
        self._letters = 0

    def __missing__(self, value: str) -> str:
        made: str = self._function(value)
        self[value] = made
        self._letters += len(value) + len(made)
        return made

    def bound(self) -> None:
        """Begin anew if too much is remembered."""
        if self._letters > REMEMBERED_LETTERS:
            self.clear()
            self._letters = 0


class OwnNames:
    """The identities that a record's own fields hold, and how to replace them all over that record."""

    def __init__(self, guard: Guard, held: Held) -> None:
        self._guard = guard
        identities = [part for value in held for part in value.split(SEPARATOR) if part]
        self.values: dict[str | None, str] = {
            value: SEPARATOR.join(map(self._disguise, value.split(SEPARATOR))) for value in held if value
        }
        """The replacement of each identity field as a whole."""
        names = {name for identity in identities for name in accounts_of(identity) if is_searchable(name)}
        names = {name for name in names if guard.is_person(name)}
        self._names = names
        self._shortest = [name for name in names if not any(other != name and other in name for other in names)]
        fields = [value.casefold() for value in held[1:]]
        self.expected = [(name.encode(), sum(field.count(name) for field in fields)) for name in self._shortest]
        self._ascii = all(name.isascii() and name.isprintable() for name in names)
        self.plain = self._ascii and not any(set('\\/"') & set(name) for name in names)
        self.literals = [
            (f'"{value}"'.encode(), f'"{self.values[value]}"'.encode(), held[1:].count(value)) for value in {*held[1:]}
        ]
        self.nobody = not names and all(value == name for value, name in self.values.items())
        """Whether there is nothing to replace: services, machines, system accounts."""
        self.clean = _Memo(self._clean)
        """Each text with these identities replaced as well."""
        self.everywhere = self.clean, self.values
        """How to replace texts, and values that are an identity as a whole."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return pattern_of(self._names)

    def elsewhere(self, lowered: bytes) -> bool:
        """Return whether a record's bytes name one of the identities anywhere but in the fields that hold them.

        False is certain, true is not. ``lowered`` are its bytes in lower case, of which none hides letters.
        """
        if not self.plain:
            return True
        for name, times in self.expected:  # noqa: SIM110 -- a generator doubles the price, paid for every record
            if lowered.count(name) != times:
                return True
        return False

    def swapped(self, line: bytes) -> bytes | None:
        """Return JSON with the fields that hold identities replaced, where ``elsewhere`` is false.

        None if a field is written in another way than plainly quoted (as a number, or with escapes).
        """
        for literal, pseudonym, times in self.literals:
            parts = line.split(literal)
            if len(parts) != times + 1:
                return None
            line = pseudonym.join(parts)
        return line

    def names_in(self, name: str) -> bool:
        """Return whether the name of a field names one of the identities."""
        return bool(self._names) and self._pattern.search(name) is not None

    def may_be_in(self, texts: list[str]) -> list[bool]:
        """Return which texts may name one of the identities, or are one as a whole; false is certain."""
        joined = "\n".join(texts).casefold()
        if not (self._ascii and joined.isascii()):
            return [True] * len(texts)
        named = [text in self.values for text in texts]
        ends = [*accumulate(len(text) + 1 for text in texts)]
        for name in self._shortest:
            place = joined.find(name)
            while place >= 0:
                number = bisect_right(ends, place)
                named[number] = True
                place = joined.find(name, ends[number])
        return named

    def _clean(self, value: str) -> str:
        clean = self._guard.clean[value]
        clean = self.values.get(value, clean)
        folded = clean.casefold()
        if not any(name in folded for name in self._shortest):
            return clean
        if not (self._ascii and clean.isascii()):
            return self._pattern.sub(self._pseudonym, clean)
        return self._replaced(clean, folded)

    def _replaced(self, clean: str, folded: str) -> str:
        """Do as the pattern's ``sub`` does, which looks at every letter, where the letters of names are those found."""
        parts, done, place = [], 0, 0
        while (
            place := min((at for at in (folded.find(name, place) for name in self._names) if at >= 0), default=-1)
        ) >= 0:
            found = self._pattern.match(clean, place)
            if found is None:
                place += 1
            else:
                parts += [clean[done:place], self._pseudonym(found)]
                done = place = found.end()
        return "".join([*parts, clean[done:]])

    def _pseudonym(self, found: re.Match[str]) -> str:
        return self._guard.person(found[0].casefold())

    def _disguise(self, identity: str) -> str:
        """Return an identity as it stands in fields: an address or account keeps its domain, others keep nothing."""
        clean = self._guard.clean[identity] if has_domain(identity) else identity
        return clean if clean != identity else self._guard.person(identity)


def clean_nested(value: Any, clean: dict[str, str], whole: Mapping[str | None, str]) -> Any:
    """Return a nested record with every text in it, names of fields too, replaced by ``clean``.

    ``whole`` are the identities of the record, which may be numbers too.
    """
    kind = type(value)
    if kind is str:
        return clean[value]
    if kind is dict:
        return {clean[name]: clean_nested(member, clean, whole) for name, member in value.items()}
    if kind is list:
        return [clean_nested(item, clean, whole) for item in value]
    return whole.get(text(value), value)

"""Replaces the people in a register by their pseudonyms before it is kept or given to detectors."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from waybill.collect.names import KnownNames, accounts_of, is_searchable
from waybill.collect.patterns import replace_people
from waybill.model.disclosures import Disclosure, Price
from waybill.model.protocols import Pseudonymiser
from waybill.model.register import Asset, Party, Permit, Place, RegisterSnapshot
from waybill.model.words import PartyKind
from waybill.register.fields import Kind, Record
from waybill.register.importing import Problem, Reading, RegisterError, read_folder
from waybill.register.references import without_broken

_TEXTS = ("id", "name", "home", "parent", "asset", "place", "end_use", "basis")
_TEXTS_OF_REPORTS = (
    "id", "event", "organisation", "kind", "site", "document", "amends", "reason", "basis", "source", "file",
    "item", "quality",
)  # fmt: skip

Identities = dict[str, tuple[str, PartyKind]]
"""Who is behind each pseudonym, to be sealed and forgotten."""

Aliases = dict[str, tuple[str, ...]]
"""The further names of each person who is listed by name, to be sealed and forgotten too."""


class Masked(NamedTuple):
    """A reading without people, and who they are."""

    reading: Reading
    identities: Identities
    aliases: Aliases

    def known(self) -> dict[str, str]:
        """Return the pseudonym of every name."""
        first = {name: pseudonym for pseudonym, (name, _) in self.identities.items()}
        return first | {name: pseudonym for pseudonym, names in self.aliases.items() for name in names}


def masked(reading: Reading, pseudonymiser: Pseudonymiser, stored: Container[str] = ()) -> Masked:
    """Return ``reading`` with people replaced, and who they are.

    A person is each party of that kind, and each owner or holder of a permit that is neither listed as another kind
    of party, nor an organisation somebody belongs to, nor ``stored`` already: unknown names count as people's.
    In ids, names, patterns and reasons, people are replaced as ``collect`` replaces them in logs, so that a pattern
    such as ``/home/NAME/*`` still fits what is kept of the log. An alias stands for the person who has it wherever a
    name may stand; an alias of two people is a problem.
    """
    people = _People(reading, pseudonymiser, stored)
    problems = [*reading.problems, *people.problems]
    result = replace(reading, records={kind: [] for kind in reading.records}, problems=problems, lines={})
    for kind, records in reading.records.items():
        for record in records:
            file, line = reading.lines[kind, record.id]
            hidden = people.masked(record)
            if _names_a_person(record, hidden):
                what = "A person is named where an organisation answers."
                result.problems.append(Problem(file, line, "organisation", what, "an organisation or a site"))
            elif (kind, hidden.id) in result.lines:
                first = result.lines[kind, hidden.id][1]
                what = f"The same person was already listed in line {first}."
                result.problems.append(Problem(file, line, "id", what, "each person once"))
            else:
                result.records[kind].append(hidden)
                result.lines[kind, hidden.id] = (file, line)
    return Masked(result, people.identities, people.aliases)


def _names_a_person(record: Record, hidden: Record) -> bool:
    """Return whether a person stood where only an organisation may answer for what was reported."""
    return isinstance(record, Disclosure) and record.organisation != getattr(hidden, "organisation", "")


class _People:
    """Knows who in a reading is a person, and replaces them."""

    def __init__(self, reading: Reading, pseudonymiser: Pseudonymiser, stored: Container[str]) -> None:
        self.identities: Identities = {}
        self.aliases: Aliases = {}
        self._by_alias: dict[str, str] = {}
        self.problems: list[Problem] = []
        self._pseudonymiser = pseudonymiser
        self._stored = stored
        everything = [record for records in reading.records.values() for record in records]
        parties = [record for record in everything if isinstance(record, Party)]
        self._public = {party.id for party in parties if party.kind is not PartyKind.PERSON}
        self._public.update(party.org for party in parties if party.org)
        for party in parties:
            if party.kind is PartyKind.PERSON and (pseudonym := self._person(party.id)) != party.id:
                self._meet_aliases(pseudonym, party.aliases, *reading.lines[Kind.PARTIES, party.id])
        for record in everything:
            self._meet(record)
        known = {identity: pseudonym for pseudonym, (identity, _) in self.identities.items()} | self._by_alias
        known |= pseudonymiser.known()
        accounts = {name for identity in known for name in accounts_of(identity) if is_searchable(name)}
        self._known = KnownNames(known)
        self._accounts = KnownNames({name: pseudonymiser.pseudonym(name, PartyKind.PERSON) for name in accounts})

    def masked(self, record: Record) -> Record:
        """Return ``record`` without names of people."""
        change = msgspec.structs.replace
        if isinstance(record, Party):
            return change(record, id=self._person(record.id), aliases=()) if record.kind is PartyKind.PERSON else record
        if isinstance(record, Permit):
            record = change(record, party=self._anybody(record.party))
        if isinstance(record, Asset):
            record = change(record, owner=self._anybody(record.owner))
        texts = _TEXTS_OF_REPORTS if isinstance(record, Disclosure | Price) else _TEXTS
        cleaned: dict[str, Any] = {name: self._clean(getattr(record, name)) for name in texts if hasattr(record, name)}
        if isinstance(record, Asset | Place):
            cleaned["patterns"] = self._patterns(record)
        return change(record, **cleaned)

    def _patterns(self, record: Asset | Place) -> tuple[str, ...]:
        """Return the patterns, and those that fit where a log's own actor is named in them.

        In the records of an actor, ``collect`` replaces the actor's account name (``vault/ann/keys``) even where
        nothing else tells that it is one; in the records of others it stays. Both spellings must be known.
        """
        patterns = [self._clean(pattern) for pattern in record.patterns]
        named = [self._accounts.replace(text, self._note) for text in (self._clean(record.id), *patterns)]
        return tuple(dict.fromkeys([*patterns, *(text for text in named if text != self._clean(record.id))]))

    def _meet_aliases(self, pseudonym: str, aliases: Sequence[str], file: str, line: int) -> None:
        self.aliases[pseudonym] = tuple(dict.fromkeys(alias.casefold() for alias in aliases))
        for alias in self.aliases[pseudonym]:
            if self._pseudonymiser.pseudonym(alias, PartyKind.PERSON) == alias:
                self.problems.append(Problem(file, line, "aliases", "The name is nobody's.", "a name of one person"))
            elif self._by_alias.setdefault(alias, pseudonym) != pseudonym:
                what = "Another person has this alias."
                self.problems.append(Problem(file, line, "aliases", what, "a name of one person"))

    def _meet(self, record: Record) -> None:
        if isinstance(record, Party) and record.kind is PartyKind.PERSON:
            self._person(record.id)
        elif isinstance(record, Asset):
            self._anybody(record.owner)
        elif isinstance(record, Permit):
            self._anybody(record.party)

    def _anybody(self, identity: str) -> str:
        return identity if identity in self._public else self._person(identity)

    def _person(self, identity: str) -> str:
        if not identity or identity in self._stored:
            return identity
        if identity.casefold() in self._by_alias:
            return self._by_alias[identity.casefold()]
        pseudonym = self._pseudonymiser.pseudonym(identity, PartyKind.PERSON)
        self._note(pseudonym, identity)
        return pseudonym

    def _note(self, pseudonym: str, identity: str) -> None:
        if pseudonym != identity:
            self.identities.setdefault(pseudonym, (identity, PartyKind.PERSON))

    def _clean(self, text: str) -> str:
        return replace_people(self._known.replace(text, self._note), self._person)


def read_masked(
    folder: Path, pseudonymiser: Pseudonymiser, *, partial: bool = False
) -> tuple[RegisterSnapshot, dict[str, str]]:
    """Return the register in ``folder`` as detectors may see it, without a control database, and pseudonyms by name.

    Raises RegisterError for mistakes unless ``partial`` leaves those records out.
    """
    people = masked(read_folder(folder), pseudonymiser)
    reading = without_broken(people.reading)
    if reading.problems and not partial:
        raise RegisterError(reading.problems, str(folder))
    return reading.snapshot(), people.known()

"""Replaces the people in a register by their pseudonyms before it is kept or given to detectors."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from pathlib import Path

import msgspec

from waybill.model.protocols import Pseudonymiser
from waybill.model.register import Asset, Party, Permit, RegisterSnapshot
from waybill.model.words import PartyKind
from waybill.register.fields import Record
from waybill.register.importing import Problem, Reading, RegisterError, read_folder
from waybill.register.references import without_broken

Identities = dict[str, tuple[str, PartyKind]]
"""Who is behind each pseudonym, to be sealed and forgotten."""


def masked(reading: Reading, pseudonymiser: Pseudonymiser, stored: Container[str] = ()) -> tuple[Reading, Identities]:
    """Return ``reading`` with people's ids replaced, and who they are.

    A person is each party of that kind, and each owner or holder of a permit that is neither listed as another kind
    of party, nor an organisation somebody belongs to, nor ``stored`` already: unknown names count as people's.
    """
    identities: Identities = {}
    parties = [record for records in reading.records.values() for record in records if isinstance(record, Party)]
    public = {party.id for party in parties if party.kind is not PartyKind.PERSON}
    public.update(party.org for party in parties if party.org)

    def person(identity: str) -> str:
        if not identity or identity in stored:
            return identity
        pseudonym = pseudonymiser.pseudonym(identity, PartyKind.PERSON)
        if pseudonym != identity:
            identities[pseudonym] = (identity, PartyKind.PERSON)
        return pseudonym

    def anybody(identity: str) -> str:
        return identity if identity in public else person(identity)

    result = replace(reading, records={kind: [] for kind in reading.records}, problems=list(reading.problems), lines={})
    for kind, records in reading.records.items():
        for record in records:
            file, line = reading.lines[kind, record.id]
            hidden = _masked(record, person, anybody)
            if (kind, hidden.id) in result.lines:
                first = result.lines[kind, hidden.id][1]
                result.problems.append(
                    Problem(
                        file, line, "id", f"The same person was already listed in line {first}.", "each person once"
                    )
                )
            else:
                result.records[kind].append(hidden)
                result.lines[kind, hidden.id] = (file, line)
    return result, identities


def _masked(record: Record, person: Callable[[str], str], anybody: Callable[[str], str]) -> Record:
    if isinstance(record, Party) and record.kind is PartyKind.PERSON:
        return msgspec.structs.replace(record, id=person(record.id))
    if isinstance(record, Asset):
        return msgspec.structs.replace(record, owner=anybody(record.owner))
    if isinstance(record, Permit):
        return msgspec.structs.replace(record, party=anybody(record.party))
    return record


def read_masked(
    folder: Path, pseudonymiser: Pseudonymiser, *, partial: bool = False
) -> tuple[RegisterSnapshot, Identities]:
    """Return the register in ``folder`` as detectors may see it, without a control database, and who the people are.

    Raises RegisterError for mistakes unless ``partial`` leaves those records out.
    """
    reading, people = masked(read_folder(folder), pseudonymiser)
    reading = without_broken(reading)
    if reading.problems and not partial:
        raise RegisterError(reading.problems, str(folder))
    return reading.snapshot(), people

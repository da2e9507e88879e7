"""Finds records that name what the register does not hold, and places that lie in themselves."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from waybill.model.register import Asset, Party, Permit, Place
from waybill.register.fields import Kind, Record
from waybill.register.importing import Problem, Reading

MAX_DEPTH = 64
"""Most places around a place."""


@dataclass(frozen=True)
class Known:
    """Ids that a reference may name: those already stored and those being read."""

    places: dict[str, str] = field(default_factory=dict)
    """Parent by place."""
    assets: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    """Ids of parties and the organisations they belong to."""

    def and_read(self, records: dict[Kind, list[Record]]) -> Known:
        """Return these and the ids among ``records``."""
        everything = [record for group in records.values() for record in group]
        parties = [record for record in everything if isinstance(record, Party)]
        return Known(
            places={**self.places, **{r.id: r.parent for r in everything if isinstance(r, Place)}},
            assets=self.assets | {r.id for r in everything if isinstance(r, Asset)},
            parties=self.parties | {r.id for r in parties} | {r.org for r in parties if r.org},
        )


def without_broken(reading: Reading, stored: Known | None = None) -> Reading:
    """Return ``reading`` without the records whose references do not hold, each told as a problem.

    Leaving out one record can break another that names it, so this repeats until nothing more falls.
    """
    stored = stored or Known()
    while True:
        known = stored.and_read(reading.records)
        broken = {
            (kind, record.id): _told(reading, kind, record, fault)
            for kind, records in reading.records.items()
            for record in records
            for fault in _faults(record, known)
        }
        if not broken:
            return reading
        reading = _without(reading, broken, list(broken.values()))


def without_rewritten(reading: Reading, kept: Mapping[tuple[Kind, str], Record]) -> Reading:
    """Return ``reading`` without the records that would change one of those that must stay as they are."""
    changed = {
        (kind, record.id): record
        for kind, records in reading.records.items()
        for record in records
        if kept.get((kind, record.id), record) != record
    }
    fault = "id", "What was reported is not rewritten.", "a new record that amends it, with the reason"
    problems = [_told(reading, kind, record, fault) for (kind, _), record in changed.items()]
    return _without(reading, changed, problems)


def _without(reading: Reading, left_out: Container[tuple[Kind, str]], problems: Sequence[Problem]) -> Reading:
    records = {
        kind: [record for record in records if (kind, record.id) not in left_out]
        for kind, records in reading.records.items()
    }
    return replace(reading, records=records, problems=[*reading.problems, *problems])


def _told(reading: Reading, kind: Kind, record: Record, fault: tuple[str, str, str]) -> Problem:
    file, line = reading.lines[kind, record.id]
    return Problem(file, line, *fault)


def _faults(record: Record, known: Known) -> Iterator[tuple[str, str, str]]:
    """Yield column, what is wrong and what was expected, for each reference of ``record`` that does not hold."""
    if isinstance(record, Place):
        if record.parent and record.parent not in known.places:
            yield "parent", "The place is not known.", "the id of a place"
        elif _nests_for_ever(record.id, known.places):
            yield "parent", "The place lies in itself, or too deep.", f"at most {MAX_DEPTH} places around it, no circle"
    elif isinstance(record, Asset):
        if record.home and record.home not in known.places:
            yield "home", "The place is not known.", "the id of a place"
    elif isinstance(record, Permit):
        if record.asset not in known.assets:
            yield "asset", "The asset is not known.", "the id of an asset"
        if record.place and record.place not in known.places:
            yield "place", "The place is not known.", "the id of a place"
        if record.party and record.party not in known.parties:
            yield "party", "The party is not known.", "the id of a party, or an organisation that parties belong to"


def _nests_for_ever(place: str, parents: dict[str, str]) -> bool:
    above = place
    for _ in range(MAX_DEPTH):
        above = parents.get(above, "")
        if not above:
            return False
    return True

"""Rows to clean rows: protected traffic dropped, names replaced, the record itself kept as ``raw``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waybill.collect.cells import Cells, Numbers, grouped
from waybill.collect.dictionary import Codes
from waybill.collect.mapping import Mapping
from waybill.collect.people import People
from waybill.collect.privacy import Guard
from waybill.collect.records import Chunk
from waybill.collect.replacing import Replacing
from waybill.collect.rows import Rows
from waybill.collect.variants import Variants
from waybill.model.words import PartyKind


@dataclass(slots=True)
class CleanRows:
    """Records of one chunk that may be kept."""

    cells: Cells
    """Their fields, without names."""
    raw: list[bytes]
    """Each record as JSON, without names."""
    index: list[int]
    """Where each row stood among all."""
    actors: Codes
    """Pseudonyms of persons, names of others."""
    kinds: Codes
    variants: Variants

    def keep(self, rows: Numbers) -> None:
        """Forget all rows but these."""
        self.cells.keep(rows)
        self.variants.keep(rows)
        self.raw = [self.raw[row] for row in rows.tolist()]
        self.index = [self.index[row] for row in rows.tolist()]
        self.actors, self.kinds = self.actors[rows], self.kinds[rows]


def clean(rows: Rows, mapping: Mapping, guard: Guard, chunk: Chunk) -> CleanRows:
    """Return those of some rows of a chunk that may be kept."""
    cells = rows.cells
    replacing = Replacing(guard, mapping, chunk, cells)
    variants = Variants(mapping, cells)
    people = People(mapping, cells, variants)
    raw = replacing.run(people, rows.originals, rows.written)
    index = [place for place, line in enumerate(raw) if line is not None]
    kept = np.array(index, np.int64)
    if len(index) < len(raw):
        cells.keep(kept)
        variants.keep(kept)
    actors, kinds_of_actors = _named(guard, people, cells, kept)
    return CleanRows(cells, [line for line in raw if line is not None], index, actors, kinds_of_actors, variants)


def _named(guard: Guard, people: People, cells: Cells, kept: Numbers) -> tuple[Codes, Codes]:
    """Return actor and kind of each row as they are stored."""
    columns = (people.persons[kept], people.actors[kept], people.kinds[kept])
    firsts, groups = grouped(columns, len(kept))
    who = zip(*(column[firsts].tolist() for column in columns), strict=True)
    pairs = np.array([_name(guard, cells, *one) for one in who], np.int32).reshape(-1, 2)[groups]
    return pairs[:, 0], pairs[:, 1]


def _name(guard: Guard, cells: Cells, person: int, actor: int, kind: int) -> tuple[int, int]:
    identity = cells.texts[person]
    if identity is None:
        return actor, kind
    pseudonym = guard.person(identity)
    told = PartyKind.SERVICE if pseudonym == identity else PartyKind.PERSON
    return cells.dictionary[pseudonym], kind if cells.texts[kind] else cells.dictionary[str(told)]

"""Who acts in each record, and which of its fields hold identities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from waybill.collect.cells import Cells, grouped
from waybill.collect.dictionary import Codes
from waybill.collect.expressions import Expression
from waybill.collect.mapping import Mapping
from waybill.collect.privacy import Held
from waybill.collect.variants import Variants
from waybill.model.transfers import SEPARATOR
from waybill.model.words import PartyKind

_NO_PERSON = frozenset(kind for kind in PartyKind if kind is not PartyKind.PERSON)


class People:
    """The people of the rows of a chunk."""

    def __init__(self, mapping: Mapping, cells: Cells, variants: Variants) -> None:
        self.actors = variants.codes("actor", cells)
        self.kinds = variants.codes("actor_kind", cells)
        no_person = cells.where(self.kinds, _NO_PERSON.__contains__)
        self.persons: Codes = np.where(no_person, 0, cells.translated(self.actors, _unless_empty))
        """The actor of each row, if it may be a person."""
        actor, party = _expressions(mapping, "actor"), _expressions(mapping, "to_party")
        self._actors, self._parties = _fields(actor), _fields(party)
        self.paths = sorted({*self._actors, *self._parties, *mapping.persons} & cells.names)
        """Fields that hold identities as they are."""
        computed = [] if all(one.is_plain for one in actor) else [self.persons]
        if not all(one.is_plain for one in party):
            computed.append(cells.translated(variants.codes("to_party", cells), _with_address))
        self._number(cells, computed, [self._identities(path, mapping, cells) for path in self.paths])

    def _identities(self, path: str, mapping: Mapping, cells: Cells) -> Codes:
        """Return which identity the field of each row holds."""
        codes = cells.column(path)
        if path in mapping.persons:
            return cells.translated(codes, _unless_empty)
        if path in self._actors:
            # Only where it is the actor: elsewhere it may be an account or a role, which are no persons, or a longer
            # name around the actor's, of which rules want the rest.
            return np.where(codes == self.persons, codes, 0)
        return cells.translated(codes, _with_address)

    def _number(self, cells: Cells, computed: list[Codes], fields: list[Codes]) -> None:
        """Number the identities that rows hold together."""
        firsts, self.held_by_row = grouped([*computed, *fields], len(cells))
        self.held: list[Held] = [
            _held(cells, [column[row] for column in computed], [column[row] for column in fields])
            for row in firsts.tolist()
        ]
        """The identities of a record, each combination once; empty if a record holds none."""


def _held(cells: Cells, computed: Sequence[int], fields: Sequence[int]) -> Held:
    """Return the names that were computed, as one, and the values of the fields."""
    first = SEPARATOR.join(cells.texts[code] or "" for code in computed if code)
    names = [cells.texts[code] or "" for code in fields if code]
    return (first, *names) if first or names else ()


def _unless_empty(value: str) -> str | None:
    return value or None


def _with_address(value: str) -> str | None:
    """Return whom something went to if that is a person: who is named by an address."""
    return value if "@" in value else None


def _expressions(mapping: Mapping, column: str) -> list[Expression]:
    """Return every expression that a mapping has for a column."""
    columns = [mapping.columns, *(when.columns for when in mapping.whens)]
    return [expression for pairs in columns for name, expression in pairs if name == column]


def _fields(expressions: list[Expression]) -> set[str]:
    """Return the fields whose value is an identity, or contains it."""
    return {path for expression in expressions if not expression.mapped for path in expression.paths}

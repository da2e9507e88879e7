"""Parsed records to clean rows: protected traffic dropped, names replaced, the record itself kept as ``raw``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from waybill.collect.expressions import Expression, Row, Scalar, text
from waybill.collect.flatten import flatten
from waybill.collect.mapping import Mapping
from waybill.collect.privacy import Guard, Held, OwnNames, ProtectedTraffic, clean_nested
from waybill.collect.readers import READERS
from waybill.collect.records import Parsed
from waybill.collect.variants import Variants
from waybill.model.words import PartyKind

_NO_PERSON = frozenset(kind for kind in PartyKind if kind is not PartyKind.PERSON)


@dataclass(slots=True)
class CleanRows:
    """Records of one chunk that may be kept, column-wise."""

    rows: list[Row]
    """Flat, without names."""
    raw: list[bytes]
    """Each record as JSON, without names."""
    index: list[int]
    """Where each row stood among the parsed records."""
    actors: list[Scalar]
    """Pseudonyms of persons, names of others."""
    kinds: list[Scalar]
    variants: Variants
    present: frozenset[str]
    """Every field that any row has."""


def clean_records(parsed: Parsed, mapping: Mapping, guard: Guard, *, is_json: bool) -> CleanRows:
    """Return the rows that may be kept. ``is_json``: the canonical bytes are JSON in UTF-8, fit to be kept."""
    reader = READERS.get(mapping.reader)
    records = parsed.records if reader is None else [reader(record) for record in parsed.records]
    rows = [flatten(record) for record in records]
    variants = Variants.of(mapping, rows)
    actors = [text(actor) or None for actor in variants.values("actor", rows)]
    kinds = variants.values("actor_kind", rows)
    people = [None if kind in _NO_PERSON else actor for actor, kind in zip(actors, kinds, strict=True)]
    present = frozenset().union(*rows)
    cleaner = _Cleaner(mapping, guard, _held(mapping, variants, rows, people, present), present, is_json=is_json)
    nested = records if reader is None else rows
    kept = cleaner.run(rows, nested, parsed.lines)
    rows, raw, index = [row for row, _, _ in kept], [line for _, line, _ in kept], [place for _, _, place in kept]
    if len(index) != len(records):
        variants = variants.keep(index)
    named = [_named(guard, people[place], actors[place], kinds[place]) for place in index]
    names, sorts = [name for name, _ in named], [kind for _, kind in named]
    return CleanRows(rows, raw, index, names, sorts, variants, cleaner.present)


def _named(guard: Guard, person: str | None, actor: str | None, kind: Scalar) -> tuple[str | None, Scalar]:
    """Return actor and kind as they are stored."""
    if person is None:
        return actor, kind
    pseudonym = guard.person(person)
    return pseudonym, kind or (PartyKind.SERVICE if pseudonym == person else PartyKind.PERSON)


def _held(
    mapping: Mapping, variants: Variants, rows: list[Row], people: list[str | None], present: frozenset[str]
) -> list[Held]:
    """Return the identities each record holds: its actor, whom it went to, and what the mapping lists."""
    columns: list[Sequence[str | None]] = [people]
    if any(expressions.get("to_party") for expressions in variants.expressions):
        parties = [text(party) for party in variants.values("to_party", rows)]
        columns.append([party if party and "@" in party else None for party in parties])
    columns += [[text(row.get(path)) for row in rows] for path in mapping.persons if path in present]
    return [tuple([name for name in names if name]) for names in zip(*columns, strict=True)]


class _Cleaner:
    """Cleans the records of one chunk one by one."""

    def __init__(
        self, mapping: Mapping, guard: Guard, held: list[Held], present: frozenset[str], *, is_json: bool
    ) -> None:
        self.present = present
        self._guard = guard
        self._held = held
        self._is_json = is_json
        sources = [*_expressions(mapping, "actor"), *_expressions(mapping, "to_party")]
        self._paths = {*mapping.persons, *(path for expression in sources for path in expression.paths)} & present
        """Fields that hold identities as they are."""
        self._exact = is_json and all(expression.is_plain for expression in sources)
        """Whether a record's bytes show where else its identities are."""
        self._renamed = self._people_in_names(mapping)

    def run(self, rows: list[Row], records: list[Any], lines: list[bytes]) -> list[tuple[Row, bytes, int]]:
        """Return clean row, clean record and place of every record that is not protected."""
        kept = []
        for place, (row, record, line, held) in enumerate(zip(rows, records, lines, self._held, strict=True)):
            try:
                clean, raw = self._clean(row, record, line, held)
            except ProtectedTraffic:
                continue
            kept.append((clean, raw, place))
        return kept

    def _clean(self, row: Row, record: Any, line: bytes, held: Held) -> tuple[Row, bytes]:
        memo: dict[str, str] = self._guard.clean
        own = None
        if held:
            own = self._guard.own_names(held)
            if not self._exact or own.elsewhere(line):
                memo, own = own.clean, None
        clean = {name: memo[value] if type(value) is str else value for name, value in row.items()}
        if own is not None:
            self._put_pseudonyms(own, row, clean)
        if self._renamed:
            clean = {memo[name] if name in self._renamed else name: value for name, value in clean.items()}
        if self._is_json and clean == row:
            return clean, line
        if record is row:
            return clean, orjson.dumps(clean)
        return clean, orjson.dumps(clean_nested(record, self._guard.own_names(held).clean if held else memo))

    def _put_pseudonyms(self, own: OwnNames, row: Row, clean: Row) -> None:
        for path in self._paths:
            value = row.get(path)
            if value is not None:
                pseudonym = own.values.get(value if type(value) is str else str(text(value)))
                if pseudonym is not None:
                    clean[path] = pseudonym

    def _people_in_names(self, mapping: Mapping) -> frozenset[str]:
        """Return names of fields that give someone away, such as ``logins.li.na``; almost always there are none.

        What the mapping reads, and plain names at the top, are names of fields even if someone is called like them.
        """
        nested = [name for name in self.present - _fields_read(mapping) if "." in name]
        return frozenset(name for name in self.present if self._gives_away(name)) | frozenset(
            name for name in nested if any(self._guard.own_names(held).names_in(name) for held in {*self._held} if held)
        )

    def _gives_away(self, name: str) -> bool:
        try:
            return self._guard.clean[name] != name
        except ProtectedTraffic:
            return True


def _expressions(mapping: Mapping, column: str) -> list[Expression]:
    """Return every expression that a mapping has for a column."""
    columns = [mapping.columns, *(when.columns for when in mapping.whens)]
    return [expression for pairs in columns for name, expression in pairs if name == column]


def _fields_read(mapping: Mapping) -> frozenset[str]:
    """Return every field that a mapping reads."""
    columns = [mapping.columns, *(when.columns for when in mapping.whens)]
    read = {field for pairs in columns for _, expression in pairs for field in expression.fields}
    return frozenset(read | {condition.path for when in mapping.whens for condition in when.match})

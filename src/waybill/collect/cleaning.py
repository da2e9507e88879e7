"""Parsed records to clean rows: protected traffic dropped, names replaced, the record itself kept as ``raw``."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from dataclasses import dataclass
from typing import Any

import orjson

from waybill.collect.expressions import Expression, Row, Scalar, text, texts
from waybill.collect.flatten import flatten
from waybill.collect.mapping import JSON_FORMATS, Mapping
from waybill.collect.privacy import Guard, Held, ProtectedTraffic, clean_nested
from waybill.collect.readers import READERS
from waybill.collect.records import NESTED_TOO_DEEPLY, UTF8, Chunk, Parsed
from waybill.collect.variants import Variants
from waybill.model.transfers import SEPARATOR
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


def clean_records(parsed: Parsed, mapping: Mapping, guard: Guard, chunk: Chunk) -> CleanRows:
    """Return the rows that may be kept of the records parsed from a chunk."""
    reader = READERS.get(mapping.reader)
    records = parsed.records if reader is None else [reader(record) for record in parsed.records]
    rows = records if parsed.flat and reader is None else _flattened(parsed, records)
    people = _People(mapping, rows)
    cleaner = _Cleaner(mapping, guard, people, rows, chunk)
    kept = cleaner.run(rows, rows if reader else records, parsed.lines)
    index = [place for place, line in enumerate(kept) if line is not None]
    who = list(zip(people.persons, people.actors, people.kinds, strict=True))
    variants = people.variants
    if len(index) < len(rows):
        rows, who, variants = [rows[place] for place in index], [who[place] for place in index], variants.keep(index)
    named = {one: _named(guard, *one) for one in set(who)}
    return CleanRows(
        rows=rows,
        raw=[line for line in kept if line is not None],
        index=index,
        actors=[named[one][0] for one in who],
        kinds=[named[one][1] for one in who],
        variants=variants,
        present=people.present,
    )


def _flattened(parsed: Parsed, records: list[Any]) -> list[Row]:
    """Return flat rows; records that cannot be flattened leave ``parsed`` and ``records``."""
    rows = [flatten(record) for record in records]
    unfit = [place for place, row in enumerate(rows) if row is None]
    if unfit:
        if records is not parsed.records:
            for place in reversed(unfit):
                del records[place]
        parsed.leave_out(unfit, *NESTED_TOO_DEEPLY)
    return [row for row in rows if row is not None]


def _named(guard: Guard, person: str | None, actor: str | None, kind: Scalar) -> tuple[str | None, Scalar]:
    """Return actor and kind as they are stored."""
    if person is None:
        return actor, kind
    pseudonym = guard.person(person)
    return pseudonym, kind or (PartyKind.SERVICE if pseudonym == person else PartyKind.PERSON)


class _People:
    """Who acts in each record, and which of its fields hold identities."""

    def __init__(self, mapping: Mapping, rows: list[Row]) -> None:
        self.variants = Variants.of(mapping, rows)
        self.present = frozenset().union(*rows)
        self.actors = texts(self.variants.values("actor", rows))
        self.kinds = self.variants.values("actor_kind", rows)
        self.persons = [
            None if kind in _NO_PERSON or not actor else actor
            for actor, kind in zip(self.actors, self.kinds, strict=True)
        ]
        self.paths: list[str] = []
        """Fields that hold identities as they are."""
        self.held = self._held(mapping, rows)
        """The identities of each record; empty if it has none."""

    def _held(self, mapping: Mapping, rows: list[Row]) -> list[Held]:
        actor, party = _expressions(mapping, "actor"), _expressions(mapping, "to_party")
        actors, parties = _fields(actor), _fields(party)
        columns = []
        self.paths = sorted({*actors, *parties, *mapping.persons} & self.present)
        for path in self.paths:
            values = texts([row.get(path) for row in rows])
            if path in actors and path not in mapping.persons:
                # Only where it is the actor: elsewhere it may be an account or a role, which are no persons, or a
                # longer name around the actor's, of which rules want the rest.
                values = [
                    value if value == person else None for value, person in zip(values, self.persons, strict=True)
                ]
            elif path not in mapping.persons:
                values = [_with_address(value) for value in values]
            columns.append(values)
        computed = [] if all(one.is_plain for one in actor) else [self.persons]
        if not all(one.is_plain for one in party):
            computed.append([_with_address(value) for value in texts(self.variants.values("to_party", rows))])
        return _joined(computed, columns, len(rows))


def _joined(computed: list[list[str | None]], columns: list[list[str | None]], count: int) -> list[Held]:
    """Return, for each row, the names that were computed, as one, and the values of its fields."""
    if not computed and len(columns) == 1:
        return [("", name) if name else () for name in columns[0]]
    fields = [tuple([name for name in names if name]) for names in zip(*columns, strict=True)] or [()] * count
    if not computed:
        return [("", *names) if names else () for names in fields]
    first = [SEPARATOR.join(name for name in names if name) for names in zip(*computed, strict=True)]
    return [(name, *names) if name or names else () for name, names in zip(first, fields, strict=True)]


def _with_address(value: str | None) -> str | None:
    """Return whom something went to if that is a person: who is named by an address."""
    return value if value and "@" in value else None


def _expressions(mapping: Mapping, column: str) -> list[Expression]:
    """Return every expression that a mapping has for a column."""
    columns = [mapping.columns, *(when.columns for when in mapping.whens)]
    return [expression for pairs in columns for name, expression in pairs if name == column]


def _fields(expressions: list[Expression]) -> set[str]:
    """Return the fields whose value is an identity, or contains it."""
    return {path for expression in expressions if not expression.mapped for path in expression.paths}


class _Cleaner:
    """Cleans the rows of one chunk in their places."""

    def __init__(self, mapping: Mapping, guard: Guard, people: _People, rows: list[Row], chunk: Chunk) -> None:
        self._guard = guard
        self._people = people
        json = chunk.format == "evtx" or (chunk.format in JSON_FORMATS and chunk.encoding == UTF8)
        self._is_json = json and not mapping.secrets
        """Whether canonical bytes are JSON in UTF-8, to be looked into and kept where nothing is replaced."""
        nothing = self._is_json and chunk.format != "evtx" and guard.finds_nothing(chunk.data)
        self._unclean = frozenset() if nothing else guard.unclean(_texts(rows))
        self._renamed = guard.unclean(people.present) | self._people_in_names(mapping)
        """Names of fields that give someone away."""

    def run(self, rows: list[Row], records: list[Any], lines: list[bytes]) -> list[bytes | None]:
        """Clean every row; return each record as it is to be kept, None for those that are protected."""
        raw: list[bytes | None] = []
        keep, dumps, clean = raw.append, orjson.dumps, self._clean
        for row, record, line, held in zip(rows, records, lines, self._people.held, strict=True):
            try:
                kept = clean(row, line, held)
                if kept is not None:
                    keep(kept)
                elif record is row:
                    keep(dumps(row))
                else:
                    own = self._guard.own_names(held) if held else None
                    keep(dumps(clean_nested(record, *(own.everywhere if own else (self._guard.clean, {})))))
            except ProtectedTraffic:
                keep(None)
        return raw

    def _clean(self, row: Row, line: bytes, held: Held) -> bytes | None:
        """Clean a row in its place; return its canonical bytes, clean, or None if it must be written anew."""
        own = None
        same = line if self._is_json else None
        if held:
            own = self._guard.own.get(held) or self._guard.own_names(held)
            if own.nobody:
                own = None
            elif not self._is_json or own.elsewhere(line):
                return None if self._replace_all(row, *own.everywhere) else same
        unclean = self._renamed or (self._unclean and not self._unclean.isdisjoint(row.values()))
        if own is None:
            return None if unclean and self._replace_all(row, self._guard.clean, {}) else same
        identities = [(path, row[path]) for path in self._people.paths if path in row]
        if unclean:
            self._replace_all(row, self._guard.clean, {})
        for path, value in identities:
            pseudonym = own.values.get(value if type(value) is str else text(value))
            if pseudonym is not None:
                row[path] = pseudonym
        # Writing a record anew costs ten times as much as replacing a word in its bytes.
        return own.swapped(line) if same and not unclean else None

    def _replace_all(self, row: Row, clean: dict[str, str], whole: Lookup[str | None, str]) -> bool:
        """Replace every value of a row, and names of fields that need it; return whether anything changed."""
        changed = False
        for name, value in row.items():
            made = clean[value] if type(value) is str else whole.get(text(value), value)
            if made != value:
                row[name] = made
                changed = True
        for name in self._renamed & row.keys() if self._renamed else ():
            row[clean[name]] = row.pop(name)
            changed = True
        return changed

    def _people_in_names(self, mapping: Mapping) -> frozenset[str]:
        """Return nested names that hold an identity of their own record, such as ``logins.li.na``.

        What the mapping reads, and plain names at the top, are names of fields even if someone is called like them.
        """
        nested = [name for name in self._people.present - _fields_read(mapping) if "." in name]
        if not nested:
            return frozenset()
        return frozenset(name for name in nested if any(self._names_in(held, name) for held in {*self._people.held}))

    def _names_in(self, held: Held, name: str) -> bool:
        """Return whether a name of a field holds one of the identities of a record that may be kept."""
        try:
            return bool(held) and self._guard.own_names(held).names_in(name)
        except ProtectedTraffic:
            return False


def _texts(rows: list[Row]) -> list[str]:
    """Return the distinct texts in some rows."""
    return [value for value in set().union(*map(dict.values, rows)) if type(value) is str]


def _fields_read(mapping: Mapping) -> frozenset[str]:
    """Return every field that a mapping reads."""
    columns = [mapping.columns, *(when.columns for when in mapping.whens)]
    read = {field for pairs in columns for _, expression in pairs for field in expression.fields}
    return frozenset(read | {condition.path for when in mapping.whens for condition in when.match})

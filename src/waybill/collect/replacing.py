"""Replaces names in the cells and in the bytes of records, and tells which records are protected.

What names somebody in any record is replaced once for each distinct text. What only a record's own identities reveal
is replaced once for each distinct text of the records that hold the same identities.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import orjson

from waybill.collect.cells import Cells, Mask, Numbers
from waybill.collect.dictionary import Codes
from waybill.collect.mapping import JSON_FORMATS, Mapping
from waybill.collect.people import People
from waybill.collect.privacy import Guard, Held, OwnNames, ProtectedTraffic, clean_nested
from waybill.collect.records import UTF8, Chunk, Originals
from waybill.collect.scalars import Row

_PROTECTED = -1
"""Stands for a text that may not be kept: the whole record is dropped."""


class Replacing:
    """Cleans the records of one chunk, in their cells and in their rows."""

    def __init__(self, guard: Guard, mapping: Mapping, chunk: Chunk, cells: Cells) -> None:
        self._guard = guard
        self._mapping = mapping
        self._cells = cells
        json = chunk.format == "evtx" or (chunk.format in JSON_FORMATS and chunk.encoding == UTF8)
        self._is_json = json and not mapping.secrets
        """Whether canonical bytes are JSON in UTF-8, to be looked into and kept where nothing is replaced."""
        nothing = self._is_json and chunk.format != "evtx" and guard.finds_nothing(chunk.data)
        texts = [] if nothing else [cells.texts[code] or "" for code in cells.used(cells.codes)]
        self._unclean = [cells.dictionary[text] for text in guard.unclean(texts)]
        """Texts that give somebody away, or are protected, whatever the record."""

    def run(self, people: People, originals: Originals, lines: list[bytes]) -> list[bytes | None]:
        """Clean the cells; return each record as it is to be kept, None for those that are protected."""
        cells = self._cells
        own_of_held, protected = self._own_names(people.held)
        dropped = protected[people.held_by_row]
        forbidden = self._guard.protected_below(cells.names)
        dropped |= self._has(forbidden)
        renamed = self._guard.unclean(cells.names - forbidden) | self._people_in_names(people)
        is_unclean = np.zeros(len(cells.texts), bool)
        is_unclean[self._unclean] = True
        unclean = cells.rows_with(is_unclean[cells.codes]) | bool(renamed)
        searched, swapped = self._ways(own_of_held, people.held_by_row, lines)
        codes = self._replaced(people, own_of_held, searched, swapped)
        changed = codes != cells.codes
        dropped |= cells.rows_with(codes == _PROTECTED)

        rewritten = np.where(swapped, unclean, cells.rows_with(changed) | self._has(renamed)) | (not self._is_json)
        raw: list[bytes | None] = list(lines)
        swaps = np.flatnonzero(swapped & ~rewritten)
        made = self._guard.scanning.swapped(*_of_rows(swaps, own_of_held, people.held_by_row, lines))
        for row, line in zip(swaps.tolist(), made, strict=True):
            raw[row] = line
            rewritten[row] = line is None
        self._fill_in(originals, codes, changed & cells.of_rows(rewritten & ~dropped))
        cells.codes = codes
        if renamed:
            owns = [own_of_held[number] for number in people.held_by_row.tolist()]
            self._rename(originals, owns, searched, renamed, dropped)
            cells.reshaped()
        cells.replaced()
        for row in np.flatnonzero(rewritten & ~dropped).tolist():
            raw[row] = self._written(originals.row(row), originals.record(row), people.held[people.held_by_row[row]])
        for row in np.flatnonzero(dropped).tolist():
            raw[row] = None
        return raw

    def _own_names(self, held: list[Held]) -> tuple[list[OwnNames | None], Mask]:
        """Return what each combination of identities gives to replace, None if nothing, and which are protected."""
        owns: list[OwnNames | None] = []
        protected = np.zeros(len(held), bool)
        for number, one in enumerate(held):
            own = None
            try:
                own = self._guard.own_names(one) if one else None
            except ProtectedTraffic:
                protected[number] = True
            owns.append(None if own is None or own.nobody else own)
        return owns, protected

    def _ways(self, owns: list[OwnNames | None], held: Numbers, lines: list[bytes]) -> tuple[Mask, Mask]:
        """Return in which rows identities are to be searched for, and in which they only stand in their fields."""
        named = np.array([own is not None for own in owns], bool)[held]
        searched = named.copy()
        if self._is_json and named.any():
            given = _of_rows(np.flatnonzero(named), owns, held, lines)
            searched[named] = self._guard.scanning.named_elsewhere(*given)
        return searched, named & ~searched

    def _replaced(self, people: People, owns: list[OwnNames | None], searched: Mask, swapped: Mask) -> Codes:
        """Return the cells with names replaced."""
        cells, texts = self._cells, self._cells.texts
        table = np.arange(len(texts), dtype=np.int32)
        for code in self._unclean:
            table[code] = self._clean(self._guard.clean, code)
        cleaned: Codes = table[cells.codes]
        codes = cleaned.copy()
        held = np.repeat(people.held_by_row, np.diff(cells.starts))

        def replace(place: Numbers, function: Callable[[OwnNames, list[int]], list[int]]) -> None:
            pairs, inverse = np.unique(held[place] * len(table) + cells.codes[place], return_inverse=True)
            firsts = np.flatnonzero(np.diff(pairs // len(table), prepend=-1))
            made: list[int] = []
            for some in np.split(pairs, firsts[1:]) if len(pairs) else ():
                made += function(owns[some[0] // len(table)], (some % len(table)).tolist())
            codes[place] = np.array(made, np.int32)[inverse]

        replace(np.flatnonzero(cells.of_rows(searched)), lambda own, some: self._searched(own, some, table))
        fields = [found[swapped[rows]] for rows, found in map(cells.places, people.paths)]
        if fields:
            replace(
                np.concatenate(fields),
                lambda own, some: [cells.dictionary[own.values.get(texts[code], texts[table[code]])] for code in some],
            )
        return np.where(cleaned == _PROTECTED, cleaned, codes)  # nothing makes a protected text another

    def _searched(self, own: OwnNames, codes: list[int], table: Codes) -> list[int]:
        """Return texts with identities replaced; most name nobody, which is seen of all of them at once."""
        texts = [self._cells.texts[code] or "" for code in codes]
        looked_at = zip(codes, table[codes].tolist(), own.may_be_in(texts), strict=True)
        return [
            self._clean(own.clean, code) if named or cleaned != code else code for code, cleaned, named in looked_at
        ]

    def _clean(self, clean: dict[str, str], code: int) -> int:
        text = self._cells.texts[code]
        if text is None:
            return code
        try:
            return self._cells.dictionary[clean[text]]
        except ProtectedTraffic:
            return _PROTECTED

    def _has(self, renamed: frozenset[str]) -> Mask:
        """Return which rows have a field of one of these names."""
        shapes = np.array([not renamed.isdisjoint(shape) for shape in self._cells.shapes], bool)
        return shapes[self._cells.shape_of_row]

    def _fill_in(self, originals: Originals, codes: Codes, changed: Mask) -> None:
        """Write changed cells into the rows that they come from."""
        cells = self._cells
        places = np.flatnonzero(changed)
        numbers = np.searchsorted(cells.starts, places, "right") - 1
        for place, row, start in zip(places.tolist(), numbers.tolist(), cells.starts[numbers].tolist(), strict=True):
            name = cells.shapes[cells.shape_of_row[row]][place - start]
            originals.row(row)[name or ""] = cells.texts[codes[place]]

    def _rename(
        self, originals: Originals, owns: list[OwnNames | None], searched: Mask, renamed: frozenset[str], dropped: Mask
    ) -> None:
        """Replace the names of fields in rows and shapes; tell which rows are protected."""
        cells = self._cells
        for number in np.flatnonzero(self._has(renamed) & ~dropped).tolist():
            row, own = originals.row(number), owns[number]
            clean = own.clean if own is not None and searched[number] else self._guard.clean
            try:
                names = {name: clean[name] for name in cells.shapes[cells.shape_of_row[number]] if name in renamed}
            except ProtectedTraffic:
                dropped[number] = True
                continue
            cells.rename(number, names)
            for name, made in names.items():
                row[made] = row.pop(name)

    def _written(self, row: Row, record: Any, held: Held) -> bytes | None:
        """Return a record as JSON, without names; None if it turns out to be protected."""
        if record is row:
            return orjson.dumps(row)
        own = self._guard.own_names(held) if held else None
        try:
            return orjson.dumps(clean_nested(record, *(own.everywhere if own else (self._guard.clean, {}))))
        except ProtectedTraffic:
            return None

    def _people_in_names(self, people: People) -> frozenset[str]:
        """Return nested names that hold an identity of their own record, such as ``logins.li.na``.

        What the mapping reads, and plain names at the top, are names of fields even if someone is called like them.
        """
        nested = [name for name in self._cells.names if "." in name]
        if nested:
            nested = [name for name in nested if name not in _fields_read(self._mapping)]
        return frozenset(name for name in nested if any(self._names_in(held, name) for held in people.held))

    def _names_in(self, held: Held, name: str) -> bool:
        """Return whether a name of a field holds one of the identities of a record that may be kept."""
        try:
            return bool(held) and self._guard.own_names(held).names_in(name)
        except ProtectedTraffic:
            return False


def _of_rows(
    rows: Numbers, owns: list[OwnNames | None], held: Numbers, lines: list[bytes]
) -> tuple[list[bytes], list[OwnNames], Codes]:
    """Return the lines of some rows that name somebody, whom these name, and which of them each line names."""
    used, numbers = np.unique(held[rows], return_inverse=True)
    named = [own for own in map(owns.__getitem__, used.tolist()) if own is not None]
    return [lines[row] for row in rows.tolist()], named, numbers.astype(np.int32)


def _fields_read(mapping: Mapping) -> frozenset[str]:
    """Return every field that a mapping reads."""
    columns = [mapping.columns, *(when.columns for when in mapping.whens)]
    read = {field for pairs in columns for _, expression in pairs for field in expression.fields}
    return frozenset(read | {condition.path for when in mapping.whens for condition in when.match})

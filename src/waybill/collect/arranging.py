"""Flat records to cells with the names and in the order that their reader gives them.

A reader is asked once for all records that have the same fields, and the same values where it looks at values. It gets
marks in place of the other values: where it puts a mark is where it would put the value.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from waybill.collect.cells import Cells, Mask, Numbers, Shape, Shapes, grouped
from waybill.collect.dictionary import Codes
from waybill.collect.flat_lines import FlatLines
from waybill.collect.flatten import flatten
from waybill.collect.readers import Looks, Reader

REMEMBERED = 10_000
"""Answers that are remembered from chunk to chunk."""

_RANDOM = np.random.default_rng()

Field = tuple[str, bool]
"""A name, and whether its value is a list."""


def arranged(flat: FlatLines, reader: Reader | None, looks: Looks) -> tuple[Cells, Numbers]:
    """Return cells and the records that they are of; the other records are to be read one by one."""
    kinds, firsts, fit = _kinds(2 * flat.names + flat.is_list, flat.starts)
    fields = [_fields(flat, record) for record in firsts.tolist()]
    shapes = Shapes()
    shape_of_kind = np.array([shapes[tuple(name for name, _ in kind)] for kind in fields], np.int32)
    cells = Cells(flat.dictionary, shapes, shape_of_kind[kinds], flat.codes)
    fit &= np.array([_is_plain(kind, looks) for kind in fields], bool)[kinds]
    for condition in looks.odd:
        fit &= ~condition.rows(cells)
    records = np.flatnonzero(fit)
    if len(records) < len(fit):
        cells.keep(records)
    if len(records) and (reader is not None or flat.is_list.any()):
        fit = _arrange(cells, kinds[records], fields, reader, looks)
        records = records[fit]
    return cells, records


def _kinds(marks: Codes, starts: Numbers) -> tuple[Numbers, Numbers, Mask]:
    """Number records by their marks; return the number of each, the first of each number, and which are like it."""
    lengths = np.diff(starts)
    place = np.arange(len(marks)) - np.repeat(starts[:-1], lengths)
    weights = _RANDOM.integers(1, 2**63, lengths.max(), np.uint64)
    sums = np.add.reduceat((marks.astype(np.uint64) + 1) * weights[place], starts[:-1])
    _, firsts, kinds = np.unique(sums, return_index=True, return_inverse=True)
    first = firsts[kinds]
    there = np.minimum(np.repeat(starts[first], lengths) + place, len(marks) - 1)
    same = np.logical_and.reduceat(marks == marks[there], starts[:-1])
    return kinds, firsts, same & (lengths == lengths[first])


def _fields(flat: FlatLines, record: int) -> list[Field]:
    own = slice(flat.starts[record], flat.starts[record + 1])
    names = [flat.dictionary.texts[name] or "" for name in flat.names[own].tolist()]
    return list(zip(names, flat.is_list[own].tolist(), strict=True))


def _is_plain(fields: list[Field], looks: Looks) -> bool:
    """Return whether no name comes twice, and the reader would not look into anything."""
    names = {name for name, _ in fields}
    lists = {name for name, is_list in fields if is_list}
    return len(names) == len(fields) and names.isdisjoint(looks.into) and lists.isdisjoint(looks.at)


def _arrange(cells: Cells, kinds: Numbers, fields: list[list[Field]], reader: Reader | None, looks: Looks) -> Mask:
    """Give cells the order and names that the reader gives them; keep and return the rows where that is certain."""
    columns = [cells.column(path) for path in looks.at]
    firsts, groups = grouped([kinds, *columns], len(cells))
    answers = []
    for row in firsts.tolist():
        seen = [cells.texts[column[row]] for column in columns]
        answers.append(_asked(reader, tuple(fields[kinds[row]]), tuple(zip(looks.at, seen, strict=True))))
    certain = np.array([answer is not None for answer in answers], bool)[groups]
    if not certain.all():
        cells.keep(np.flatnonzero(certain))
    cells.reshape(groups[certain], [answer or ((), []) for answer in answers])
    return certain


@lru_cache(maxsize=REMEMBERED)
def _asked(
    reader: Reader | None, fields: tuple[Field, ...], seen: tuple[tuple[str, str | None], ...]
) -> tuple[Shape, list[int]] | None:
    """Return the names that records get, and the field that stands for each; None if the reader makes new values."""
    looked_at = dict(seen)
    values = [looked_at.get(name, f"\0{place}") for place, (name, _) in enumerate(fields)]
    if None in values:
        return None
    record = {name: [value] if listed else value for (name, listed), value in zip(fields, values, strict=True)}
    row = flatten(reader(record) if reader else record) or {}
    place_of = {id(value): place for place, value in enumerate(values)}
    places = [place_of.get(id(value), -1) for value in row.values()]
    return None if -1 in places else (tuple(row), places)

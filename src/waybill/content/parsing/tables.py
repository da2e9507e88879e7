"""Rows to tables as columns, in pieces of a few thousand rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from waybill.content.parsing.pieces import Place, Table

ROWS = 4096
"""Rows of one piece, at most."""

CELLS = 1 << 18
"""Cells of one piece, about: a row may claim thousands of columns."""

_VALUE = re.compile(r"\d{4}|\d[.,]\d|@|^[-+]?\d+$")
"""What names of columns do not hold."""


def tables(rows: Iterable[Sequence[str]], place: Place, header: Sequence[str] | None = None) -> Iterator[Table]:
    """Yield rows as pieces of a table; without a header, the first row is one if it reads like names.

    Rows are counted from the offset of ``place``.
    """
    kept: list[Sequence[str]] = []
    first, cells = place.offset, 0
    names = None if header is None else tuple(header)
    for row in rows:
        if names is None and not kept and looks_like_header(row):
            names = tuple(row)
            continue
        kept.append(row)
        cells += len(row)
        if len(kept) == ROWS or cells >= CELLS:
            yield _table(kept, place, first, names or ())
            first, cells, kept = first + len(kept), 0, []
            names = names or ()
    if kept or names:
        yield _table(kept, place, first, names or ())


def looks_like_header(row: Sequence[str]) -> bool:
    """Return whether the cells of a row read like names of columns rather than like values."""
    named = [cell for cell in row if cell.strip()]
    return (
        len(named) >= max(1, (len(row) + 1) // 2)
        and len(set(named)) == len(named)
        and all(len(cell) <= 64 and not _VALUE.search(cell) for cell in named)
    )


def _table(rows: list[Sequence[str]], place: Place, first: int, names: tuple[str, ...]) -> Table:
    width = max(len(names), max((len(row) for row in rows), default=0))
    filled = [(*row, *[""] * (width - len(row))) for row in rows]
    columns = tuple(zip(*filled, strict=True)) if filled else ((),) * width
    place = place.at(part=place.part, page=place.page, offset=first)
    return Table(place, (*names, *[""] * (width - len(names))), columns)

"""Says which records of registered tables are in a file: how many different ones, and which share of the table."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from waybill.content.exact.library import Opened, RecordTable
from waybill.content.exact.matching import WITHIN
from waybill.content.parsing.pieces import Content, Segment, Table

_WIDEST = 1 << 14
"""Bytes of a row of a table within which its values are held to be of one record."""


class RecordMatch(msgspec.Struct, frozen=True):
    """Records of a table that are in a file."""

    table: RecordTable
    records: int
    """Different ones."""

    @property
    def share(self) -> float:
        """Of the table's records, how many; 0 to 1."""
        return self.records / self.table.rows if self.table.rows else 0.0


class RecordSearch:
    """Looks for the records of all registered tables in one file, piece by piece as it is read."""

    def __init__(self, tables: Iterable[Opened]) -> None:
        self._found: list[tuple[Opened, set[int]]] = [(one, set()) for one in tables]

    def add(self, piece: Content) -> None:
        """Take a piece of the file."""
        if not self._found:
            return
        if isinstance(piece, Segment):
            self._search(piece.data, WITHIN)
        elif isinstance(piece, Table):
            data = piece.text().encode()
            widest = max(map(len, data.split(b"\n")))
            self._search(data, min(_WIDEST, max(WITHIN, widest)))

    def matches(self) -> list[RecordMatch]:
        """Return what was found so far, the largest share first."""
        found = [RecordMatch(one.table, len(rows)) for one, rows in self._found if rows]
        return sorted(found, key=lambda match: (-match.share, match.table.id))

    def _search(self, data: bytes, within: int) -> None:
        for one, rows in self._found:
            rows.update(match.row for match in one.values.scan(data, least=one.table.least, within=within))

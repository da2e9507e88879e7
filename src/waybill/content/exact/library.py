"""Registered tables of records on disk: one file each (see ``layout``), with what is known of the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa

from waybill.content.documents.keyed import derived
from waybill.content.exact.layout import header_of, unreadable
from waybill.content.exact.matching import LEAST, ExactTable
from waybill.content.exact.writing import Registration, register_table
from waybill.content.shelf import Shelf
from waybill.durable import make_folder

_SEARCHABLE = re.compile(
    r"\+?[A-Za-z]*\d[A-Za-z\d]*(?:[ ./_-][A-Za-z]*\d[A-Za-z\d]*){0,5}|[^@\s]+@[^@\s]+\.[^@\s]+"  # see ``runs``
)
_ASKED = 10_000
"""Values of a column that say whether it is one of numbers, codes or addresses."""


class RecordTable(msgspec.Struct, frozen=True, kw_only=True):
    """A registered table of records, without its values."""

    id: str
    name: str
    registered: datetime
    columns: tuple[str, ...]
    searched: tuple[str, ...]
    """Those that are looked for everywhere; the others count near them."""
    rows: int
    least: int = LEAST
    """So many columns of a record have to stand together."""
    asset: str = ""
    """Id of the asset of the register that it belongs to."""


class Opened(NamedTuple):
    """A registered table, ready to be looked for."""

    table: RecordTable
    values: ExactTable


class RecordLibrary(Shelf):
    """The registered tables of an installation."""

    suffix = ".records"
    kind = "table"

    def __init__(self, folder: Path, secret: bytes) -> None:
        super().__init__(folder)
        self._key = derived(secret, "values of registered tables")

    def register(self, table: RecordTable, values: pa.Table) -> Registration:
        """Keep a table; one with the same id is replaced. Raises UsageError."""
        make_folder(self._folder)
        about = msgspec.to_builtins(table)
        return register_table(values, self._path(table.id), self._key, searched=table.searched, about=about)

    def tables(self) -> list[RecordTable]:
        """Return the registered tables by name; of each file only what is said of the table is read."""
        return sorted(map(_described, self._paths()), key=lambda table: (table.name, table.id))

    def opened(self) -> Iterator[Opened]:
        """Yield the tables, mapped into memory. Raises DamagedError where a file is not as it was written."""
        for path in self._paths():
            yield Opened(values=ExactTable(path, self._key), table=_described(path))


def _described(path: Path) -> RecordTable:
    try:
        return msgspec.convert(header_of(path)[0].get("about"), RecordTable)
    except msgspec.ValidationError as error:
        raise unreadable(path, error) from None


def searchable(values: pa.Table) -> tuple[str, ...]:
    """Return the columns of numbers, codes and e-mail addresses: those most of whose values can be found alone."""
    return tuple(name for name in values.column_names if _is_searchable(values[name]))


def _is_searchable(column: pa.ChunkedArray) -> bool:
    given = [value for value in column.slice(0, _ASKED).to_pylist() if value]
    return 2 * sum(_SEARCHABLE.fullmatch(value.strip()) is not None for value in given) > len(given)

"""Registered tables of records of an installation: added, listed, forgotten, and made ready to be looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from waybill.content.exact import LEAST, Opened, RecordLibrary, RecordTable, Registration, searchable
from waybill.content.parsing import Caveat, Limits, Piece, Readers, Table
from waybill.flow.documents import check, id_of, record
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError

TABLES = Limits(text=4 << 30, cpu_seconds=1800.0, seconds=3600.0)
"""What reading a table that is registered may cost: tables of millions of records are larger than most files."""


def library(installation: Installation) -> RecordLibrary:
    """Return the registered tables of an installation; they lie beside its documents."""
    return RecordLibrary(installation.folder.documents, installation.folder.key("documents"))


def opened(installation: Installation) -> list[Opened]:
    """Return the registered tables, ready to be looked for."""
    return list(library(installation).opened())


def register(
    installation: Installation,
    path: Path,
    readers: Readers,
    *,
    name: str,
    columns: Sequence[str],
    least: int = LEAST,
    asset: str = "",
    who: str,
) -> tuple[RecordTable, Registration, list[Caveat]]:
    """Register columns of a table, so that its records are recognised; one of the same name is replaced.

    A record counts as found where ``least`` of the columns stand together. Returns also what of it could not be read.
    Raises InputError where there is no file, UsageError for an unknown asset or column and for a table that holds
    nothing that can be looked for.
    """
    check(installation, path, asset)
    if not name.strip() or not 1 <= least <= len(set(columns)):
        raise UsageError("a table has a name, and asks for at least one of its columns, at most for all", where=name)
    caveats: list[Caveat] = []
    values = _values(readers.read(path), tuple(dict.fromkeys(columns)), caveats, path)
    searched = searchable(values)
    if not searched:
        raise UsageError(
            "none of these columns can be looked for",
            where=", ".join(columns),
            expected="at least one column of numbers, codes or e-mail addresses",
        )
    table = RecordTable(
        id=id_of(name, [name.encode()]),
        name=name,
        registered=datetime.now(UTC),
        columns=tuple(values.column_names),
        searched=searched,
        rows=values.num_rows,
        least=least,
        asset=asset,
    )
    made = library(installation).register(table, values)
    _record(table, "registered", who)
    return table, made, caveats


def find(installation: Installation, table_id: str) -> RecordTable | None:
    """Return the registered table with an id."""
    return next((table for table in library(installation).tables() if table.id == table_id), None)


def forget(installation: Installation, table: RecordTable, *, who: str) -> None:
    """Forget a registered table."""
    library(installation).remove(table.id)
    _record(table, "forgotten", who)


def _values(pieces: Iterable[Piece], columns: tuple[str, ...], caveats: list[Caveat], path: Path) -> pa.Table:
    """Return the columns of every table in a file that has them all. Raises UsageError where none has."""
    headers: dict[str, None] = {}
    parts = list(_parts(pieces, columns, caveats, headers))
    if not parts:
        raise UsageError(
            f"no table in it has all the columns {', '.join(columns)}",
            where=str(path),
            expected=", ".join(headers) or "a table with a heading",
        )
    return pa.concat_tables(parts)


def _parts(
    pieces: Iterable[Piece], columns: tuple[str, ...], caveats: list[Caveat], headers: dict[str, None]
) -> Iterator[pa.Table]:
    for piece in pieces:
        if isinstance(piece, Caveat):
            caveats.append(piece)
        elif isinstance(piece, Table):
            headers.update(dict.fromkeys(piece.header))
            if set(columns) <= set(piece.header):
                chosen = {name: piece.columns[piece.header.index(name)] for name in columns}
                yield pa.table({name: pa.array(cells, pa.large_string()) for name, cells in chosen.items()})


def _record(table: RecordTable, step: str, who: str) -> None:
    what = {"step": step, "name": table.name, "asset": table.asset, "records": table.rows, "columns": table.columns}
    record(table.id, what, who)

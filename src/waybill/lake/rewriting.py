"""Writing rows of the table anew: small files into large ones, or files without the rows that must go.

Sorting and filtering is DuckDB's, within its memory limit; what does not fit it spills into the lake's own folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from waybill.lake import files
from waybill.lake.engine import Engine, file_list
from waybill.lake.files import FILE_BYTES, FILE_ROWS, GROUP_BYTES, GROUP_ROWS, PLAIN, DataFile
from waybill.lake.table import View

STEP_ROWS = 4 * FILE_ROWS
STEP_BYTES = 4 * FILE_BYTES
"""How much one step of a compaction rewrites; other writers get their turn between steps."""

_NO_CHANGES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Condition:
    """Which rows to keep, as SQL over the table's columns, with its values."""

    sql: str
    values: Mapping[str, object]


EVERYTHING = Condition("true", {})


def is_small(file: DataFile) -> bool:
    """Return whether a file is worth joining with others."""
    return file.rows < FILE_ROWS // 2 and file.size < FILE_BYTES // 2


def groups(view: View) -> list[list[DataFile]]:
    """Return groups of files of one month that are small or not sorted and should be rewritten, each in one step."""
    groups: list[list[DataFile]] = []
    chosen = [file for file in view.files if is_small(file) or not file.is_sorted]
    chosen.sort(key=lambda file: (file.month, file.first_time))
    for _, of_month in groupby(chosen, key=lambda file: file.month):
        step: list[DataFile] = []
        for file in of_month:
            step.append(file)
            if sum(f.rows for f in step) >= STEP_ROWS or sum(f.size for f in step) >= STEP_BYTES:
                groups.append(step)
                step = []
        groups.append(step)
    return [group for group in groups if len(group) > 1 or not all(file.is_sorted for file in group)]


def rewrite(
    folder: Path,
    old: Sequence[DataFile],
    engine: Engine,
    keep: Condition = EVERYTHING,
    changes: Mapping[str, str] = _NO_CHANGES,
) -> list[DataFile]:
    """Write the rows of ``old``, all of one month, that are to be kept, sorted by time. Returns the new files.

    ``changes`` are SQL expressions for columns that do not stay as they are; they may use the values of ``keep``.
    """
    columns = ", ".join(f"{changes.get(name, name)} AS {name}" for name in PLAIN.names)
    source = file_list([folder / file.path for file in old])
    sql = f"SELECT {columns} FROM {source} WHERE {keep.sql}"  # noqa: S608 - own text
    with engine.working() as connection:
        rows = connection.sql(f"{sql} ORDER BY time, sequence, id", params=dict(keep.values) or None)
        return files.write(folder, old[0].month, _tables(rows.to_arrow_reader(GROUP_ROWS)))


def count_by_file(folder: Path, old: Sequence[DataFile], engine: Engine, chosen: Condition) -> dict[str, int]:
    """Return how many rows of each file a condition chooses; files without such rows are left out."""
    if not old:
        return {}
    by_path = {str(folder / file.path): file.path for file in old}
    source = file_list([folder / file.path for file in old], names=True)
    sql = f"SELECT filename, count(*) FROM {source} WHERE {chosen.sql} GROUP BY filename"  # noqa: S608 - own text
    with engine.working() as connection:
        rows = connection.sql(sql, params=dict(chosen.values) or None).fetchall()
    return {by_path[name]: count for name, count in rows}


def ids(folder: Path, old: Sequence[DataFile], engine: Engine, chosen: Condition) -> pa.Table:
    """Return the ``sequence`` and ``id`` of the rows that a condition chooses."""
    source = file_list([folder / file.path for file in old])
    sql = f"SELECT sequence, id FROM {source} WHERE {chosen.sql}"  # noqa: S608 - own text
    with engine.working() as connection:
        return connection.sql(sql, params=dict(chosen.values) or None).to_arrow_table()


def _tables(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Join what DuckDB hands out in pieces of any size to tables of about a row group each."""
    pieces: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in reader:
        if pieces and (rows + batch.num_rows > GROUP_ROWS or size + batch.nbytes > GROUP_BYTES):
            yield pa.Table.from_batches(pieces).cast(PLAIN)
            pieces, rows, size = [], 0, 0
        if batch.num_rows:
            pieces.append(batch)
            rows, size = rows + batch.num_rows, size + batch.nbytes
    if pieces:
        yield pa.Table.from_batches(pieces).cast(PLAIN)

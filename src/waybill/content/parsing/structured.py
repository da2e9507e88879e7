"""JSON, Parquet and SQLite: records as tables, with the names of their fields."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import orjson

from waybill.content.parsing.decoding import decoded, encoding_of, segments
from waybill.content.parsing.pieces import Caveat, Content, Place, Reason
from waybill.content.parsing.plan import MEBIBYTE, Refused
from waybill.content.parsing.reading import Source, Task
from waybill.content.parsing.tables import ROWS, tables
from waybill.content.parsing.text import blocks, plain

_DOCUMENT = 32 * MEBIBYTE
"""Largest document of JSON that is parsed; a larger one is read as text."""

_PAIRS = 64
"""Fields of a record that are looked at as columns."""


def document(source: Source, task: Task) -> Iterator[Content]:
    """Yield a document of JSON: as a table if it is a list of records, else as it stands."""
    records = _records(source)
    if records is None:
        yield from plain(source, task)
    else:
        yield from _as_tables(records, task.place)


def lines(source: Source, task: Task) -> Iterator[Content]:
    """Yield records of JSON, one a line; a line that is none is text."""
    strays: list[str] = []

    def records() -> Iterator[Mapping[str, Any]]:
        kept = ""
        for text, _ in decoded(blocks(source.opened()), encoding_of(source.head)):
            *whole, kept = (kept + text).split("\n")
            yield from _parsed(whole, strays)
        yield from _parsed([kept], strays)

    yield from _as_tables(records(), task.place)
    yield from segments(strays, task.place.at(part="lines that are no records"))


def _parsed(texts: Iterable[str], strays: list[str]) -> Iterator[Mapping[str, Any]]:
    for text in texts:
        if not text.strip():
            continue
        try:
            record = orjson.loads(text)
        except ValueError:
            record = None
        if isinstance(record, dict):
            yield record
        else:
            strays.append(text + "\n")


def _records(source: Source) -> list[Mapping[str, Any]] | None:
    """Return the records of a document: a list of objects, or the one such list that it holds."""
    if source.size > _DOCUMENT or source.cut:
        return None
    try:
        content = orjson.loads(source.opened().read())
    except ValueError:
        return None
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list) and value]
        content = lists[0] if len(lists) == 1 and len(content) <= 4 else None
    if isinstance(content, list) and content and all(isinstance(record, dict) for record in content):
        return content
    return None


def _as_tables(records: Iterable[Mapping[str, Any]], place: Place) -> Iterator[Content]:
    """Yield records as tables whose columns are the paths of their fields, as the records of each piece have them."""
    stream, first = iter(records), 0
    while some := [_flat(record) for record in islice(stream, ROWS)]:
        names = list(dict.fromkeys(name for record in some for name in record))
        for begin in range(0, len(names), _PAIRS):
            part = names[begin : begin + _PAIRS]
            rows = ([record.get(name, "") for name in part] for record in some)
            yield from tables(rows, place.at(part=place.part, offset=first), part)
        first += len(some)


def _flat(value: Any, name: str = "", into: dict[str, str] | None = None) -> dict[str, str]:
    """Return the fields of a record by dotted path; values of a list are joined by line ends."""
    into = {} if into is None else into
    if isinstance(value, dict):
        for key, inner in value.items():
            _flat(inner, f"{name}.{key}" if name else str(key), into)
    elif isinstance(value, list):
        for inner in value:
            _flat(inner, name, into)
    elif value is not None:
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        into[name] = f"{into[name]}\n{text}" if name in into else text
    return into


def parquet(source: Source, task: Task) -> Iterator[Content]:
    """Yield the rows of a file of Parquet."""
    import pyarrow as pa
    import pyarrow.parquet

    if source.head.startswith(b"PARE"):
        raise Refused(Reason.ENCRYPTED)
    pa.set_cpu_count(1)
    file = pa.parquet.ParquetFile(pa.PythonFile(source.opened(), "r"), pre_buffer=False)
    first = 0
    for batch in file.iter_batches(batch_size=ROWS, use_threads=False):
        columns = [_texts(column) for column in batch.columns]
        for table in tables(zip(*columns, strict=True), task.place.at(offset=first), batch.schema.names):
            task.budget.check_text(sum(map(len, table.columns)))
            yield table
        first += batch.num_rows


def _texts(column: Any) -> list[str]:
    import pyarrow as pa

    try:
        column = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return [_cell(value) for value in column.to_pylist()]
    return ["" if value is None else value for value in column.to_pylist()]


def database(source: Source, task: Task) -> Iterator[Content]:
    """Yield the tables of a database of SQLite, which is held in memory; views and triggers are not run."""
    data = source.whole(task.budget.limits.member * 4)
    connection = sqlite3.connect(":memory:")
    connection.deserialize(data)
    connection.text_factory = lambda value: value.decode("utf-8", "replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    listed = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    )
    for (name,) in listed.fetchall():
        quoted = name.replace('"', '""')
        place = task.place.at(part=name)
        try:
            cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 -- quoted, in a database of its own
            header = [column[0] for column in cursor.description]
            yield from tables(([_cell(cell) for cell in row] for row in cursor), place, header)
        except sqlite3.DatabaseError as error:
            yield Caveat(place, Reason.DAMAGED, type(error).__name__)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return ""
    return str(value)
